import { existsSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { temporaryFolder, type TemporaryFolder } from "../store/folder.ts";
import { execute, planwright, ROOT, type Ran } from "./command.ts";
import { makeExamined } from "./examined.ts";

// `npm run examine`: the example plan on real directories.

let base: TemporaryFolder;

beforeAll(async () => {
  base = await temporaryFolder();
});

afterAll(() => base[Symbol.asyncDispose]());

function examine(...args: readonly string[]): Promise<Ran> {
  return execute(["npm", "run", "examine", "--silent", "--", ...args], { cwd: ROOT });
}

describe("npm run examine", () => {
  it("examines a directory, writes a report, and its history shows the retry and the fallback", async () => {
    const examined = path.join(base.path, "examined");
    const store = path.join(base.path, "store");
    makeExamined(examined);
    const ran = await examine(examined, "--store", store, "--plain", "--report", "out/report.md");
    expect(ran.code, ran.stderr).toBe(0);
    expect(ran.stdout).toMatch(
      /^examined: 42 files with \d+ lines\. Commits: 1, authors: 1,\nreminders: 1, open tickets: 0\. The report is in out\/report\.md\.\n/,
    );
    const report = readFileSync(path.join(examined, "out/report.md"), "utf8");
    expect(report).toMatch(
      /^# examined\n[\s\S]*- \.ts: 40\n[\s\S]*- src\/file39\.ts: \d+ bytes\n[\s\S]*- notes\.md:3 /,
    );

    const history = await planwright(["history", "last", "--json", "--store", store], { cwd: ROOT });
    const { events } = JSON.parse(history.stdout) as {
      events: { type: string; data: { step?: string; next?: { kind: string } } }[];
    };
    const next = (step: string) =>
      events.filter(({ data }) => data.step === step && data.next !== undefined).map(({ data }) => data.next?.kind);
    expect(next("tickets")).toEqual(["retry", "fallback", "fallback"]);
    expect([...next("weights"), ...next("reminders")]).toContain("retry");
  });

  it("works in a directory that is no repository and has no package.json", async () => {
    const empty = path.join(base.path, "empty");
    mkdirSync(empty);
    const ran = await examine(empty, "--store", path.join(base.path, "empty-store"), "--plain");
    expect(ran.code, ran.stderr).toBe(0);
    expect(ran.stdout).toMatch(/^a directory without package\.json: 0 files/);
    expect(existsSync(path.join(empty, ".planwright", "report.md"))).toBe(true);
  });

  it("leads on to the other commands", async () => {
    const ran = await examine("--help");
    expect(ran.code).toBe(0);
    expect(ran.stdout).toMatch(
      /npx planwright history last --json[\s\S]*npx planwright resume[\s\S]*npx planwright --help/,
    );
  });
});
