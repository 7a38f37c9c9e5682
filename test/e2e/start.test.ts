import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { temporaryFolder, type TemporaryFolder } from "../store/folder.ts";
import { execute, planwright, ROOT, type Ran } from "./command.ts";

// `npm start`: from a plain sentence to its answer.

let base: TemporaryFolder;
let number = 0;

beforeAll(async () => {
  base = await temporaryFolder();
});

afterAll(() => base[Symbol.asyncDispose]());

const store = () => path.join(base.path, `store-${(number += 1)}`);

function start(...args: readonly string[]): Promise<Ran> {
  return execute(["npm", "start", "--silent", "--", ...args], { cwd: ROOT });
}

describe("npm start", () => {
  it("plans a sentence, shows the plan while it runs, and answers it on stdout alone", async () => {
    const place = store();
    const ran = await start("--store", place, "--plain");
    expect(ran.code, ran.stderr).toBe(0);
    expect(ran.stdout).toMatch(
      /^Folder docs: \d+ found: [\s\S]*\nWords: lines \d+, words \d+, characters \d+, bytes \d+\.\n$/,
    );
    expect(ran.stderr).toMatch(/^“list the folder docs and count the words in README\.md”\n/);
    expect(ran.stderr).toMatch(/plan revised to edition 2 \(\+fsList, \+fsRead, \+textCount\)[\s\S]*plan succeeded/);
    expect(ran.stderr).toMatch(/Where to go from here:[\s\S]*npx planwright history last[\s\S]*npm run examine/);
    const shown = await planwright(["show", "last", "--store", place], { cwd: ROOT });
    expect(shown.stdout).toMatch(/fs\.list[\s\S]*text\.count/);
  });

  it("takes another sentence, also one that begins with a dash, and values that go with it", async () => {
    const ran = await start("--store", store(), "--json", "--context", "text=one two three", "count", "the", "words");
    expect(ran.code, ran.stderr).toBe(0);
    const lines = ran.stdout.trim().split("\n");
    expect(JSON.parse(lines.at(-1) ?? "")).toMatchObject({
      kind: "result",
      response: expect.stringContaining("words 3"),
    });
    expect(ran.stderr).toBe("");
    const dashed = await start("--store", store(), "--plain", "--", "--plain is my sentence");
    expect(dashed.stderr).toMatch(/^“--plain is my sentence”\n[\s\S]*\nfailed request/);
  });

  it("says how to answer where it asks back and nobody sits there", async () => {
    const place = store();
    const ran = await start("--store", place, "--plain", "read a file");
    expect(ran.code).toBe(4);
    expect(ran.stderr).toMatch(/Which path\?[\s\S]*answer by: planwright answer \S+ TEXT/);
    const answered = await planwright(["answer", "last", "LICENSE", "--plain", "--store", place], { cwd: ROOT });
    expect(answered.code, answered.stderr).toBe(0);
    expect(answered.stdout).toContain("MIT");
  });

  it("refuses what no tool can do, with those that come nearest", async () => {
    const ran = await start("--store", store(), "--plain", "translate the Iliad into Klingon");
    expect(ran.code).toBe(1);
    expect(ran.stdout).toMatch(/no tool has anything to do with this[\s\S]*nearest: \w/);
  });

  it("leads on to the other commands", async () => {
    const ran = await start("--help");
    expect(ran.code).toBe(0);
    expect(ran.stdout).toMatch(/npx planwright resume[\s\S]*npx planwright history last[\s\S]*npx planwright --help/);
  });
});
