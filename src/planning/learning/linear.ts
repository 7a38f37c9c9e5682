// A linear model over named features, learned a little with each example by AdaGrad (Duchi, Hazan & Singer, 2011). It begins at weights
// that are sensible without any example, and is held near them: the fewer examples, the less it departs.

export type Features = readonly (readonly [name: string, value: number])[];

export interface LinearModel {
  readonly prior: Readonly<Record<string, number>>;
  /** Of what examples have changed. */
  readonly weights: ReadonlyMap<string, number>;
}

export function scoreOf({ prior, weights }: LinearModel, features: Features): number {
  let sum = 0;
  for (const [name, value] of features) sum += value * (weights.get(name) ?? prior[name] ?? 0);
  return sum;
}

export function sigmoid(score: number): number {
  return 1 / (1 + Math.exp(-score));
}

const FIRST_SQUARE = 1;

export class LinearLearner implements LinearModel {
  readonly prior: Readonly<Record<string, number>>;
  readonly weights = new Map<string, number>();
  readonly #squares = new Map<string, number>();
  readonly #hold: number;

  /** `hold` is how strongly a weight is pulled back to where it began, in each step that touches it. */
  constructor(prior: Readonly<Record<string, number>>, hold: number) {
    this.prior = prior;
    this.#hold = hold;
  }

  /** One step against the error, which is the derivative of the loss by the score. */
  learn(features: Features, error: number, rate: number): void {
    for (const [name, value] of features) {
      const begun = this.prior[name] ?? 0;
      const weight = this.weights.get(name) ?? begun;
      const slope = error * value + this.#hold * (weight - begun);
      const square = (this.#squares.get(name) ?? FIRST_SQUARE) + slope * slope;
      this.#squares.set(name, square);
      this.weights.set(name, weight - (rate * slope) / Math.sqrt(square));
    }
  }
}
