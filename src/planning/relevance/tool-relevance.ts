import { sigmoid, type LinearModel } from "#src/planning/learning/linear.ts";
import {
  RowLearner,
  rowScore,
  unlearned,
  valuesScore,
  wordScores,
  type Row,
  type RowModel,
} from "#src/planning/learning/rows.ts";
import { inEpochs } from "#src/planning/prediction/epochs.ts";
import {
  askedAmong,
  pastRequests,
  type Asked,
  type PastRequest,
  type PastRequests,
} from "#src/planning/relevance/past-requests.ts";
import type { RelevanceIndex } from "#src/planning/relevance/relevance-index.ts";
import { companyOf, PRIOR_TOGETHER } from "#src/planning/relevance/tool-company.ts";
import { FEATURES, featuresOf, PRIOR_ALONE } from "#src/planning/relevance/tool-features.ts";
import { learnedSets, probableSets, type ProbableSet } from "#src/planning/relevance/tool-sets.ts";

// How likely a request needs each tool of a catalog: two logistic regressions, one of each tool alone, and one that knows what the first
// says of the others (stacking: Wolpert, 1992; its examples come from models that have not seen them).
//
// R1. Without any past request it works by descriptions; each past request moves the weights a little.
// R2. Nothing is learned about a tool but by name: a tool that is new in the catalog is judged by what all tools have in common.
// R3. What is learned from is bounded, so that a long past of a large catalog is learned in less than a second: of each request the
//     tools that have most to do with it, and so many requests in all epochs together.

export interface Relevance {
  readonly index: RelevanceIndex;
  readonly past: PastRequests;
  readonly alone: RowModel;
  readonly together: RowModel;
  readonly sets: LinearModel;
}

const HOLD = 0.001;
const RATE = 0.3;
const MAX_EPOCHS = 20;
/** R3, in requests that are looked at. */
const MAX_VISITS = 2_000;
const INNER_FOLDS = 8;
/** R3, the last requests: all of them are held against a new one, and these move the weights. */
const MAX_LEARNED = 200;
/** R3, of a request; those that it needed are always among them. */
const LEARNED_TOOLS = 64;

/** A past request with what there is to learn of it. */
interface Example {
  readonly asked: Asked;
  /** Of all tools of the catalog. */
  readonly rows: Float64Array;
  /** Those that are learned from. */
  readonly tools: readonly number[];
  readonly needed: readonly boolean[];
  /** Of each of these. */
  readonly alone: readonly Row[];
}

export function learnedRelevance(index: RelevanceIndex, requests: readonly PastRequest[]): Relevance {
  const past = pastRequests(index, requests);
  const around = { index, past };
  const older = Math.max(0, requests.length - MAX_LEARNED);
  const examples = requests.slice(older).map(({ request }, at) => exampleOf(around, request, older + at));
  const byWords = { words: past.words.numbers.size, columns: past.words.count };
  const alone = (of: readonly Example[]): RowModel =>
    learned(new RowLearner(PRIOR_ALONE, byWords, HOLD), of, ({ alone: rows }) => rows);
  const company = besideOthers(around, examples, alone);
  const second = new Map(examples.map((one, at) => [one, one.tools.map((tool) => companyRow(company[at]?.(tool)))]));
  const together = learned(new RowLearner(PRIOR_TOGETHER, NO_WORDS, HOLD), examples, (one) => second.get(one) ?? []);
  const likely = examples.map(({ asked: { alike } }, at) => ({
    probabilities: index.entries.map((_entry, tool) => sigmoid(rowScore(together, companyRow(company[at]?.(tool))))),
    alike,
  }));
  return { ...around, alone: alone(examples), together, sets: learnedSets(around, likely, older) };
}

const NO_WORDS = { words: 0, columns: 0 };
const NONE = new Int32Array(0);

function exampleOf(around: Pick<Relevance, "index" | "past">, request: string, at: number): Example {
  const { index, past } = around;
  const asked = askedAmong(around, request, at);
  const rows = featuresOf(around, asked);
  const needed = past.tools[at] ?? new Set();
  const tools = learnedTools(index.entries.length, rows, needed);
  return {
    ...{ asked, rows, tools },
    needed: tools.map((tool) => needed.has(tool)),
    alone: tools.map((tool) => ({
      values: rows.slice(tool * FEATURES, (tool + 1) * FEATURES),
      words: asked.words,
      column: past.words.columns[tool],
    })),
  };
}

