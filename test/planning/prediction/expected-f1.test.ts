import { describe, expect, it } from "vitest";
import { bestExpected, f1 } from "#src/planning/prediction/expected-f1.ts";

describe("F1 of two sets", () => {
  it.each([
    [[], [], 1],
    [[1], [], 0],
    [[1, 2], [1, 2], 1],
    [[1, 2], [2, 3], 0.5],
    [[1], [1, 2, 3], 0.5],
  ])("of %j and %j", (one, other, value) => {
    expect(f1(new Set(one), new Set(other))).toBe(value);
  });
});

describe("the best expected chain", () => {
  it("is what most of the others share, not the most probable one", () => {
    const candidates = [
      { chain: [7, 8], probability: 0.4 },
      { chain: [1, 2], probability: 0.3 },
      { chain: [1, 2, 3], probability: 0.3 },
    ];
    expect(bestExpected(candidates)).toEqual([1, 2]);
  });

  it("has the more probable order", () => {
    const candidates = [
      { chain: [1, 2], probability: 0.4 },
      { chain: [2, 1], probability: 0.6 },
    ];
    expect(bestExpected(candidates)).toEqual([2, 1]);
  });

  it("is empty where there is no candidate", () => {
    expect(bestExpected([])).toEqual([]);
  });
});
