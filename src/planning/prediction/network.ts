import { addPackedScores, type PackedWeights } from "#src/planning/prediction/packed-weights.ts";
import type { SparseVector } from "#src/planning/prediction/vocabulary.ts";

// A network with one hidden layer that says two things of a request: which tool comes next in its chain, and which tools it needs at
// all. Both are read from the same hidden units, so that what is learned for one helps the other (Caruana, "Multitask learning", 1997).
//
// N1. Tools are their numbers; the number after the last of them is the end of the chain.
// N2. A committee is one network: the hidden units of its members side by side, what they say averaged.

export interface Network {
  readonly tools: number;
  /** From features to hidden units. */
  readonly hidden: PackedWeights;
  readonly hiddenBias: Float32Array;
  /** From hidden units to the next tool, or the end. */
  readonly next: PackedWeights;
  /** From what came before to the next tool, or the end. */
  readonly history: PackedWeights;
  /** From hidden units to each tool alone. */
  readonly alone: PackedWeights;
  readonly aloneBias: Float32Array;
}

export interface Said {
  /** What a request's words say of every tool, and of the end, wherever in the chain. */
  readonly next: Float32Array;
  /** By tool the logarithm of the odds that it is needed. */
  readonly alone: Float32Array;
}

export function saidOf(network: Network, vector: SparseVector): Said {
  const units = Float32Array.from(network.hiddenBias);
  addPackedScores(network.hidden, vector, units);
  const active = rectified(units);
  const next = new Float32Array(network.tools + 1);
  const alone = Float32Array.from(network.aloneBias);
  addPackedScores(network.next, active, next);
  addPackedScores(network.alone, active, alone);
  return { next, alone };
}

/** The units above zero; others say nothing. */
export function rectified(units: Float32Array): SparseVector {
  const indexes = Int32Array.from(units.keys()).filter((unit) => (units[unit] ?? 0) > 0);
  return { indexes, values: Float32Array.from(indexes, (unit) => units[unit] ?? 0) };
}
