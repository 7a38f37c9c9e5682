import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { indexOfPart, lastIndexOfPart, splitAtPart } from "#machines/expressions/functions/text-search.ts";
import { compileTemplate } from "#machines/expressions/template.ts";

const few = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 60, size: "max" });

describe("a search in a text", () => {
  it("finds what the engine finds", () => {
    let runs = 0;
    let found = 0;
    fc.assert(
      fc.property(few, few, few, (text, part, rest) => {
        const whole = text + part + rest;
        runs++;
        if (part.length > 16) found++;
        for (const one of [whole, rest]) {
          expect(indexOfPart(one, part)).toBe(one.indexOf(part));
          expect(lastIndexOfPart(one, part)).toBe(one.lastIndexOf(part));
          if (part === "") continue;
          for (const most of [1, 2, 1_000]) expect(splitAtPart(one, part, most)).toEqual(one.split(part, most));
          expect(splitAtPart(one + part + part, part, 1_000)).toEqual((one + part + part).split(part));
        }
      }),
      { numRuns: 500 },
    );
    expect(found).toBeGreaterThan(runs / 10);
  });

  it.each([
    "aaaaaaaaaaaaaaaaa",
    "aaaaaaaaaaaaaaaab",
    "aaaaaaabaaaaaaaaa",
    "baaaaaaaaaaaaaaaa",
    "abababababababababab",
    "aabaabaaabaabaaabaab",
    "abaababaabaababaababa",
    "abcabcabcabcabcabcabd",
  ])("finds %s where it begins again within itself, at every place", (part) => {
    const begun = Array.from(part, (_, count) => part.slice(0, count));
    const texts = begun.flatMap((start) => [start, start + part, `${start}b${part}b${part}${start}`]);
    for (const text of texts) {
      expect(indexOfPart(text, part), text).toBe(text.indexOf(part));
      expect(lastIndexOfPart(text, part), text).toBe(text.lastIndexOf(part));
      for (const most of [1, 2, 9]) expect(splitAtPart(text, part, most), text).toEqual(text.split(part, most));
    }
  });

  it("takes no longer than its text and part are long, and an expression pays for it", () => {
    const a = "a".repeat(100_000);
    const before = process.cpuUsage();
    expect(indexOfPart(a + a + a + a, `${a}b${a}`)).toBe(-1);
    expect(lastIndexOfPart(a + a + a + a, `${a}b${a}`)).toBe(-1);
    expect(splitAtPart(a + a + a + a, `${a}b${a}`, 10)).toEqual([a + a + a + a]);
    expect(splitAtPart(`${a}b${a}`.repeat(4), `${a}b${a}`, 10)).toEqual(["", "", "", "", ""]);
    const compiled = compileTemplate("${inputs.xs.filter(n, n > inputs.s.indexOf(inputs.s))}");
    const xs = Array.from({ length: 20_000 }, (_, index) => index);
    const outcome = compiled.ok
      ? compiled.template.evaluate({ inputs: { s: a, xs }, steps: () => null, variables: {} })
      : undefined;
    expect(outcome).toMatchObject({ ok: false, error: { code: "limit-exceeded" } });
    // The engine's own search takes four times as long and more for one of these alone.
    expect(process.cpuUsage(before).user / 1_000).toBeLessThan(1_500);
  });
});
