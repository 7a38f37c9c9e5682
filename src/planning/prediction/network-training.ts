import { visits } from "#src/planning/prediction/epochs.ts";
import { historyOf, historyRows } from "#src/planning/prediction/history.ts";
import { rectified } from "#src/planning/prediction/network.ts";
import { mulberry32 } from "#src/planning/seeded-numbers.ts";
import type { SparseVector } from "#src/planning/prediction/vocabulary.ts";
import {
  addErrorsBelow,
  addScores,
  learn,
  learnerOf,
  softmax,
  type Learner,
  type Weights,
} from "#src/planning/prediction/weights.ts";

// How one member of the committee learns: by gradients, one example after the other, with a part of the features and of the hidden
// units left out at random each time (Srivastava et al., "Dropout", 2014), so that nothing rests on one word or one unit.
//
// T1. Examples and seed decide everything: the same ones make the same weights.
// T2. A generator, so that whoever drives it can tell how far it is, and end it between two examples.

interface ChainExample {
  readonly vector: SparseVector;
  readonly chain: readonly number[];
}

/** A part of a request, or what was said of it, and the one tool that does it. */
interface PartExample {
  readonly vector: SparseVector;
  readonly tool: number;
}

export interface Task {
  readonly wholes: readonly ChainExample[];
  readonly parts: readonly PartExample[];
  readonly features: number;
  readonly tools: number;
}

type Part = "hidden" | "hiddenBias" | "next" | "history" | "alone" | "aloneBias";

/** What a member has learned; see Network for its parts. */
export type MemberWeights = Readonly<Record<Part, Weights>>;

type Member = Readonly<Record<Part, Learner>>;

export const EPOCHS = 12;
export const HIDDEN_UNITS = 64;
/** What is left of the features is as long as the whole was, on average. */
const FEATURES_LEFT_OUT = { share: 0.5, scale: 1 / Math.sqrt(1 - 0.5) };
/** What is left of the hidden units says as much as the whole did, on average. */
const UNITS_LEFT_OUT = { share: 0.3, scale: 1 / (1 - 0.3) };
const LAST_SHARE = 0.05;
/** Step sizes at the beginning. */
const RATES = { hidden: 0.1, hiddenBias: 0.01, next: 0.05, alone: 0.05, history: 1 };
const FIRST_SQUARE = 0.01;
/** Where first steps are not to be larger than the rate. */
const CALM_SQUARE = 1;
const FIRST_WEIGHT = 0.5;
/** A tool is not needed until something says so. */
const ALONE_BIAS = -3;

/** Yields after each example. */
export function* trainedMember(task: Task, seed: number): Generator<undefined, MemberWeights> {
  const random = mulberry32(seed);
  const member = newMember(task, random);
  const examples = [...task.wholes, ...task.parts];
  for (const { index, share: rate } of visits(examples.length, { epochs: EPOCHS, lastShare: LAST_SHARE, random })) {
    const example = examples[index];
    if (example) learnFrom(member, example, { rate, random, tools: task.tools });
    yield;
  }
  return {
    hidden: member.hidden.weights,
    hiddenBias: member.hiddenBias.weights,
    next: member.next.weights,
    history: member.history.weights,
    alone: member.alone.weights,
    aloneBias: member.aloneBias.weights,
  };
}

function newMember({ features, tools }: Task, random: () => number): Member {
  const around = (most: number) => () => (2 * random() - 1) * most;
  const columns = tools + 1;
  const unit = 1 / Math.sqrt(HIDDEN_UNITS);
  const firstSquare = FIRST_SQUARE;
  const calm = { firstSquare: CALM_SQUARE, rows: 1 };
  return {
    hidden: learnerOf({ rows: features, columns: HIDDEN_UNITS, firstSquare }, around(FIRST_WEIGHT)),
    hiddenBias: learnerOf({ ...calm, columns: HIDDEN_UNITS }),
    next: learnerOf({ rows: HIDDEN_UNITS, columns, firstSquare }, around(unit)),
    history: learnerOf({ ...calm, rows: historyRows(tools), columns }),
    alone: learnerOf({ rows: HIDDEN_UNITS, columns: tools, firstSquare }, around(unit)),
    aloneBias: learnerOf({ ...calm, columns: tools }, () => ALONE_BIAS),
  };
}

