import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileGlob, MAX_ALTERNATIVES } from "#src/tools/builtin/glob-pattern.ts";

function matches(pattern: string, file: string, hidden = false): boolean {
  const glob = compileGlob([pattern], { hidden });
  let state = glob.start;
  let last = false;
  for (const name of file.split("/")) ({ matches: last, next: state } = glob.step(state, name));
  return last;
}

describe("a glob pattern", () => {
  it.each([
    ["*.ts", "a.ts", true],
    ["*.ts", "a.tsx", false],
    ["*.ts", "x/a.ts", false],
    ["**/a", "a", true],
    ["**/a", "x/y/a", true],
    ["a/**/b", "a/b", true],
    ["a/**/b", "a/x/y/b", true],
    ["a/**/b", "a/x/c", false],
    ["a/**", "a/x/y", true],
    ["a/**", "a", false],
    ["**/**/a", "x/a", true],
    ["?b", "äb", true],
    ["?b", "😀b", true],
    ["[a-c]x", "bx", true],
    ["[!a-c]x", "bx", false],
    ["[]]x", "]x", true],
    ["[a-]x", "-x", true],
    ["{a,b{c,d}}.x", "bd.x", true],
    ["{a,b{c,d}}.x", "b.x", false],
    ["a}b{c,d}", "a}bd", true],
    ["{,x}a", "a", true],
    ["\\*", "*", true],
    ["\\*", "a", false],
    ["\\{a,b}", "{a,b}", true],
    ["*", ".a", false],
    [".*", ".a", true],
    ["**/a", ".x/a", false],
  ])("%s on %s says %s", (pattern, file, expected) => {
    expect(matches(pattern, file)).toBe(expected);
  });

  it("matches names with a dot by wildcards where hidden ones are wanted", () => {
    expect(matches("**/*", ".x/.a", true)).toBe(true);
  });

  it("agrees with a plain reading of * as any run of characters", () => {
    const word = fc.stringMatching(/^[ab*]{1,8}$/);
    fc.assert(
      fc.property(word, fc.stringMatching(/^[ab]{1,10}$/), (pattern, name) => {
        fc.pre(!pattern.includes("**"));
        const expected = new RegExp(`^${pattern.replaceAll("*", ".*")}$`).test(name);
        expect(matches(pattern, name)).toBe(expected);
      }),
    );
  });

  it("takes no more than pattern times name where others explode", () => {
    expect(matches(`${"*a".repeat(100)}b`, "a".repeat(255))).toBe(false);
  });

  it("says which pattern has too many alternatives", () => {
    const pattern = "{a,b}".repeat(Math.log2(MAX_ALTERNATIVES) + 1);
    expect(() => compileGlob([pattern], { hidden: false })).toThrow(`more than ${MAX_ALTERNATIVES} alternatives`);
  });
});
