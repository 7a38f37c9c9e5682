import type { CatalogEntry } from "#src/planning/catalog/entry.ts";
import type { LearnedOrder } from "#src/planning/drafting/call-order.ts";
import { probableChains, type Predictor } from "#src/planning/prediction/predictor.ts";
import { keyOf, pooledSets, type ProbableSet } from "#src/planning/relevance/tool-sets.ts";

// What a model of `planwright planner train` says of a request, beside what the planner finds by itself: both are pooled, and of the sets
// that the model has named it is known in which order it has them.
//
// T1. A model is of the tools that it was trained on: chains with a tool that is not in the catalog are left out, and the fewer are left
//     the less it has to say.
// T2. It answers whatever is asked: what is unlike all requests that it knows it has little to say about.

/** A model that was trained before. */
export interface TrainedModel {
  readonly predictor: Predictor;
  /** For people: which one it is, and what it was learned from. */
  readonly origin: string;
}

export interface TrainedSets {
  /** The best expected first. */
  readonly sets: readonly ProbableSet[];
  /** What the model says of a set; undefined where it does not speak of it. */
  readonly saidOf: (set: ProbableSet) => TrainedSet | undefined;
  /** By tool of the catalog, how probable the model says it is that it is needed, as far as it knows such requests. */
  readonly known: readonly number[];
}

export interface TrainedSet {
  /** How probable it is, as the model says. */
  readonly share: number;
  readonly order: LearnedOrder;
}

/** From this similarity to a known request on the model has all that it has to say. */
const SIMILAR = 0.3;
/** The planner alone keeps something to say: tools may be newer than the model. */
const MOST_SAID = 0.9;
/** Chains that are looked at, the most probable ones. */
const MAX_CHAINS = 30;

export function trainedSets(
  { predictor }: TrainedModel,
  request: string,
  { entries, sets }: { readonly entries: readonly CatalogEntry[]; readonly sets: readonly ProbableSet[] },
): TrainedSets {
  const numbers = new Map(entries.map(({ name }, at) => [name, at]));
  const { chains, similarity } = probableChains(predictor, request);
  const known = chains
    .filter(({ tools, probability }) => probability > 0 && tools.every((name) => numbers.has(name)))
    .sort((one, other) => other.probability - one.probability)
    .slice(0, MAX_CHAINS)
    .map(({ tools, probability }) => ({
      tools: tools.flatMap((name) => numbers.get(name) ?? []),
      names: tools,
      probability,
    }));
  const mass = known.reduce((sum, { probability }) => sum + probability, 0);
  const say = MOST_SAID * mass * Math.min(1, similarity / SIMILAR);
  if (say === 0) return { sets, saidOf: () => undefined, known: [] };
  const said = new Map<string, TrainedSet>();
  for (const { tools, names, probability } of known) {
    const key = keyOf([...new Set(tools)]);
    const before = said.get(key);
    said.set(key, { share: (before?.share ?? 0) + probability, order: before?.order ?? orderOf(names) });
  }
  const others = known.map(({ tools, probability }) => ({
    tools: [...new Set(tools)],
    probability: probability / mass,
  }));
  const shares = new Array<number>(entries.length).fill(0);
  for (const { tools, probability } of others)
    for (const tool of tools) shares[tool] = (shares[tool] ?? 0) + say * probability;
  return { sets: pooledSets(sets, others, say), saidOf: ({ tools }) => said.get(keyOf(tools)), known: shares };
}

function orderOf(chain: readonly string[]): LearnedOrder {
  const order = new Map<string, number>();
  for (const [at, tool] of chain.entries())
    for (const later of chain.slice(at + 1)) {
      if (later === tool || order.has(`${tool} ${later}`)) continue;
      order.set(`${tool} ${later}`, 1).set(`${later} ${tool}`, -1);
    }
  return order;
}
