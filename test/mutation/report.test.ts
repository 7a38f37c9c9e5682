// What the command says about mutants, without making any.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { account, mutationOf } from "./explained.ts";
import { countsOf, figuresOf, isText, judged, scoreOf, type JudgedMutant } from "./figures.ts";
import { hashOf, keep, known, keyOf, type KnownFile, type TriedMutant } from "./kept.ts";
import { reportOf } from "./report.ts";
import { filesBelow, mutateOf } from "./slices.ts";

const SOURCE =
  'export const isSmall = (n: number) => n < 10;\nthrow new Error(`no ${n} is small`);\nconst code = "too-big";\n';
const FILE = "machines/small.ts";

const tried = (fields: Partial<TriedMutant>): TriedMutant => ({
  at: [1, 38, 1, 44],
  mutator: "EqualityOperator",
  replacement: "n <= 10",
  status: "Survived",
  ...fields,
});
const text = tried({ at: [2, 16, 2, 34], mutator: "StringLiteral", replacement: "``" });
const code = tried({ at: [3, 13, 3, 22], mutator: "StringLiteral", replacement: '""', status: "Killed" });
const endless = tried({ replacement: "true", mutator: "ConditionalExpression", status: "Timeout" });

const fileOf = (mutants: readonly TriedMutant[], untried = 0): KnownFile => ({
  tried: new Map(mutants.map((mutant) => [keyOf(mutant), mutant])),
  planned: new Map([
    ...mutants.map((mutant) => [keyOf(mutant), mutant] as const),
    ...Array.from(
      { length: untried },
      (_, index) => [`untried ${index}`, tried({ replacement: `n < ${index}` })] as const,
    ),
  ]),
});
const judgedOf = (...mutants: TriedMutant[]) => judged(FILE, fileOf(mutants), SOURCE);

describe("a mutant", () => {
  it("is named by what stood there and what stands there", () => {
    expect(judgedOf(tried({})).map(mutationOf)).toEqual(["n < 10 → n <= 10"]);
    const block = tried({ at: [1, 0, 2, 5], replacement: "{ \n }" });
    expect(judgedOf(block).map(mutationOf)).toEqual([`export const isSmall = (n: number) => n < 10; throw → { }`]);
  });

  it("of a sentence is not counted, one of a code is", () => {
    expect(judgedOf(text, code).map(isText)).toEqual([true, false]);
    expect(countsOf(judgedOf(tried({}), text, code, endless), 2)).toEqual({
      killed: 1,
      timeout: 1,
      survived: 1,
      noCoverage: 0,
      failed: 0,
      texts: 1,
      untried: 2,
    });
  });

  it("counts as noticed where a test fails or does not end", () => {
    expect(scoreOf(countsOf(judgedOf(tried({}), text, code, endless), 0))).toBeCloseTo(2 / 3);
    expect(scoreOf(countsOf([], 5))).toBeUndefined();
  });
});

describe("results that are kept", () => {
  const folder = () => {
    const path = mkdtempSync(join(tmpdir(), "mutants-"));
    onTestFinished(() => rmSync(path, { recursive: true }));
    return join(path, "results.jsonl");
  };

  it("hold for the text that their file had, the last word about a mutant first", () => {
    const file = folder();
    const line = { file: FILE, hash: hashOf(SOURCE) };
    keep(file, { ...line, planned: [tried({}), text] });
    keep(file, { ...line, tried: tried({}) });
    keep(file, { ...line, tried: tried({ status: "Killed" }) });
    keep(file, { file: FILE, hash: hashOf("of before"), tried: text });
    keep(file, { file: "machines/gone.ts", hash: hashOf(SOURCE), tried: text });
    const results = known(file, (path) => (path === FILE ? SOURCE : undefined));
    expect([...results.keys()]).toEqual([FILE]);
    expect([...(results.get(FILE)?.tried.values() ?? [])]).toEqual([tried({ status: "Killed" })]);
    expect(results.get(FILE)?.planned.size).toBe(2);
  });

  it("are read as far as they were written, and none is no result", () => {
    const file = folder();
    expect(known(file, () => SOURCE).size).toBe(0);
    writeFileSync(file, `${JSON.stringify({ file: FILE, hash: hashOf(SOURCE), tried: text })}\n{"file":"mach`);
    expect(known(file, () => SOURCE).get(FILE)?.tried.size).toBe(1);
  });
});

describe("a slice", () => {
  it("is of files, or of places in a file", () => {
    const parts = new Map([[FILE, [tried({}), endless, text]]]);
    expect(mutateOf({ folder: "machines", whole: ["machines/fold.ts"], parts })).toEqual([
      "machines/fold.ts",
      "machines/small.ts:1:38-1:44",
      "machines/small.ts:2:16-2:34",
    ]);
  });

  it("is found by its path, and what is not mutated is not found", () => {
    expect(filesBelow(["machines/fold.ts", "./events/"])).toEqual(
      expect.arrayContaining(["machines/fold.ts", "events/ids.ts"]),
    );
    expect(filesBelow(["machines/fold.ts"])).toEqual(["machines/fold.ts"]);
    expect(filesBelow(["machines/decide", "src/runtime"])).toBeUndefined();
  });
});

describe("an explanation", () => {
  const alive = judgedOf(tried({}), endless).filter(({ status }) => status === "Survived");
  const one = { why: "Ten is never asked for.", mutants: { [FILE]: ["n < 10 → n <= 10"] } };

  it("takes its survivors out of those that nobody looked at", () => {
    expect(account(alive, [one], new Set([FILE]))).toEqual({
      explained: [{ why: one.why, mutants: alive }],
      unexplained: [],
      gone: [],
    });
    expect(account(alive, [], new Set([FILE])).unexplained).toEqual(alive);
  });

  it("is named where its survivor is gone, not where its file was not tried", () => {
    expect(account([], [one], new Set([FILE])).gone).toEqual([`${FILE}: n < 10 → n <= 10`]);
    expect(account([], [one], new Set()).gone).toEqual([]);
  });
});

describe("the report", () => {
  const pageOf = (file: KnownFile, unknown: readonly string[] = []): string => {
    const figures = figuresOf([FILE, "machines/unseen.ts"], new Map([[FILE, file]]), () => SOURCE);
    const alive: readonly JudgedMutant[] = figures.flatMap((one) => one.alive);
    return reportOf({ command: "npm run mutation", figures, account: account(alive, [], new Set()), unknown });
  };

  it("gives the score by folder and by file, and says what lives", () => {
    const page = pageOf(fileOf([tried({}), text, code, endless]));
    expect(page).toContain("3 mutants, 2 killed: 66.7 %.\n");
    expect(page).toMatch(/\| `machines` +\| 66\.7 % \| +1 \| +1 \| +1 \| +0 \| +0 \| +1 \| +0 \|/);
    expect(page).toMatch(/\| `machines\/small\.ts` +\| 66\.7 % \|/);
    expect(page).toContain("- `machines/small.ts`: EqualityOperator 1");
    expect(pageOf(fileOf([code]))).toContain("Every survivor is explained.");
  });

  it("says what was not tried, and how to go on", () => {
    const page = pageOf(fileOf([code], 3), ["machines/unseen.ts"]);
    expect(page).toContain(
      "Not tried yet: 3 mutants of the files below, and 1 files (`machines`); `npm run mutation` goes on with them. What no test reaches",
    );
  });
});
