import { analysed, type Analysis } from "#src/planning/analysis/analyse.ts";
import { argumentModel, boundCalls, type ArgumentModel, type BoundCall } from "#src/planning/binding/argument-model.ts";
import type { PastPlan } from "#src/planning/binding/source.ts";
import { spansOf } from "#src/planning/binding/spans.ts";
import type { CatalogEntry } from "#src/planning/catalog/entry.ts";
import { learnedOrder, orderedCalls, type LearnedOrder } from "#src/planning/drafting/call-order.ts";
import { intentDrafts } from "#src/planning/drafting/intent-drafts.ts";
import { trainedSets, type TrainedModel, type TrainedSet } from "#src/planning/drafting/trained-sets.ts";
import { withNamed } from "#src/planning/drafting/named-tools.ts";
import { fits, knownTerms } from "#src/planning/prediction/described-catalog.ts";
import { relevanceIndex } from "#src/planning/relevance/relevance-index.ts";
import { heldAgainst, learnedRelevance, type Relevance } from "#src/planning/relevance/tool-relevance.ts";

// From a request to drafts of a plan: which tools, called in which order, with which arguments. Without a language model; the same
// request, catalog and past give the same drafts.
//
// P1. Only tools of the catalog are called, and arguments only those that they declare.
// P2. Several sets of tools are tried, and each is bound to its end: what cannot be called for want of an argument counts against it.
// P3. What past plans and a trained model teach goes first. Where neither has had to do with these tools, the plan is made clause by clause
//     (intent-drafts.ts).

export interface Planner {
  readonly entries: readonly CatalogEntry[];
  readonly relevance: Relevance;
  readonly arguments: ArgumentModel;
  readonly order: LearnedOrder;
  /** A model that was trained before, where one is used. */
  readonly trained?: TrainedModel | undefined;
}

export interface Draft {
  readonly calls: readonly BoundCall[];
  /** How probable it is that these are the tools, among the sets that were tried: they sum up to one. */
  readonly probability: number;
  /** How much the tools are expected to have in common with those that are needed, as F1. */
  readonly expected: number;
  /** What else speaks for these tools, for people. */
  readonly reasons?: readonly string[];
}

export interface PlannerOptions {
  /** Plans that were made before, with the requests they were made for. */
  readonly past?: readonly PastPlan[];
  /** Of the past requests, in ms since the epoch: what "tomorrow" was. */
  readonly now: number;
  readonly trained?: TrainedModel | undefined;
}

export function planner(entries: readonly CatalogEntry[], { past = [], now, trained }: PlannerOptions): Planner {
  const requests = past.map(({ request, calls }) => ({ request, tools: calls.map(({ tool }) => tool) }));
  return {
    entries,
    relevance: learnedRelevance(relevanceIndex(entries), requests),
    arguments: argumentModel(entries, past, now),
    order: learnedOrder(past),
    ...(trained === undefined ? {} : { trained }),
  };
}

const MAX_DRAFTS = 5;

/** Best first; one that can be called as it is before one that lacks an argument. None where no tool has anything to do with the request. */
export function drafts(planner: Planner, request: string, now: number): readonly Draft[] {
  const result = analysed(request, { now });
  return result.kind === "unreadable" ? [] : drafted(planner, result.analysis).drafts;
}

/** The drafts of a request that was analysed, and by tool of the catalog how much speaks for it alone. */
export interface Drafted {
  readonly drafts: readonly Draft[];
  readonly scores: readonly number[];
  /** By tool of the catalog, how probable a trained model says that it is needed; empty where there is none. */
  readonly known: readonly number[];
}

export function drafted(planner: Planner, analysis: Analysis): Drafted {
  const { sets: own, scores } = heldAgainst(planner.relevance, analysis.text);
  const { entries, trained } = planner;
  const { sets, saidOf, known } =
    trained === undefined
      ? { sets: own, saidOf: () => undefined, known: [] }
      : trainedSets(trained, analysis.text, { entries, sets: own });
  const spans = spansOf(analysis);
  const { described } = planner.relevance.index;
  const clauses = analysis.intents.map(({ from, to, words, action }) => ({
    from,
    to,
    fitting: fits(described, knownTerms(described, words), { actions: new Set([action]), domains: new Map() }),
  }));
  const made = sets.slice(0, MAX_DRAFTS).map((set): Draft => {
    const tools = set.tools.flatMap((tool) => planner.entries[tool] ?? []);
    const place = (entry: CatalogEntry): Clause | undefined => placeOf(entry, planner.entries, clauses);
    const said = saidOf(set);
    const calls = orderedCalls(tools, { order: orderBy(planner.order, said), place });
    const placed = calls.map((entry) => ({
      entry,
      clause: calls.length > 1 && clauses.length > 1 ? place(entry) : undefined,
    }));
    return {
      calls: boundCalls(planner.arguments, placed, { entries: planner.entries, spans }),
      probability: set.probability,
      expected: set.expected,
      ...(said === undefined || trained === undefined ? {} : { reasons: [reasonOf(trained, said)] }),
    };
  });
  const ordered = [...made.filter(isComplete), ...made.filter((one) => !isComplete(one))];
  const [best] = sets;
  const isTrained = best !== undefined && saidOf(best) !== undefined;
  const isTaught = isTrained || sets.slice(0, MAX_DRAFTS).some(({ tools }) => knowsAny(planner, tools));
  const drafts = isTaught ? ordered : followed(intentDrafts(planner, { analysis, spans }), ordered);
  return { drafts: withNamed(drafts, entries, analysis), scores, known };
}

/** What past plans did goes before what the model says. */
function orderBy(past: LearnedOrder, said: TrainedSet | undefined): LearnedOrder {
  return said === undefined ? past : new Map([...said.order, ...past]);
}

const HUNDREDTHS = 100;

function reasonOf({ origin }: TrainedModel, { share }: TrainedSet): string {
  return `${Math.round(share * HUNDREDTHS)} % likely by ${origin}`;
}

function isComplete({ calls }: Draft): boolean {
  return calls.every(({ missing }) => missing.length === 0);
}

/** P3. */
function knowsAny({ relevance }: Planner, tools: readonly number[]): boolean {
  return tools.some((tool) => (relevance.past.shares[tool] ?? 0) > 0);
}

/** Behind one that asks for what is missing nothing stands that would guess it. */
function followed(byIntent: readonly Draft[], bySets: readonly Draft[]): readonly Draft[] {
  const [first] = byIntent;
  if (first === undefined) return [];
  const isSame = (one: Draft, other: Draft): boolean => JSON.stringify(one.calls) === JSON.stringify(other.calls);
  const others = [...byIntent.slice(1), ...bySets.filter((one) => !byIntent.some((known) => isSame(known, one)))];
  return isComplete(first)
    ? [first, ...others.filter(isComplete), ...others.filter((one) => !isComplete(one))]
    : [first, ...others.filter((one) => !isComplete(one))];
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