/** R3. */
function learnedTools(count: number, rows: Float64Array, needed: ReadonlySet<number>): readonly number[] {
  const every = Array.from({ length: count }, (_, tool) => tool);
  if (count <= LEARNED_TOOLS) return every;
  const scores = every.map((tool) => valuesScore(UNLEARNED, rows, tool * FEATURES));
  const others = every
    .filter((tool) => !needed.has(tool))
    .sort((one, other) => (scores[other] ?? 0) - (scores[one] ?? 0));
  return [...needed, ...others.slice(0, LEARNED_TOOLS)];
}

/** By example, what is known of each tool's company from a model that has not seen the example. */
function besideOthers(
  around: Pick<Relevance, "index" | "past">,
  examples: readonly Example[],
  alone: (of: readonly Example[]) => RowModel,
): readonly ((tool: number) => Float64Array)[] {
  const company: ((tool: number) => Float64Array)[] = [];
  for (let fold = 0; fold < Math.min(INNER_FOLDS, examples.length); fold += 1) {
    const unseen = alone(examples.filter((_one, at) => at % INNER_FOLDS !== fold));
    for (const [at, { asked, rows }] of examples.entries())
      if (at % INNER_FOLDS === fold)
        company[at] = companyOf(around, rows, aloneScores(unseen, around.past, { asked, rows }));
  }
  return company;
}

function companyRow(values: Float64Array | undefined): Row {
  return { values: values ?? new Float64Array(PRIOR_TOGETHER.length), words: NONE, column: undefined };
}

function learned(
  learner: RowLearner,
  examples: readonly Example[],
  rowsOf: (example: Example) => readonly Row[],
): RowModel {
  const epochs = Math.min(MAX_EPOCHS, Math.ceil(MAX_VISITS / Math.max(1, examples.length)));
  inEpochs(examples.length, { epochs, rate: RATE }, (at, rate) => {
    const example = examples[at];
    if (example === undefined) return;
    for (const [place, row] of rowsOf(example).entries())
      learner.learn(row, sigmoid(rowScore(learner, row)) - Number(example.needed[place] ?? false), rate);
  });
  return learner;
}

/** By tool. */
function aloneScores(
  model: RowModel,
  { words }: PastRequests,
  { asked, rows }: { readonly asked: Asked; readonly rows: Float64Array },
): readonly number[] {
  const said = wordScores(model, asked.words);
  return words.columns.map(
    (column, tool) => valuesScore(model, rows, tool * FEATURES) + (column === undefined ? 0 : (said[column] ?? 0)),
  );
}

/** A request held against a catalog. */
export interface HeldAgainst {
  /** Sets of tools that it may need, the best expected first; none where nothing has to do with it. */
  readonly sets: readonly ProbableSet[];
  /** By tool, how much speaks for it before anything was learned, so that it means the same for every catalog and past. */
  readonly scores: readonly number[];
}

const UNLEARNED = unlearned(PRIOR_ALONE);

export function heldAgainst(relevance: Relevance, request: string): HeldAgainst {
  const { probabilities, asked, rows } = likelyTools(relevance, request);
  return {
    sets: probableSets(relevance.sets, relevance, { probabilities, alike: asked.alike }),
    scores: relevance.index.entries.map((_entry, tool) => valuesScore(UNLEARNED, rows, tool * FEATURES)),
  };
}

export function neededTools(relevance: Relevance, request: string): readonly ProbableSet[] {
  return heldAgainst(relevance, request).sets;
}

/** By tool, how likely the request needs it, the others considered. */
export function likelyTools(
  relevance: Relevance,
  request: string,
): { readonly probabilities: readonly number[]; readonly asked: Asked; readonly rows: Float64Array } {
  const asked = askedAmong(relevance, request);
  const rows = featuresOf(relevance, asked);
  const company = companyOf(relevance, rows, aloneScores(relevance.alone, relevance.past, { asked, rows }));
  return {
    ...{ asked, rows },
    probabilities: relevance.index.entries.map((_entry, tool) =>
      sigmoid(rowScore(relevance.together, companyRow(company(tool)))),
    ),
  };
}
