import { ChainChooser } from "#src/planning/prediction/chain-search.ts";
import { trainedCommittee, type TrainingProgress } from "#src/planning/prediction/committee.ts";
import { bestExpected } from "#src/planning/prediction/expected-f1.ts";
import { MAX_CHAIN } from "#src/planning/prediction/history.ts";
import { indexOf, MAX_TEXTS, nearest, type InvertedIndex } from "#src/planning/prediction/neighbours.ts";
import { saidOf, type Network } from "#src/planning/prediction/network.ts";
import {
  knownShare,
  vectorOf,
  vocabularyOf,
  type SparseVector,
  type Vocabulary,
} from "#src/planning/prediction/vocabulary.ts";

// Learns from requests whose chains of tools are known, and predicts the chain of another request from its words.
//
// P1. Three opinions are pooled linearly: what a network says of chains, what it says of each tool alone, and the chains of the
//     nearest known requests.
// P2. The answer is the candidate with the highest expected F1 under the pool; only tools of the examples are ever answered.
// P3. The same examples in the same order make the same model, and the same request gets the same answer.

export interface Example {
  readonly request: string;
  /** Names of tools in the order in which they are used. */
  readonly chain: readonly string[];
  /** What each tool of the chain is used for, in words, in the same order; read in training only. */
  readonly steps?: readonly string[];
}

/** Plain data: numbers in typed arrays, names in lists. */
export interface Predictor {
  readonly vocabulary: Vocabulary;
  readonly tools: readonly string[];
  readonly network: Network;
  readonly known: InvertedIndex;
  /** The chain of each known request; of many those of the last MAX_TEXTS. */
  readonly knownChains: readonly (readonly number[])[];
}

const MINIMUM_TEXTS = 5;

/** Examples with chains that are empty or longer than MAX_CHAIN teach nothing. */
export function trained(examples: readonly Example[]): Predictor {
  const training = trainedStepwise(examples);
  let step = training.next();
  while (step.done !== true) step = training.next();
  return step.value;
}

/** The same for whoever wants to know how far it is, or to end it before. */
export function* trainedStepwise(examples: readonly Example[]): Generator<TrainingProgress, Predictor> {
  const usable = examples.filter(({ chain }) => chain.length > 0 && chain.length <= MAX_CHAIN);
  const tools = [...new Set(usable.flatMap(({ chain }) => chain))].sort();
  const numbers = new Map(tools.map((name, number) => [name, number]));
  const vocabulary = vocabularyOf(
    usable.map(({ request }) => request),
    Math.min(MINIMUM_TEXTS, usable.length),
  );
  const known = usable.map(({ request, chain }) => ({
    vector: vectorOf(vocabulary, request),
    chain: chain.flatMap((name) => numbers.get(name) ?? []),
  }));
  const parts = usable.flatMap(({ chain, steps = [] }) =>
    steps.flatMap((step, at) => {
      const tool = numbers.get(chain[at] ?? "");
      return tool === undefined ? [] : [{ vector: vectorOf(vocabulary, step.replaceAll(chain[at] ?? "", " ")), tool }];
    }),
  );
  const features = vocabulary.idf.length;
  const newest = known.slice(-MAX_TEXTS);
  return {
    vocabulary,
    tools,
    network: yield* trainedCommittee({ wholes: known, parts, features, tools: tools.length }),
    known: indexOf(
      newest.map(({ vector }) => vector),
      features,
    ),
    knownChains: newest.map(({ chain }) => chain),
  };
}

/** The tools that a request needs, in the order in which they are needed. Empty where nothing was learned. */
export function predicted(predictor: Predictor, request: string): readonly string[] {
  if (predictor.tools.length === 0) return [];
  const vector = vectorOf(predictor.vocabulary, request);
  return bestExpected(pooled(predictor, vector)).flatMap((tool) => predictor.tools[tool] ?? []);
}

export interface ProbableChain {
  /** Names of tools in the order in which they are used. */
  readonly tools: readonly string[];
  /** Of all chains that were looked at, they sum up to one. */
  readonly probability: number;
}

/** What else there is beside the best answer, and how like the nearest known request this one is in all its words, of [0, 1]. */
export function probableChains(
  predictor: Predictor,
  request: string,
): { readonly chains: readonly ProbableChain[]; readonly similarity: number } {
  if (predictor.tools.length === 0) return { chains: [], similarity: 0 };
  const vector = vectorOf(predictor.vocabulary, request);
  const chains = pooled(predictor, vector).map(({ chain, probability }) => ({
    tools: chain.flatMap((tool) => predictor.tools[tool] ?? []),
    probability,
  }));
  const { similarity } = nearest(predictor.known, vector, 1)[0] ?? { similarity: 0 };
  return { chains, similarity: similarity * knownShare(predictor.vocabulary, request) };
}

/** How much each opinion weighs in the pool. */
const WEIGHTS = { chains: 0.55, alone: 0.15, neighbours: 0.3 };
const MAX_PROBABLE = 30;
const MAX_NEIGHBOURS = 25;
/** A neighbour that is less similar by a thirtieth than the nearest one weighs 1/e. */
const STEEPNESS = 30;

function pooled(
  predictor: Predictor,
  vector: SparseVector,
): readonly { chain: readonly number[]; probability: number }[] {
  const { network, known, knownChains } = predictor;
  const said = saidOf(network, vector);
  const chooser = new ChainChooser(said.next, network.history);
  const near = nearest(known, vector, MAX_NEIGHBOURS);
  const votes = new Map<string, { readonly chain: readonly number[]; votes: number }>();
  const voteOf = (chain: readonly number[]): { votes: number } => {
    const entry = votes.get(chain.join()) ?? { chain, votes: 0 };
    votes.set(chain.join(), entry);
    return entry;
  };
  for (const chain of chooser.probable(MAX_PROBABLE)) voteOf(chain);
  for (const { text, similarity } of near)
    voteOf(knownChains[text] ?? []).votes += Math.exp(STEEPNESS * (similarity - (near[0]?.similarity ?? 0)));
  const candidates = [...votes.values()];
  const opinions = {
    chains: likely(candidates.map(({ chain }) => chooser.logProbability(chain))),
    alone: likely(candidates.map(({ chain }) => setLog(chain, said.alone))),
    neighbours: normalized(candidates.map((one) => one.votes)),
  };
  return candidates.map(({ chain }, index) => ({
    chain,
    probability:
      WEIGHTS.chains * (opinions.chains[index] ?? 0) +
      WEIGHTS.alone * (opinions.alone[index] ?? 0) +
      WEIGHTS.neighbours * (opinions.neighbours[index] ?? 0),
  }));
}

/** Up to a factor that all candidates share, a set is as probable as the product of its members' odds. */
function setLog(chain: readonly number[], odds: Float32Array): number {
  return [...new Set(chain)].reduce((sum, tool) => sum + (odds[tool] ?? 0), 0);
}

/** From logarithms to shares of one. */
function likely(logs: readonly number[]): readonly number[] {
  const most = Math.max(...logs);
  return normalized(logs.map((log) => Math.exp(log - most)));
}

function normalized(shares: readonly number[]): readonly number[] {
  const sum = shares.reduce((one, other) => one + other, 0);
  return sum > 0 ? shares.map((share) => share / sum) : shares;
}
