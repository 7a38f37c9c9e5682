import type { SparseVector } from "#src/planning/prediction/vocabulary.ts";
import type { Weights } from "#src/planning/prediction/weights.ts";

// Weights that are learned no more, in a quarter of the space: a byte each, and a scale for each row. A weight is off by half a step
// at most, of 254 in a row; scores are sums of hundreds, where that is lost in the noise of learning.

export interface PackedWeights {
  readonly columns: number;
  /** Row by row, of [-127, 127]. */
  readonly values: Int8Array;
  /** What a value of one stands for, by row. */
  readonly scales: Float32Array;
}

const MOST = 127;

export function packed({ columns, values }: Weights): PackedWeights {
  const rows = columns > 0 ? values.length / columns : 0;
  const steps = new Int8Array(values.length);
  const scales = new Float32Array(rows);
  for (let row = 0; row < rows; row += 1) {
    const from = row * columns;
    let most = 0;
    for (let at = from; at < from + columns; at += 1) most = Math.max(most, Math.abs(values[at] ?? 0));
    if (most === 0) continue;
    scales[row] = most / MOST;
    for (let at = from; at < from + columns; at += 1) steps[at] = Math.round(((values[at] ?? 0) * MOST) / most);
  }
  return { columns, values: steps, scales };
}

/** Adds the scores of a vector to those of the classes. */
export function addPackedScores(weights: PackedWeights, vector: SparseVector, scores: Float32Array): void {
  const { columns, values, scales } = weights;
  for (let at = 0; at < vector.indexes.length; at += 1) {
    const index = vector.indexes[at] ?? 0;
    const row = index * columns;
    const scale = (vector.values[at] ?? 0) * (scales[index] ?? 0);
    if (scale === 0) continue;
    for (let column = 0; column < columns; column += 1)
      scores[column] = (scores[column] ?? 0) + scale * (values[row + column] ?? 0);
  }
}
