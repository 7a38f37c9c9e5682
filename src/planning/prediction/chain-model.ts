import { inEpochs } from "#src/planning/prediction/epochs.ts";
import type { SparseVector } from "#src/planning/prediction/vocabulary.ts";
import { addScores, learn, learnerOf, softmax, type Weights } from "#src/planning/prediction/weights.ts";

// How probable a chain of tools is for a request: the product of each tool's probability after those before it, of which one is
// the end. A maximum-entropy Markov model (McCallum, Freitag & Pereira, 2000) of order two that also sees what was used at all.
//
// C1. Tools are their numbers; the number after the last of them is the end of the chain, and what stands before its beginning.
// C2. The scores of the request's words are computed once for a request, whatever the number of chains that are looked at.

export interface ChainModel {
  readonly tools: number;
  /** Rows of the request's words; those of what came before follow. */
  readonly words: number;
  readonly weights: Weights;
}

export interface ChainExample {
  readonly vector: SparseVector;
  readonly chain: readonly number[];
}

const EPOCHS = { epochs: 6, rate: 1 };
const FIRST_SQUARE = 1;
/** Longest chain that is thought of. */
export const MAX_CHAIN = 8;
const BEFORE_LAST = 0.6;
const ALWAYS = 0.3;

export function trainedChains(
  examples: readonly ChainExample[],
  size: { readonly words: number; readonly tools: number },
): ChainModel {
  const columns = size.tools + 1;
  const learner = learnerOf(size.words + 3 * columns + MAX_CHAIN + 2, columns, FIRST_SQUARE);
  const model = { ...size, weights: learner.weights };
  const scores = new Float32Array(columns);
  inEpochs(examples.length, EPOCHS, (index, rate) => {
    const example = examples[index];
    if (!example) return;
    const { vector, chain } = example;
    const words = scoresOf(model, vector);
    const errors = new Float32Array(columns);
    for (let length = 0; length <= chain.length; length += 1) {
      const history = historyOf(model, chain.slice(0, length));
      scores.set(words);
      addScores(model.weights, history, scores);
      softmax(scores);
      const next = chain[length] ?? size.tools;
      scores[next] = (scores[next] ?? 0) - 1;
      learn(learner, history, { errors: scores, rate });
      for (let column = 0; column < columns; column += 1)
        errors[column] = (errors[column] ?? 0) + (scores[column] ?? 0);
    }
    learn(learner, vector, { errors, rate });
  });
  return model;
}

/** What a request's words say of every tool, and of the end (C2). */
export function scoresOf({ weights }: ChainModel, vector: SparseVector): Float32Array {
  const scores = new Float32Array(weights.columns);
  addScores(weights, vector, scores);
  return scores;
}

/** The natural logarithm of a chain's probability. */
export function logProbability(model: ChainModel, words: Float32Array, chain: readonly number[]): number {
  let sum = 0;
  for (let length = 0; length <= chain.length; length += 1)
    sum += Math.log(nextOf(model, words, chain.slice(0, length))[chain[length] ?? model.tools] ?? 0);
  return sum;
}

const BEAM = 12;
const LEAST_NEXT = 1e-3;

interface Path {
  readonly chain: readonly number[];
  readonly log: number;
}

/** The most probable chains that a beam search finds, best first; none of them is empty. */
export function probableChains(model: ChainModel, words: Float32Array, most: number): readonly (readonly number[])[] {
  const ended: Path[] = [];
  let open: readonly Path[] = [{ chain: [], log: 0 }];
  for (let length = 0; length <= MAX_CHAIN && open.length > 0; length += 1) {
    const longer: Path[] = [];
    for (const { chain, log } of open)
      for (const [tool, probability] of nextOf(model, words, chain).entries()) {
        if (probability < LEAST_NEXT) continue;
        const sum = log + Math.log(probability);
        if (tool < model.tools) longer.push({ chain: [...chain, tool], log: sum });
        else if (length > 0) ended.push({ chain, log: sum });
      }
    open = length < MAX_CHAIN ? longer.sort(byLog).slice(0, BEAM) : [];
  }
  return ended
    .sort(byLog)
    .slice(0, most)
    .map(({ chain }) => chain);
}

function byLog(one: Path, other: Path): number {
  return other.log - one.log;
}

function nextOf(model: ChainModel, words: Float32Array, before: readonly number[]): Float32Array {
  const scores = Float32Array.from(words);
  addScores(model.weights, historyOf(model, before), scores);
  softmax(scores);
  return scores;
}

/** What came before as features: the last tool, the one before it, all of them, and how many. */
function historyOf({ words, tools }: ChainModel, before: readonly number[]): SparseVector {
  const columns = tools + 1;
  const lengths = words + 3 * columns;
  const used = [...new Set(before)];
  return {
    indexes: Int32Array.of(
      words + (before.at(-1) ?? tools),
      words + columns + (before.at(-2) ?? tools),
      lengths + Math.min(before.length, MAX_CHAIN),
      lengths + MAX_CHAIN + 1,
      ...used.map((tool) => words + 2 * columns + tool),
    ),
    values: Float32Array.of(1, BEFORE_LAST, 1, ALWAYS, ...used.map(() => 1)),
  };
}
