import { describe, expect, it } from "vitest";
import { logProbability, probableChains, scoresOf, trainedChains } from "#src/planning/prediction/chain-model.ts";

const FIND = { indexes: Int32Array.of(0), values: Float32Array.of(1) };
const PAY = { indexes: Int32Array.of(1), values: Float32Array.of(1) };

describe("a model of chains", () => {
  const examples = Array.from({ length: 20 }, () => [
    { vector: FIND, chain: [0, 1] },
    { vector: PAY, chain: [1, 2, 1] },
  ]).flat();
  const model = trainedChains(examples, { words: 2, tools: 3 });

  it("finds the chain of each request first, a tool twice where it is used twice", () => {
    expect(probableChains(model, scoresOf(model, FIND), 5)[0]).toEqual([0, 1]);
    expect(probableChains(model, scoresOf(model, PAY), 5)[0]).toEqual([1, 2, 1]);
  });

  it("never finds an empty chain, and no chain twice", () => {
    const chains = probableChains(model, scoresOf(model, FIND), 50).map((chain) => chain.join());
    expect(chains).not.toContain("");
    expect(new Set(chains).size).toBe(chains.length);
  });

  it("has probabilities of at most one, higher for what was seen", () => {
    const words = scoresOf(model, FIND);
    const seen = logProbability(model, words, [0, 1]);
    expect(seen).toBeLessThanOrEqual(0);
    expect(seen).toBeGreaterThan(logProbability(model, words, [1, 0]));
  });
});
