import { execFileSync } from "node:child_process";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { assessment } from "#src/implementation/gaps/gap.ts";
import { planwright, ROOT } from "../e2e/command.ts";
import { temporaryFolder } from "../store/folder.ts";

describe("this project", async () => {
  const folder = await temporaryFolder();
  afterAll(() => folder[Symbol.asyncDispose]());
  const file = path.join(ROOT, ".config", "requirements.yaml");
  const bin = path.join(ROOT, "node_modules", ".bin");

  const assess = async (...options: readonly string[]) =>
    planwright(
      ["assess", ROOT, "--requirements", file, "--store", path.join(folder.path, "store"), "--json", ...options],
      {
        cwd: folder.path,
        env: { PATH: `${bin}${path.delimiter}${process.env["PATH"]}` },
      },
    );

  it("is what it asks of itself, and leaves the checkout as it is", { timeout: 300_000 }, async () => {
    const before = execFileSync("git", ["status", "--porcelain"], { cwd: ROOT, encoding: "utf8" });
    const ran = await assess();
    expect(ran.code, ran.stderr + ran.stdout).toBe(0);
    const { answers, gaps } = assessment.loose().parse(JSON.parse(ran.stdout));
    expect(answers.filter(({ verdict }) => verdict !== "met")).toEqual([]);
    expect(gaps).toEqual([]);
    expect(answers.length).toBeGreaterThanOrEqual(12);
    expect(execFileSync("git", ["status", "--porcelain"], { cwd: ROOT, encoding: "utf8" })).toBe(before);
  });
});
