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

/** How probable each of several choices is: a conditional logit (McFadden, 1974) over what speaks for each. They sum up to one. */
export function sharesOf(model: LinearModel, choices: readonly Features[]): readonly number[] {
  return softmax(choices.map((features) => scoreOf(model, features)));
}

export function softmax(scores: readonly number[]): readonly number[] {
  const most = Math.max(...scores);
  const weights = scores.map((score) => Math.exp(score - most));
  const sum = weights.reduce((one, other) => one + other, 0);
  return weights.map((weight) => weight / sum);
}

export interface Lesson {
  readonly choices: readonly Features[];
  /** Indexes of those that would all have been right; at least one. */
  readonly right: ReadonlySet<number>;
}

/** What is learned from less would not be seen. */
const LEAST_ERROR = 1e-3;

/** Which of the right ones is taken is left open: they keep their shares among one another. */
export function learnChoice(learner: LinearLearner, { choices, right }: Lesson, rate: number): void {
  const shares = sharesOf(learner, choices);
  const sum = [...right].reduce((one, index) => one + (shares[index] ?? 0), 0);
  for (const [index, features] of choices.entries()) {
    const share = shares[index] ?? 0;
    const wanted = sum > 0 ? share / sum : 1 / right.size;
    const error = share - (right.has(index) ? wanted : 0);
    if (Math.abs(error) > LEAST_ERROR) learner.learn(features, error, rate);
  }
}
