import { analysed } from "#src/planning/analysis/analyse.ts";
import { argumentModel, boundCalls, type ArgumentModel, type BoundCall } from "#src/planning/binding/argument-model.ts";
import type { PastPlan } from "#src/planning/binding/source.ts";
import { spansOf } from "#src/planning/binding/spans.ts";
import type { CatalogEntry } from "#src/planning/catalog/entry.ts";
import { learnedOrder, orderedCalls, type LearnedOrder } from "#src/planning/drafting/call-order.ts";
import { fits, knownTerms } from "#src/planning/prediction/described-catalog.ts";
import { relevanceIndex } from "#src/planning/relevance/relevance-index.ts";
import type { Alike } from "#src/planning/relevance/past-requests.ts";
import { learnedRelevance, relevant, type Relevance, type Relevant } from "#src/planning/relevance/tool-relevance.ts";

// From a request to drafts of a plan: which tools, called in which order, with which arguments. Without a language model; the same
// request, catalog and past give the same drafts.
//
// P1. Only tools of the catalog are called, and arguments only those that they declare.
// P2. Several sets of tools are tried, and each is bound to its end: what cannot be called for want of an argument counts against it.

export interface Planner {
  readonly entries: readonly CatalogEntry[];
  readonly relevance: Relevance;
  readonly arguments: ArgumentModel;
  readonly order: LearnedOrder;
}

export interface Draft {
  readonly calls: readonly BoundCall[];
  /** How probable it is that these are the tools, among the sets that were tried: they sum up to one. */
  readonly probability: number;
  readonly tools: readonly Relevant[];
}

export interface PlannerOptions {
  /** Plans that were made before, with the requests they were made for. */
  readonly past?: readonly PastPlan[];
  /** Of the past requests, in ms since the epoch: what "tomorrow" was. */
  readonly now: number;
}

export function planner(entries: readonly CatalogEntry[], { past = [], now }: PlannerOptions): Planner {
  const requests = past.map(({ request, calls }) => ({ request, tools: calls.map(({ tool }) => tool) }));
  return {
    entries,
    relevance: learnedRelevance(relevanceIndex(entries), requests),
    arguments: argumentModel(entries, past, now),
    order: learnedOrder(past),
  };
}

const MAX_TOOLS = 7;
const MAX_DRAFTS = 5;
const LIKELY = 0.02;

/** Best first. None where no tool has anything to do with the request. */
export function drafts(planner: Planner, request: string, now: number): readonly Draft[] {
  const result = analysed(request, { now });
  if (result.kind === "unreadable") return [];
  const { tools: every, alike } = relevant(planner.relevance, request);
  const scored = every
    .filter(({ probability }) => probability > LIKELY)
    .sort((one, other) => other.probability - one.probability);
  const sets = setsOf(scored.slice(0, MAX_TOOLS + 2), every, alike);
  const expected = expectedF1(sets);
  const best = [...sets.keys()]
    .sort((one, other) => (expected[other] ?? 0) - (expected[one] ?? 0))
    .slice(0, MAX_DRAFTS);
  const spans = spansOf(result.analysis);
  const { described } = planner.relevance.index;
  const clauses = result.analysis.intents.map(({ from, to, words, action }) => ({
    from,
    to,
    fitting: fits(described, knownTerms(described, words), { actions: new Set([action]), domains: new Map() }),
  }));
  const made = best.map((at): Draft => {
    const tools = sets[at]?.tools ?? [];
    const place = (entry: CatalogEntry): Clause | undefined => placeOf(entry, planner.entries, clauses);
    const calls = orderedCalls(
      tools.map(({ entry }) => entry),
      { order: planner.order, place },
    );
    const placed = calls.map((entry) => ({
      entry,
      clause: calls.length > 1 && clauses.length > 1 ? place(entry) : undefined,
    }));
    return {
      calls: boundCalls(planner.arguments, placed, { entries: planner.entries, spans }),
      probability: sets[at]?.probability ?? 0,
      tools,
    };
  });
  const isComplete = ({ calls }: Draft): boolean => calls.every(({ missing }) => missing.length === 0);
  return [...made.filter(isComplete), ...made.filter((one) => !isComplete(one))];
}

interface Clause {
  readonly from: number;
  readonly to: number;
  readonly fitting: readonly number[];
}

function placeOf(
  entry: CatalogEntry,
  entries: readonly CatalogEntry[],
  clauses: readonly Clause[],
): Clause | undefined {
  const at = entries.indexOf(entry);
  const best = clauses.reduce<Clause | undefined>(
    (one, other) => ((one?.fitting[at] ?? 0) >= (other.fitting[at] ?? 0) ? one : other),
    undefined,
  );
  return (best?.fitting[at] ?? 0) > 0 ? best : undefined;
}

interface ToolSet {
  readonly tools: readonly Relevant[];
  readonly probability: number;
}

/** How much the sets of past requests weigh. */
const OF_PAST = 0.2;

/** The most likely tools, so many of them, and each time without one; and those of past requests that are alike. */
function setsOf(scored: readonly Relevant[], every: readonly Relevant[], alike: readonly Alike[]): readonly ToolSet[] {
  const sets = new Map<string, { readonly tools: readonly Relevant[]; share: number }>();
  const setOf = (tools: readonly Relevant[]): { share: number } => {
    const key = tools
      .map(({ tool }) => tool)
      .sort((one, other) => one - other)
      .join(" ");
    const known = sets.get(key) ?? { tools, share: 0 };
    sets.set(key, known);
    return known;
  };
  for (let count = 1; count <= Math.min(MAX_TOOLS, scored.length); count += 1) {
    const first = scored.slice(0, count);
    setOf(first);
    if (count > 1) for (const left of first.slice(0, -1)) setOf(first.filter((one) => one !== left));
  }
  for (const { tools, share } of alike)
    if (tools.size > 0) setOf([...tools].flatMap((tool) => every[tool] ?? [])).share += share;
  const candidates = [...sets.values()];
  const logs = candidates.map(({ tools }) => tools.reduce((sum, { probability }) => sum + logit(probability), 0));
  const most = Math.max(...logs);
  const weights = logs.map((log) => Math.exp(log - most));
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  const said = candidates.reduce((sum, { share }) => sum + share, 0);
  const past = said > 0 ? OF_PAST : 0;
  return candidates.map(({ tools, share }, at) => ({
    tools,
    probability: ((1 - past) * (weights[at] ?? 0)) / all + (past * share) / (said > 0 ? said : 1),
  }));
}

const SUREST = 0.999;

function logit(probability: number): number {
  const bounded = Math.min(SUREST, Math.max(1 - SUREST, probability));
  return Math.log(bounded / (1 - bounded));
}

function expectedF1(sets: readonly ToolSet[]): readonly number[] {
  return sets.map(({ tools }) =>
    sets.reduce((sum, other) => {
      const common = tools.filter((tool) => other.tools.includes(tool)).length;
      return sum + (other.probability * 2 * common) / (tools.length + other.tools.length);
    }, 0),
  );
}
