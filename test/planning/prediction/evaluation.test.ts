import { describe, expect, it } from "vitest";
import { chainScore, estimated } from "#src/planning/prediction/evaluation.ts";
import { EXAMPLES } from "./rooms.ts";

describe("an estimate", () => {
  it("is of requests that were not learned from, and says how far it is", () => {
    const work = estimated(EXAMPLES);
    const told: number[] = [];
    let step = work.next();
    for (; step.done !== true; step = work.next()) told.push(step.value.done / step.value.of);
    expect(step.value?.nodeF1).toBeGreaterThan(0.8);
    expect(told).toEqual(told.toSorted((one, other) => one - other));
    expect(told.at(-1)).toBeLessThanOrEqual(1);
  });

  it("is none of fewer examples than folds", () => {
    expect(estimated(EXAMPLES.slice(0, 4)).next()).toEqual({ done: true, value: undefined });
  });
});

describe("the score of chains", () => {
  it("is the mean of their requests", () => {
    const answered = [
      { known: ["a", "b"], answer: ["a", "b"] },
      { known: ["a", "b"], answer: ["b", "a"] },
      { known: ["a"], answer: ["b"] },
    ];
    const { nodeF1, linkF1, exact } = chainScore(answered);
    expect([nodeF1, linkF1, exact]).toEqual([2 / 3, 2 / 3, 1 / 3]);
  });
});