interface Step {
  /** Share of the first step sizes. */
  readonly rate: number;
  readonly random: () => number;
  readonly tools: number;
}

const ONE: SparseVector = { indexes: Int32Array.of(0), values: Float32Array.of(1) };

function learnFrom(member: Member, example: ChainExample | PartExample, { rate, random, tools }: Step): void {
  const seen = thinned(example.vector, { ...FEATURES_LEFT_OUT, random });
  const units = Float32Array.from(member.hiddenBias.weights.values);
  addScores(member.hidden.weights, seen, units);
  const active = thinned(rectified(units), { ...UNITS_LEFT_OUT, random });
  const below = new Float32Array(active.indexes.length);
  if ("chain" in example) {
    const errors = learnedChain(member, { chain: example.chain, active, rate, tools });
    addErrorsBelow(member.next.weights, active, { above: errors, below });
    learn(member.next, active, { errors, rate: rate * RATES.next });
  }
  const errors = errorsAlone(member, active, "chain" in example ? example.chain : [example.tool]);
  addErrorsBelow(member.alone.weights, active, { above: errors, below });
  learn(member.alone, active, { errors, rate: rate * RATES.alone });
  learn(member.aloneBias, ONE, { errors, rate: rate * RATES.alone });
  const unitErrors = new Float32Array(HIDDEN_UNITS);
  for (const [at, unit] of active.indexes.entries()) unitErrors[unit] = UNITS_LEFT_OUT.scale * (below[at] ?? 0);
  learn(member.hiddenBias, ONE, { errors: unitErrors, rate: rate * RATES.hiddenBias });
  learn(member.hidden, seen, { errors: unitErrors, rate: rate * RATES.hidden });
}

interface ChainStep {
  readonly chain: readonly number[];
  readonly active: SparseVector;
  readonly rate: number;
  readonly tools: number;
}

/** Learns what follows what, and gives the errors of all tools of the chain, and of its end, added up. */
function learnedChain(member: Member, { chain, active, rate, tools }: ChainStep): Float32Array {
  const words = new Float32Array(tools + 1);
  addScores(member.next.weights, active, words);
  const errors = new Float32Array(tools + 1);
  for (let length = 0; length <= chain.length; length += 1) {
    const history = historyOf(tools, chain.slice(0, length));
    const scores = Float32Array.from(words);
    addScores(member.history.weights, history, scores);
    softmax(scores);
    const next = chain[length] ?? tools;
    scores[next] = (scores[next] ?? 0) - 1;
    learn(member.history, history, { errors: scores, rate: rate * RATES.history });
    for (let column = 0; column <= tools; column += 1) errors[column] = (errors[column] ?? 0) + (scores[column] ?? 0);
  }
  return errors;
}

function errorsAlone(member: Member, active: SparseVector, chain: readonly number[]): Float32Array {
  const errors = Float32Array.from(member.aloneBias.weights.values);
  addScores(member.alone.weights, active, errors);
  for (let tool = 0; tool < errors.length; tool += 1) errors[tool] = 1 / (1 + Math.exp(-(errors[tool] ?? 0)));
  for (const tool of new Set(chain)) errors[tool] = (errors[tool] ?? 0) - 1;
  return errors;
}

/** A part of the entries, drawn anew; the others by so much larger. */
function thinned({ indexes, values }: SparseVector, { share, scale, random }: Thinning): SparseVector {
  const kept = indexes.map((_index, at) => at).filter(() => random() >= share);
  return {
    indexes: kept.map((at) => indexes[at] ?? 0),
    values: Float32Array.from(kept, (at) => scale * (values[at] ?? 0)),
  };
}

interface Thinning {
  readonly share: number;
  readonly scale: number;
  readonly random: () => number;
}
