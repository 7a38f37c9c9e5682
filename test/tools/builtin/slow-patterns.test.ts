// Patterns over which a backtracking engine takes longer than the universe has lasted, everywhere that a plan may write one.
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import process from "node:process";
import { describe, expect, it } from "vitest";
import { compileTemplate } from "#machines/expressions/template.ts";
import { violationsOf } from "#machines/expressions/json-schema-check.ts";
import { fsGlob } from "#src/tools/builtin/fs-list.ts";
import { textReplace } from "#src/tools/builtin/text.ts";
import { outputOf, temporaryDirectory } from "../context.ts";

const EVIL: readonly (readonly [string, string])[] = [
  ["(a+)+$", "a"],
  ["(a|a)*$", "a"],
  ["(a|aa)+$", "a"],
  ["(.*a){20}$", "a"],
  ["([a-zA-Z]+)*$", "a"],
  ["(x+x+)+y", "x"],
  ["^(([a-z])+.)+[A-Z]([a-z])+$", "a"],
  ["(\\w+\\s?)*;", "a "],
  ["(a?){40}a{40}$", "a"],
];
const CHARS = 20_000;
/** Of this process, whatever else the machine does. All of them together take a few hundred. */
const MAX_CPU_MS = 5_000;

async function cpuMsOf(use: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await use();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

describe("a pattern that makes others backtrack", () => {
  it.each(EVIL)("%s costs time in proportion to the text", async (pattern, piece) => {
    const line = `${piece.repeat(CHARS / piece.length)}!`;
    const schema = { type: "string", pattern };
    expect(await cpuMsOf(() => violationsOf(schema, line))).toBeLessThan(MAX_CPU_MS);
    const compiled = compileTemplate(`\${inputs.line.matches(${JSON.stringify(pattern)})}`);
    expect(compiled.ok).toBe(true);
    const evaluate = () => compiled.ok && compiled.template.evaluate({ inputs: { line }, steps: () => null });
    expect(await cpuMsOf(evaluate)).toBeLessThan(MAX_CPU_MS);
    const replace = () => outputOf(textReplace, { text: line, pattern, replacement: "b" }).catch(String);
    expect(await cpuMsOf(replace)).toBeLessThan(MAX_CPU_MS);
  });

  it.each([`${"*a".repeat(40)}b`, `${"**/".repeat(30)}x`, `${"{a,aa}".repeat(12)}b`, `${"?*".repeat(40)}!`])(
    "of file names is none either: %s",
    async (pattern) => {
      const root = await temporaryDirectory();
      const deep = path.join(root, ...Array.from({ length: 20 }, () => "a"));
      await mkdir(deep, { recursive: true });
      await writeFile(path.join(deep, "a".repeat(200)), "");
      const glob = () => outputOf(fsGlob, { path: ".", pattern }, { root }).catch(String);
      expect(await cpuMsOf(glob)).toBeLessThan(MAX_CPU_MS);
    },
  );
});
