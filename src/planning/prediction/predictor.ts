import {
  logProbability,
  MAX_CHAIN,
  probableChains,
  scoresOf,
  trainedChains,
  type ChainModel,
} from "#src/planning/prediction/chain-model.ts";
import { bestExpected } from "#src/planning/prediction/expected-f1.ts";
import { indexOf, nearest, type InvertedIndex } from "#src/planning/prediction/neighbours.ts";
import { toolProbabilities, trainedTools, type ToolModel } from "#src/planning/prediction/tool-model.ts";
import { vectorOf, vocabularyOf, type SparseVector, type Vocabulary } from "#src/planning/prediction/vocabulary.ts";

// Learns from requests whose chains of tools are known, and predicts the chain of another request from its words.
//
// P1. Three opinions are pooled linearly: a model of chains, a model of each tool alone, and the chains of the nearest known requests.
// P2. The answer is the candidate with the highest expected F1 under the pool; only tools of the examples are ever answered.
// P3. The same examples in the same order make the same model, and the same request gets the same answer.

export interface Example {
  readonly request: string;
  /** Names of tools in the order in which they are used. */
  readonly chain: readonly string[];
}

/** Plain data: numbers in typed arrays, names in lists. */
export interface Predictor {
  readonly vocabulary: Vocabulary;
  readonly tools: readonly string[];
  readonly chains: ChainModel;
  readonly alone: ToolModel;
  readonly known: InvertedIndex;
  /** The chain of each known request. */
  readonly knownChains: readonly (readonly number[])[];
}

const MINIMUM_TEXTS = 5;

/** Examples with chains that are empty or longer than MAX_CHAIN teach nothing. */
export function trained(examples: readonly Example[]): Predictor {
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
  const size = { words: vocabulary.idf.length, tools: tools.length };
  return {
    vocabulary,
    tools,
    chains: trainedChains(known, size),
    alone: trainedTools(known, size),
    known: indexOf(
      known.map(({ vector }) => vector),
      size.words,
    ),
    knownChains: known.map(({ chain }) => chain),
  };
}

/** The tools that a request needs, in the order in which they are needed. Empty where nothing was learned. */
export function predicted(predictor: Predictor, request: string): readonly string[] {
  const vector = vectorOf(predictor.vocabulary, request);
  return bestExpected(pooled(predictor, vector)).flatMap((tool) => predictor.tools[tool] ?? []);
}

/** How much each opinion weighs in the pool. */
const WEIGHTS = { chains: 0.45, alone: 0.25, neighbours: 0.3 };
/** Powers of the opinions before they are pooled: above one makes surer, below one less sure. */
const SHARPNESS = { chains: 1.3, alone: 0.8 };
const MAX_PROBABLE = 30;
const MAX_NEIGHBOURS = 25;
/** A neighbour that is less similar by a thirtieth than the nearest one weighs 1/e. */
const STEEPNESS = 30;

function pooled(
  predictor: Predictor,
  vector: SparseVector,
): readonly { chain: readonly number[]; probability: number }[] {
  const words = scoresOf(predictor.chains, vector);
  const near = nearest(predictor.known, vector, MAX_NEIGHBOURS);
  const votes = new Map<string, { readonly chain: readonly number[]; votes: number }>();
  const voteOf = (chain: readonly number[]): { votes: number } => {
    const entry = votes.get(chain.join()) ?? { chain, votes: 0 };
    votes.set(chain.join(), entry);
    return entry;
  };
  for (const chain of probableChains(predictor.chains, words, MAX_PROBABLE)) voteOf(chain);
  for (const { text, similarity } of near)
    voteOf(predictor.knownChains[text] ?? []).votes += Math.exp(STEEPNESS * (similarity - (near[0]?.similarity ?? 0)));
  const candidates = [...votes.values()];
  const logs = candidates.map(({ chain }) => SHARPNESS.chains * logProbability(predictor.chains, words, chain));
  const odds = toolProbabilities(predictor.alone, vector).map((one) => Math.log((one + TINY) / (1 - one + TINY)));
  const opinions = {
    chains: normalized(logs.map(exponentialBelow(logs))),
    alone: setOpinion(candidates, odds),
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

const TINY = 1e-7;

/** Up to a factor that all candidates share, a set is as probable as the product of its members' odds. */
function setOpinion(candidates: readonly { chain: readonly number[] }[], odds: Float32Array): readonly number[] {
  const logs = candidates.map(
    ({ chain }) => SHARPNESS.alone * [...new Set(chain)].reduce((sum, tool) => sum + (odds[tool] ?? 0), 0),
  );
  return normalized(logs.map(exponentialBelow(logs)));
}

function exponentialBelow(logs: readonly number[]): (log: number) => number {
  const most = Math.max(...logs);
  return (log) => Math.exp(log - most);
}

function normalized(shares: readonly number[]): readonly number[] {
  const sum = shares.reduce((one, other) => one + other, 0);
  return sum > 0 ? shares.map((share) => share / sum) : shares;
}
