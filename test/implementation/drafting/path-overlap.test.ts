import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fitsPatterns, escapedPattern } from "#src/implementation/drafting/file-patterns.ts";
import { OverlapIndex } from "#src/implementation/drafting/overlap-index.ts";
import { mayOverlap, shapeOf } from "#src/implementation/drafting/path-overlap.ts";

const overlap = (one: string, other: string) => mayOverlap(shapeOf(one), shapeOf(other));

/** Few names, so that patterns meet. */
const name = fc.constantFrom("a", "b", "ab", "a.ts", "b.ts", "Ä.ts", ".env");
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));

/** Patterns that a path fits, or nearly. */
function patternAround(wanted: string): fc.Arbitrary<string> {
  const parts = wanted.split("/").map((part) => {
    const first = part.slice(0, 1);
    const ways = [
      part,
      part,
      "*",
      "**",
      `${first}*`,
      `*${part.slice(-1)}`,
      `[${first}]${part.slice(1)}`,
      `{${part},zz}`,
    ];
    return fc.constantFrom(
      ...ways,
      `?${part.slice(1)}`,
      `[!z]${part.slice(1)}`,
      `\\${part}`,
      `**/${part}`,
      `{zz/y,${part}}`,
    );
  });
  return fc.tuple(...parts).map((written) => written.join("/"));
}

const around = path.chain((shared) => fc.tuple(patternAround(shared), patternAround(shared), fc.constant(shared)));
const pattern = path.chain(patternAround);

describe("the overlap of two patterns", () => {
  it("is never denied where one path fits both", () => {
    fc.assert(
      fc.property(around, ([one, other, shared]) => {
        fc.pre(fitsPatterns([one])(shared) && fitsPatterns([other])(shared));
        expect(overlap(one, other)).toBe(true);
        expect(overlap(other, one)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it("is never denied where a path that fits one lies below the other, which is a path", () => {
    fc.assert(
      fc.property(path, path, (folder, below) => {
        expect(overlap(folder, `${folder}/${below}`)).toBe(true);
        expect(overlap(`${folder}/**`, folder)).toBe(true);
        expect(overlap(`${folder}/*/${below}`, folder)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ["src/*.ts", "test/*.ts"],
    ["src/**/a.ts", "src/**/b.ts"],
    ["*.md", "*.ts"],
    ["README.md", "package.json"],
    ["src/{a,b}.ts", "src/{c,d}.ts"],
    ["a-*-z", "b-*"],
  ])("is denied for %s and %s", (one, other) => {
    expect(overlap(one, other)).toBe(false);
  });

  it.each([
    ["src/**", "src/a/b.ts"],
    ["src", "src/a.ts"],
    ["readme.md", "README.MD"],
    ["caf\u00e9.txt", "cafe\u0301.txt"],
    ["/absolute", "anything"],
    ["../outside", "anything"],
    ["{unclosed", "anything"],
  ])("is assumed for %s and %s", (one, other) => {
    expect(overlap(one, other)).toBe(true);
  });

  it("takes linear time for patterns that are made to be slow", () => {
    const slow = `${"*a".repeat(150)}b`;
    const began = performance.now();
    overlap(slow, `${"a*".repeat(150)}c`);
    overlap(`${"**/".repeat(300)}a`, `${"**/".repeat(300)}b`);
    expect(performance.now() - began).toBeLessThan(1_000);
  });
});

describe("an index of patterns", () => {
  it("finds the pairs that comparing all of them finds", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.oneof(pattern, path.map(escapedPattern)), { maxLength: 12 }), (patterns) => {
        const index = new OverlapIndex();
        for (const one of patterns) index.number(one);
        const pairs = index.overlaps();
        patterns.forEach((one, at) => {
          const expected = patterns.flatMap((other, to) => (at === to || overlap(one, other) ? [to] : []));
          expect([...new Set(pairs[at])].toSorted((a, b) => a - b)).toEqual(expected);
        });
      }),
      { numRuns: 500 },
    );
  });
});
