import { describe, expect, it } from "vitest";
import { ChainChooser } from "#src/planning/prediction/chain-search.ts";
import { trainedCommittee } from "#src/planning/prediction/committee.ts";
import { saidOf, type Network } from "#src/planning/prediction/network.ts";
import type { SparseVector } from "#src/planning/prediction/vocabulary.ts";

const FIND = { indexes: Int32Array.of(0), values: Float32Array.of(1) };
const PAY = { indexes: Int32Array.of(1), values: Float32Array.of(1) };

function learned(): Network {
  const wholes = Array.from({ length: 20 }, () => [
    { vector: FIND, chain: [0, 1] },
    { vector: PAY, chain: [1, 2, 1] },
  ]).flat();
  const training = trainedCommittee({ wholes, parts: [{ vector: FIND, tool: 0 }], features: 2, tools: 3 });
  let step = training.next();
  while (step.done !== true) step = training.next();
  return step.value;
}

describe("a network that learned chains", () => {
  const network = learned();
  const chooser = (vector: SparseVector) => new ChainChooser(saidOf(network, vector).next, network.history);

  it("finds the chain of each request first, a tool twice where it is used twice", () => {
    expect(chooser(FIND).probable(5)[0]).toEqual([0, 1]);
    expect(chooser(PAY).probable(5)[0]).toEqual([1, 2, 1]);
  });

  it("says of each tool alone whether it is needed", () => {
    const { alone } = saidOf(network, FIND);
    expect([...alone].map((odds) => odds > 0)).toEqual([true, true, false]);
  });

  it("never finds an empty chain, and no chain twice", () => {
    const chains = chooser(FIND)
      .probable(50)
      .map((chain) => chain.join());
    expect(chains).not.toContain("");
    expect(new Set(chains).size).toBe(chains.length);
  });

  it("has probabilities of at most one, higher for what was seen", () => {
    const seen = chooser(FIND).logProbability([0, 1]);
    expect(seen).toBeLessThanOrEqual(0);
    expect(seen).toBeGreaterThan(chooser(FIND).logProbability([1, 0]));
  });
});
