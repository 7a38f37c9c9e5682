import { describe, expect, it } from "vitest";
import { indexOf, nearest } from "#src/planning/prediction/neighbours.ts";

const at = (...entries: readonly (readonly [number, number])[]) => ({
  indexes: Int32Array.from(entries, ([index]) => index),
  values: Float32Array.from(entries, ([, value]) => value),
});

describe("the nearest texts", () => {
  const index = indexOf([at([0, 1]), at([0, 0.6], [2, 0.8]), at(), at([2, 1]), at([0, 1])], 3);

  it("come first, the earlier of two that are as near, and foreign ones not at all", () => {
    const found = nearest(index, at([0, 1]), 10);
    expect(found.map(({ text }) => text)).toEqual([0, 4, 1]);
    expect(found[2]?.similarity).toBeCloseTo(0.6, 4);
  });

  it("are no more than are asked for", () => {
    expect(nearest(index, at([0, 1]), 2).map(({ text }) => text)).toEqual([0, 4]);
    expect(nearest(index, at([0, 0.5], [2, 0.5]), 1).map(({ text }) => text)).toEqual([1]);
  });

  it("are none of an empty index, and of an empty text", () => {
    expect(nearest(indexOf([], 3), at([0, 1]), 5)).toEqual([]);
    expect(nearest(index, at(), 5)).toEqual([]);
  });
});
