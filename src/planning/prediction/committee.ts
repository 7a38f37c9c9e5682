import type { Network } from "#src/planning/prediction/network.ts";
import {
  HIDDEN_UNITS,
  trainedMember,
  EPOCHS,
  type MemberWeights,
  type Task,
} from "#src/planning/prediction/network-training.ts";
import { packed } from "#src/planning/prediction/packed-weights.ts";
import type { Weights } from "#src/planning/prediction/weights.ts";

// Networks that differ in nothing but what was drawn for them err in different places: their average is better than each of them
// (Hansen & Salamon, "Neural network ensembles", 1990). They are trained one after the other; only one at a time needs the room of learning.

/** How far a training is, in examples looked at; the same example counts once an epoch and member. */
export interface TrainingProgress {
  readonly done: number;
  readonly of: number;
}

const MEMBERS = 3;
/** Between two reports of progress. */
const EXAMPLES_A_REPORT = 20;

/** Yields how far it is, several times a second. */
export function* trainedCommittee(task: Task): Generator<TrainingProgress, Network> {
  const members: MemberWeights[] = [];
  const of = MEMBERS * EPOCHS * (task.wholes.length + task.parts.length);
  let done = 0;
  for (let seed = 1; seed <= MEMBERS; seed += 1) {
    const training = trainedMember(task, seed);
    for (let step = training.next(); ; step = training.next()) {
      if (step.done === true) {
        members.push(step.value);
        break;
      }
      done += 1;
      if (done % EXAMPLES_A_REPORT === 0) yield { done, of };
    }
  }
  return joined(members, task.tools);
}

/** N2 of the network. */
function joined(members: readonly MemberWeights[], tools: number): Network {
  const share = 1 / MEMBERS;
  const each = (of: (member: MemberWeights) => Weights): readonly Weights[] => members.map(of);
  return {
    tools,
    hidden: packed(sideBySide(each(({ hidden }) => hidden))),
    hiddenBias: sideBySide(each(({ hiddenBias }) => hiddenBias)).values,
    next: packed(
      stacked(
        each(({ next }) => next),
        share,
      ),
    ),
    history: packed(
      summed(
        each(({ history }) => history),
        share,
      ),
    ),
    alone: packed(
      stacked(
        each(({ alone }) => alone),
        share,
      ),
    ),
    aloneBias: summed(
      each(({ aloneBias }) => aloneBias),
      share,
    ).values,
  };
}

function sideBySide(weights: readonly Weights[]): Weights {
  const columns = weights.length * HIDDEN_UNITS;
  const values = new Float32Array(weights.reduce((sum, one) => sum + one.values.length, 0));
  for (const [member, { values: own }] of weights.entries())
    for (let from = 0; from < own.length; from += HIDDEN_UNITS)
      values.set(own.subarray(from, from + HIDDEN_UNITS), (from / HIDDEN_UNITS) * columns + member * HIDDEN_UNITS);
  return { columns, values };
}

function stacked(weights: readonly Weights[], share: number): Weights {
  const values = new Float32Array(weights.reduce((sum, one) => sum + one.values.length, 0));
  let from = 0;
  for (const one of weights) {
    values.set(
      one.values.map((value) => share * value),
      from,
    );
    from += one.values.length;
  }
  return { columns: weights[0]?.columns ?? 0, values };
}

function summed(weights: readonly Weights[], share: number): Weights {
  const values = new Float32Array(weights[0]?.values.length ?? 0);
  for (const one of weights)
    for (let at = 0; at < values.length; at += 1) values[at] = (values[at] ?? 0) + share * (one.values[at] ?? 0);
  return { columns: weights[0]?.columns ?? 0, values };
}
