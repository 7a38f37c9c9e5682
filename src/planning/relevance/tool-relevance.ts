import type { CatalogEntry } from "#src/planning/catalog/entry.ts";
import { LinearLearner, scoreOf, sigmoid, type Features, type LinearModel } from "#src/planning/learning/linear.ts";
import { inEpochs } from "#src/planning/prediction/epochs.ts";
import {
  alikeRequests,
  pastRequests,
  withoutNames,
  type Alike,
  type PastRequest,
  type PastRequests,
} from "#src/planning/relevance/past-requests.ts";
import type { RelevanceIndex } from "#src/planning/relevance/relevance-index.ts";
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
  for (const one of scores) second[one.at] = featuresTogether(index, past, one.scores);
  return { index, past, alone: learned(PRIOR, rows, all), together: learned(PRIOR_TOGETHER, second, all) };
}

export interface Relevant {
  readonly entry: CatalogEntry;
  readonly tool: number;
  readonly probability: number;
}

/** Every tool of the catalog, in its order, and the past requests that are most like this one. */
export function relevant(
  { index, past, alone, together }: Relevance,
  request: string,
): { readonly tools: readonly Relevant[]; readonly alike: readonly Alike[] } {
  const scores = featuresOf({ index, past }, request).map((features) => scoreOf(alone, features));
  const rows = featuresTogether(index, past, scores);
  const tools = index.entries.map((entry, tool) => ({
    entry,
    tool,
    probability: sigmoid(scoreOf(together, rows[tool] ?? [])),
  }));
  return { tools, alike: alikeRequests(past, withoutNames(index.described, request), -1).alike };
}
