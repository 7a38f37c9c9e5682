import type { SparseVector } from "#src/planning/prediction/vocabulary.ts";

// What came before in a chain, as features of what comes next: the last tool, the one before it, all of them, and how many.
// The number after the last tool is the end of a chain, and what stands before its beginning.

/** Longest chain that is learned from or thought of. */
export const MAX_CHAIN = 8;
const BEFORE_LAST = 0.6;
const ALWAYS = 0.3;

export function historyRows(tools: number): number {
  return 3 * (tools + 1) + MAX_CHAIN + 2;
}

export function historyOf(tools: number, before: readonly number[]): SparseVector {
  const columns = tools + 1;
  const lengths = 3 * columns;
  const used = [...new Set(before)];
  return {
    indexes: Int32Array.of(
      before.at(-1) ?? tools,
      columns + (before.at(-2) ?? tools),
      lengths + Math.min(before.length, MAX_CHAIN),
      lengths + MAX_CHAIN + 1,
      ...used.map((tool) => 2 * columns + tool),
    ),
    values: Float32Array.of(1, BEFORE_LAST, 1, ALWAYS, ...used.map(() => 1)),
  };
}
