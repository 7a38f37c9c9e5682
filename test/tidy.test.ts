// The style guide as a test. Each rule is shown a planted offence first, so that a rule which sees nothing fails too.
import { describe, expect, it } from "vitest";
import { assertionProblems, escapeProblems } from "./tidy/assertions.ts";
import { commentProblems, headerProblems } from "./tidy/comments.ts";
import { exportProblems, medianLines, nameProblems, sizeProblems } from "./tidy/shape.ts";
import { listFiles, listSources, parse, readText, ROOT } from "./tidy/tree.ts";
import { TRUSTED } from "./tidy/trusted.ts";

const MAX_MEDIAN_LINES = 120;
const SHORTEST_TELLING_ROOT = 6;
const LONG_BODY = "export const line = 1;\n".repeat(50);

const files = listFiles();
const sources = listSources();
const shipped = sources.filter(({ path }) => /^(?:events|machines|projections|src)\//.test(path));
const written = sources.filter(({ path }) => !path.startsWith("test/"));
const unconfigured = sources.filter(({ path }) => !path.startsWith(".config/"));

const planted = (text: string) => parse("src/planted.ts", text);

describe("the tree", () => {
  it("is found", () => {
    expect(sources.map(({ path }) => path)).toContain("test/tidy.test.ts");
    expect(shipped.length).toBeGreaterThan(0);
  });

  it("names no place of the machine that it lies on", () => {
    const here = ROOT.replace(/\/$/, "");
    const telling = here.length < SHORTEST_TELLING_ROOT ? [] : files.filter((file) => readText(file).includes(here));
    expect(telling).toEqual([]);
  });

  it("locks packages by their hashes, whichever registry gives them", () => {
    // Each machine asks the registry that it is set up with; the lock file's hashes say whether the answer is right.
    expect(readText("package-lock.json")).not.toContain('"resolved"');
  });
});

describe("a file", () => {
  it(`has at most ${MAX_MEDIAN_LINES} lines in the median`, () => {
    expect(medianLines(["1", "1\n2", "1\n2\n3\n"].map(planted))).toBe(2);
    expect(medianLines(shipped)).toBeLessThanOrEqual(MAX_MEDIAN_LINES);
    expect(medianLines(sources)).toBeLessThanOrEqual(MAX_MEDIAN_LINES);
  });

  it("has at most 300 lines of code", () => {
    expect(sizeProblems(planted("// free\n\nexport const a = `\n`;\n".repeat(151)))).toHaveLength(1);
    expect(sizeProblems(planted("// free\n\nexport const a = `\n`;\n".repeat(150)))).toEqual([]);
    expect(sources.flatMap(sizeProblems)).toEqual([]);
  });

  it("is named after a noun of the domain", () => {
    const shapeless = ["src/utils.ts", "src/helpers/a.ts", "src/types.ts", "src/common.ts", "src/plan-manager.ts"];
    expect(shapeless.flatMap(nameProblems)).toHaveLength(shapeless.length);
    expect(["src/tools/prototype.ts", "machines/operator-types.ts"].flatMap(nameProblems)).toEqual([]);
    expect(files.flatMap(nameProblems)).toEqual([]);
  });

  it("exports names, and only a door passes on those of others", () => {
    for (const offence of [
      "export default 1;",
      "export default class A {}",
      "const a = 1; export { a as default };",
      'export { a } from "./a.ts";',
      'export const b = 1; export * from "./a.ts";',
    ]) {
      expect(exportProblems(planted(offence)), offence).toHaveLength(1);
    }
    expect(exportProblems(parse("src/index.ts", 'export * from "./a.ts";'))).toEqual([]);
    expect(unconfigured.flatMap(exportProblems)).toEqual([]);
  });
});

describe("a comment", () => {
  it("opens every long module with two to eight lines", () => {
    expect(headerProblems(planted(LONG_BODY))).toHaveLength(1);
    expect(headerProblems(planted(`// one line\n${LONG_BODY}`))).toHaveLength(1);
    expect(headerProblems(planted(`${"// nine lines\n".repeat(9)}${LONG_BODY}`))).toHaveLength(1);
    expect(headerProblems(planted(`import a from "a";\n/** About\n * line. */\n${LONG_BODY}`))).toHaveLength(1);
    expect(headerProblems(planted(`import a from "a";\n\n// What it is\n//\n// and why.\n\n${LONG_BODY}`))).toEqual([]);
    expect(headerProblems(planted(`/* What it is\n * and why. */\n${LONG_BODY}`))).toEqual([]);
    expect(written.flatMap(headerProblems)).toEqual([]);
  });

  it("leaves nothing for later and holds no code", () => {
    for (const offence of [
      "// TO".concat("DO later"),
      "// const a = 1;",
      "call(); // return a;",
      "// if (a) {\n//   b();\n// }",
    ]) {
      expect(commentProblems(planted(`export const x = 1;\n${offence}\n`)), offence).not.toEqual([]);
    }
    expect(
      commentProblems(planted("/** `const a = 1;` is code.\n * ```\n * const a = 1;\n */\n// Return early.")),
    ).toEqual([]);
    expect(sources.flatMap(commentProblems)).toEqual([]);
  });
});

describe("the compiler", () => {
  it("is told to believe a type only at borders that are listed", () => {
    const two = 'const a = x as string; const b = y as unknown as "b";';
    expect(assertionProblems(planted(two), {})).toHaveLength(1);
    expect(assertionProblems(planted(two), { "src/planted.ts": { count: 3, reason: "border" } })).toEqual([]);
    expect(assertionProblems(planted(two), { "src/planted.ts": { count: 4, reason: "border" } })).toHaveLength(1);
    const free = "[1] as const; setup({ types: { context: {} as C, tags: '' as 'x' } }); JSON.parse(a) as Json;";
    expect(assertionProblems(planted(free), {})).toEqual([]);
    expect(written.flatMap((source) => assertionProblems(source, TRUSTED))).toEqual([]);
    expect(Object.keys(TRUSTED).filter((file) => !files.includes(file))).toEqual([]);
  });

  it("is never silenced", () => {
    expect(escapeProblems(planted("const a: any = b!;"))).toHaveLength(2);
    expect(escapeProblems(planted('const any = "any"; // any!'))).toEqual([]);
    expect(written.flatMap(escapeProblems)).toEqual([]);
  });
});
