import type { TrainingProgress } from "#src/planning/prediction/committee.ts";
import { f1, linksOf } from "#src/planning/prediction/expected-f1.ts";
import { predicted, trainedStepwise, type Example } from "#src/planning/prediction/predictor.ts";

// How good a predictor is on requests that it has not learned from: each fifth of the examples is answered after training on the
// others (cross-validation), and all answers are scored together. What is trained on all of them is at least as good.

export interface ChainScore {
  /** F1 of the tools of a request, averaged over requests. */
  readonly nodeF1: number;
  /** The same of pairs of consecutive tools; one for two chains without any. */
  readonly linkF1: number;
  /** Share of the chains that are the known ones, tool by tool. */
  readonly exact: number;
}

export interface Answered {
  readonly known: readonly string[];
  readonly answer: readonly string[];
}

const FOLDS = 5;

/** Yields how far it is over all trainings. Undefined where there are fewer examples than folds. */
export function* estimated(examples: readonly Example[]): Generator<TrainingProgress, ChainScore | undefined> {
  if (examples.length < FOLDS) return undefined;
  const answered: Answered[] = [];
  for (let fold = 0; fold < FOLDS; fold += 1) {
    const training = trainedStepwise(examples.filter((_example, index) => index % FOLDS !== fold));
    let step = training.next();
    for (; step.done !== true; step = training.next()) {
      const { done, of } = step.value;
      yield { done: fold * of + done, of: FOLDS * of };
    }
    for (const [index, { request, chain }] of examples.entries())
      if (index % FOLDS === fold) answered.push({ known: chain, answer: predicted(step.value, request) });
  }
  return chainScore(answered);
}

export function chainScore(answered: readonly Answered[]): ChainScore {
  const mean = (of: (one: Answered) => number): number =>
    answered.reduce((sum, one) => sum + of(one), 0) / answered.length;
  return {
    nodeF1: mean(({ known, answer }) => f1(new Set(answer), new Set(known))),
    linkF1: mean(({ known, answer }) => f1(new Set(linksOf(answer)), new Set(linksOf(known)))),
    exact: mean(({ known, answer }) => (answer.join() === known.join() ? 1 : 0)),
  };
}
