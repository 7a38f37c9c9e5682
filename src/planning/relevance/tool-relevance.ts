import { LinearLearner, scoreOf, sigmoid, type Features, type LinearModel } from "#src/planning/learning/linear.ts";
import { inEpochs } from "#src/planning/prediction/epochs.ts";
import {
  askedAmong,
  type Asked,
  pastRequests,
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
  const around = { index, past };
  const asked = requests.map(({ request }, at) => askedAmong(around, request, at));
  const rows = asked.map((one) => featuresOf(around, one));
  const every = [...rows.keys()];
  const inner = Array.from({ length: INNER_FOLDS }, (_, fold) => {
    const others = every.filter((at) => at % INNER_FOLDS !== fold);
    return learned(PRIOR, past, { rows, of: others });
  });
  const second = rows.map((row, at) => {
    const unseen = inner[at % INNER_FOLDS];
    return unseen === undefined
      ? []
      : featuresTogether(
          around,
          row,
          row.map((features) => scoreOf(unseen, features)),
        );
  });
  const together = learned(PRIOR_TOGETHER, past, { rows: second, of: every });
  const likely = asked.map(({ alike }, at) => ({ probabilities: likelihoods(together, second[at] ?? []), alike }));
  const alone = learned(PRIOR, past, { rows, of: every });
  return { ...around, alone, together, sets: learnedSets(around, likely) };
}

/** `rows` has the features of each tool for each request, `of` the numbers of the requests that are learned from. */
function learned(
  prior: Readonly<Record<string, number>>,
  { tools }: PastRequests,
  { rows, of }: { readonly rows: readonly (readonly Features[])[]; readonly of: readonly number[] },
): LinearModel {
  const learner = new LinearLearner(prior, HOLD);
  inEpochs(of.length, EPOCHS, (place, rate) => {
    const at = of[place] ?? 0;
    for (const [tool, features] of (rows[at] ?? []).entries()) {
      const error = sigmoid(scoreOf(learner, features)) - (tools[at]?.has(tool) ? 1 : 0);
      learner.learn(features, error, rate);
    }
  });
  return learner;
}

function likelihoods(model: LinearModel, rows: readonly Features[]): readonly number[] {
  return rows.map((features) => sigmoid(scoreOf(model, features)));
}

/** A request held against a catalog. */
export interface HeldAgainst {
  /** Sets of tools that it may need, the best expected first; none where nothing has to do with it. */
  readonly sets: readonly ProbableSet[];
  /** By tool, how much speaks for it before anything was learned, so that it means the same for every catalog and past. */
  readonly scores: readonly number[];
}

const UNLEARNED: LinearModel = { prior: PRIOR, weights: new Map() };

export function heldAgainst(relevance: Relevance, request: string): HeldAgainst {
  const { probabilities, asked, rows } = likelyTools(relevance, request);
  return {
    sets: probableSets(relevance.sets, relevance, { probabilities, alike: asked.alike }),
    scores: rows.map((features) => scoreOf(UNLEARNED, features)),
  };
}

export function neededTools(relevance: Relevance, request: string): readonly ProbableSet[] {
  return heldAgainst(relevance, request).sets;
}

/** By tool, how likely the request needs it, the others considered. */
export function likelyTools(
  relevance: Relevance,
  request: string,
): { readonly probabilities: readonly number[]; readonly asked: Asked; readonly rows: readonly Features[] } {
  const asked = askedAmong(relevance, request);
  const rows = featuresOf(relevance, asked);
  const scores = rows.map((features) => scoreOf(relevance.alone, features));
  return { probabilities: likelihoods(relevance.together, featuresTogether(relevance, rows, scores)), asked, rows };
}
