import type { SparseVector } from "#src/planning/prediction/vocabulary.ts";

// Linear scores of many classes at once, and how they are learned: a row of weights for each feature, a column for each class.
// Steps are those of Adagrad (Duchi, Hazan & Singer, "Adaptive subgradient methods", 2011): rare features take large ones.
//
// W1. A class whose error is below NOTICED learns nothing: of hundreds of classes a request tells a few apart.

export interface Weights {
  readonly columns: number;
  /** Row by row. */
  readonly values: Float32Array;
}

/** Weights that are being learned, with the sums of their squared gradients. */
export interface Learner {
  readonly weights: Weights;
  readonly squares: Float32Array;
}

const NOTICED = 1e-3;

export interface LearnerSize {
  readonly rows: number;
  readonly columns: number;
  /** What the sums of squares begin with: small ones make large first steps. */
  readonly firstSquare: number;
}

/** Weights begin with zero, or with what is drawn. */
export function learnerOf({ rows, columns, firstSquare }: LearnerSize, draw?: () => number): Learner {
  const values = new Float32Array(rows * columns);
  if (draw) for (let at = 0; at < values.length; at += 1) values[at] = draw();
  return { weights: { columns, values }, squares: new Float32Array(rows * columns).fill(firstSquare) };
}

/** Adds the scores of a vector to those of the classes. */
export function addScores({ columns, values }: Weights, vector: SparseVector, scores: Float32Array): void {
  for (let at = 0; at < vector.indexes.length; at += 1) {
    const row = (vector.indexes[at] ?? 0) * columns;
    const scale = vector.values[at] ?? 0;
    for (let column = 0; column < columns; column += 1)
      scores[column] = (scores[column] ?? 0) + scale * (values[row + column] ?? 0);
  }
}

/** One step against the errors: predicted minus true, by class. */
export function learn(learner: Learner, vector: SparseVector, step: { errors: Float32Array; rate: number }): void {
  const { squares, weights } = learner;
  const noticed = noticedIn(step.errors);
  for (let at = 0; at < vector.indexes.length; at += 1) {
    const row = (vector.indexes[at] ?? 0) * weights.columns;
    const scale = vector.values[at] ?? 0;
    for (const column of noticed) {
      const gradient = scale * (step.errors[column] ?? 0);
      const square = (squares[row + column] ?? 0) + gradient * gradient;
      squares[row + column] = square;
      weights.values[row + column] = (weights.values[row + column] ?? 0) - (step.rate * gradient) / Math.sqrt(square);
    }
  }
}

/** By entry of a vector, what the errors of the classes are for it (backpropagation), added to what is there. */
export function addErrorsBelow(
  { columns, values }: Weights,
  vector: SparseVector,
  errors: { readonly above: Float32Array; readonly below: Float32Array },
): void {
  const { above, below } = errors;
  const noticed = noticedIn(above);
  for (let at = 0; at < vector.indexes.length; at += 1) {
    const row = (vector.indexes[at] ?? 0) * columns;
    let sum = 0;
    for (const column of noticed) sum += (values[row + column] ?? 0) * (above[column] ?? 0);
    below[at] = (below[at] ?? 0) + sum;
  }
}

function noticedIn(errors: Float32Array): Int32Array {
  const noticed = new Int32Array(errors.length);
  let count = 0;
  for (let column = 0; column < errors.length; column += 1)
    if (Math.abs(errors[column] ?? 0) > NOTICED) {
      noticed[count] = column;
      count += 1;
    }
  return noticed.subarray(0, count);
}

/** Scores become probabilities that sum up to one. */
export function softmax(scores: Float32Array): void {
  let most = -Infinity;
  for (const score of scores) most = Math.max(most, score);
  let sum = 0;
  for (let at = 0; at < scores.length; at += 1) {
    const share = Math.exp((scores[at] ?? 0) - most);
    scores[at] = share;
    sum += share;
  }
  for (let at = 0; at < scores.length; at += 1) scores[at] = (scores[at] ?? 0) / sum;
}
