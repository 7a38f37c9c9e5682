// A linear model over rows of numbers that stand in a fixed order, and over words: each word has a weight for each of some columns. What
// linear.ts does by names, for the many rows that a catalog of tools has: learned by AdaGrad (Duchi, Hazan & Singer, 2011), begun at
// weights that are sensible without any example, and held near them. Words begin at nothing.

export interface Row {
  readonly values: Float64Array;
  /** Numbers of its words. */
  readonly words: Int32Array;
  /** Of the words' weights; undefined where words say nothing about it. */
  readonly column: number | undefined;
}

export interface RowModel {
  readonly weights: Float64Array;
  readonly columns: number;
  /** By word, one weight a column. */
  readonly words: Float64Array;
}

export interface WordTable {
  readonly words: number;
  readonly columns: number;
}

export function unlearned(begun: readonly number[]): RowModel {
  return { weights: Float64Array.from(begun), columns: 0, words: new Float64Array(0) };
}

const FIRST_SQUARE = 1;

export class RowLearner implements RowModel {
  readonly weights: Float64Array;
  readonly columns: number;
  readonly words: Float64Array;
  readonly #begun: Float64Array;
  readonly #squares: Float64Array;
  readonly #wordSquares: Float64Array;
  readonly #hold: number;

  /** `hold` is how strongly a weight is pulled back to where it began, in each step that touches it. */
  constructor(begun: readonly number[], { words, columns }: WordTable, hold: number) {
    this.#begun = Float64Array.from(begun);
    this.weights = Float64Array.from(begun);
    this.#squares = new Float64Array(begun.length).fill(FIRST_SQUARE);
    this.columns = columns;
    this.words = new Float64Array(words * columns);
    this.#wordSquares = new Float64Array(words * columns).fill(FIRST_SQUARE);
    this.#hold = hold;
  }

  /** One step against the error, which is the derivative of the loss by the score. */
  learn({ values, words, column }: Row, error: number, rate: number): void {
    for (let at = 0; at < values.length; at += 1) {
      const value = values[at] ?? 0;
      if (value === 0) continue;
      const weight = this.weights[at] ?? 0;
      const slope = error * value + this.#hold * (weight - (this.#begun[at] ?? 0));
      const square = (this.#squares[at] ?? 0) + slope * slope;
      this.#squares[at] = square;
      this.weights[at] = weight - (rate * slope) / Math.sqrt(square);
    }
    if (column !== undefined) for (const word of words) this.#learnWord(word * this.columns + column, error, rate);
  }

  #learnWord(at: number, error: number, rate: number): void {
    const weight = this.words[at] ?? 0;
    const slope = error + this.#hold * weight;
    const square = (this.#wordSquares[at] ?? 0) + slope * slope;
    this.#wordSquares[at] = square;
    this.words[at] = weight - (rate * slope) / Math.sqrt(square);
  }
}

export function rowScore(model: RowModel, { values, words, column }: Row): number {
  let sum = valuesScore(model, values, 0);
  if (column !== undefined) for (const word of words) sum += model.words[word * model.columns + column] ?? 0;
  return sum;
}

/** Of the values alone; they begin at a place of a longer array. */
export function valuesScore({ weights }: RowModel, values: Float64Array, from: number): number {
  let sum = 0;
  for (let at = 0; at < weights.length; at += 1) sum += (values[from + at] ?? 0) * (weights[at] ?? 0);
  return sum;
}

/** By column, what words say. */
export function wordScores({ words: weights, columns }: RowModel, words: Int32Array): Float64Array {
  const sums = new Float64Array(columns);
  for (const word of words) {
    const from = word * columns;
    for (let column = 0; column < columns; column += 1)
      sums[column] = (sums[column] ?? 0) + (weights[from + column] ?? 0);
  }
  return sums;
}
