import { LinearLearner, scoreOf, sigmoid, type Features, type LinearModel } from "#src/planning/learning/linear.ts";
import { inEpochs } from "#src/planning/prediction/epochs.ts";
import {
  alikeRequests,
  pastRequests,
  withoutNames,
  type PastRequest,
  type PastRequests,
} from "#src/planning/relevance/past-requests.ts";
import type { RelevanceIndex } from "#src/planning/relevance/relevance-index.ts";
import { learnedSets, probableSets, type ProbableSet } from "#src/planning/relevance/tool-sets.ts";
import { featuresOf, featuresTogether, PRIOR, PRIOR_TOGETHER } from "#src/planning/relevance/tool-features.ts";

// How likely a request needs each tool of a catalog: two logistic regressions, one of each tool alone, and one that knows what the first
// says of the others (stacking: Wolpert, 1992; its examples come from models that have not seen them).
//
// R1. Without any past request it works by descriptions; each past request moves the weights a little.
// R2. Nothing is learned about a tool but by name: a tool that is new in the catalog is judged by what all tools have in common.

export interface Relevance {
  readonly index: RelevanceIndex;
  readonly past: PastRequests;
  readonly alone: LinearModel;
  readonly together: LinearModel;
  readonly sets: LinearModel;
}

const HOLD = 0.001;
const EPOCHS = { epochs: 20, rate: 0.3 };
const INNER_FOLDS = 8;

export function learnedRelevance(index: RelevanceIndex, requests: readonly PastRequest[]): Relevance {
  const past = pastRequests(index, requests);
  const rows = requests.map(({ request }, at) => featuresOf({ index, past }, request, at));
  const learned = (
    prior: Readonly<Record<string, number>>,
    of: readonly (readonly Features[])[],
    numbers: readonly number[],
  ): LinearModel => {
    const learner = new LinearLearner(prior, HOLD);
    inEpochs(numbers.length, EPOCHS, (place, rate) => {
      const at = numbers[place] ?? 0;
      for (const [tool, features] of (of[at] ?? []).entries()) {
        const error = sigmoid(scoreOf(learner, features)) - (past.tools[at]?.has(tool) ? 1 : 0);
        learner.learn(features, error, rate);
      }
    });
    return learner;
  };
  const all = [...requests.keys()];
  const unseen = rows.map((row, at) => ({ row, at, fold: at % INNER_FOLDS }));
  const scores = Array.from({ length: INNER_FOLDS }, (_, fold) => {
    const model = learned(
      PRIOR,
      rows,
      all.filter((at) => at % INNER_FOLDS !== fold),
    );
    return unseen
      .filter((one) => one.fold === fold)
      .map(({ row, at }) => ({ at, scores: row.map((features) => scoreOf(model, features)) }));
  }).flat();
  const second: (readonly Features[])[] = [];
  for (const one of scores) second[one.at] = featuresTogether({ index, past }, rows[one.at] ?? [], one.scores);
  const together = learned(PRIOR_TOGETHER, second, all);
  const likely = requests.map(({ request }, at) => ({
    probabilities: (second[at] ?? []).map((features) => sigmoid(scoreOf(together, features))),
    alike: alikeRequests(past, withoutNames(index.described, request), at).alike,
  }));
  return { index, past, alone: learned(PRIOR, rows, all), together, sets: learnedSets({ index, past }, likely) };
}

/** Sets of tools that a request may need, the best expected first; none where nothing has to do with it. */
export function neededTools(
  { index, past, alone, together, sets }: Relevance,
  request: string,
): readonly ProbableSet[] {
  const first = featuresOf({ index, past }, request);
  const scores = first.map((features) => scoreOf(alone, features));
  const rows = featuresTogether({ index, past }, first, scores);
  return probableSets(
    sets,
    { index, past },
    {
      probabilities: rows.map((features) => sigmoid(scoreOf(together, features))),
      alike: alikeRequests(past, withoutNames(index.described, request), -1).alike,
    },
  );
}
