import { fact } from "#events/catalog.ts";
import type { ToolStep } from "#events/definition.ts";
import { errorOf } from "#events/errors.ts";
import { inline, refsOf, valueOf } from "#events/payload.ts";
import type { Advance, Surroundings } from "#machines/decide/decision.ts";
import { afterNoEffect, attemptedAt } from "#machines/decide/next.ts";
import { facts } from "#machines/decide/starting.ts";
import { evaluate, evaluateCondition, notAtHand, type Evaluated } from "#machines/evaluate.ts";
import type { Scope } from "#machines/scope.ts";
import { definitionAt, pathAt, recordAt, type PlanState } from "#machines/state.ts";

// Who answers for an unknown outcome when the plan says it: a tool that looks (`verify`), or the call that takes the effect
// back (`undo`). Either is a step inside the step whose outcome it answers, with attempts and retries of its own.
//
// K1. Only what is known leads to another run: that there was no effect, or that it was taken back. Where the answer itself
//     fails, a person is asked.

/** Answers of one step: as many as it may have attempts. */
const MAX_ANSWERS = 1_000;

interface Answering {
  readonly state: PlanState;
  readonly index: number;
  readonly step: ToolStep;
  readonly path: string;
  /** The attempt of unknown outcome. */
  readonly attempt: number;
  readonly around: Surroundings;
}

/** One decision about a step whose outcome is unknown and whose policy is not to ask. */
export function answerUnknown(state: PlanState, index: number, around: Surroundings): Advance {
  const step = definitionAt(state, index);
  const { chart, answering, expansion } = recordAt(state, index);
  const { attempt } = chart.context;
  const path = pathAt(state, index);
  if (answering !== attempt || expansion === undefined) {
    const from = expansion?.opened ?? 0;
    return facts(fact("StepExpanded", { step: path, from, to: from + 1, total: MAX_ANSWERS, answers: attempt }));
  }
  const last = expansion.scopes.get(expansion.opened - 1);
  const asked = { path, attempt };
  if (step.kind !== "tool" || last?.result !== "succeeded") return ask(asked);
  const answer = { ...asked, state, index, step, around };
  return typeof step.unknown === "object" ? verified(answer, step.unknown, last) : withoutEffect(answer);
}

type Verification = Extract<ToolStep["unknown"], { verify: unknown }>;

function verified(answering: Answering, { done, output: template }: Verification, last: Scope): Advance {
  const { state, index, step, around } = answering;
  const { output: given = inline(null) } = recordAt(state, last.base);
  const output = valueOf(given, around.blobs);
  if (output === undefined) {
    const asked = notAtHand(refsOf(given), around.blobs);
    return asked.kind === "error" ? ask(answering) : asked;
  }
  const { scope } = recordAt(state, index);
  const variables = { output };
  const source = { scope, key: `${step.id}/verified`, source: done, variables };
  const isDone = evaluateCondition(state, source, around.blobs);
  if (isDone.kind !== "value") return isDone.kind === "error" ? ask(answering) : isDone;
  if (!isDone.value) return withoutEffect(answering);
  const result = { scope, key: `${step.id}/verified-output`, source: template, variables };
  return resolved(answering, evaluate(state, result, around.blobs));
}

function resolved(answering: Answering, output: Evaluated): Advance {
  if (output.kind !== "value") return output.kind === "error" ? ask(answering) : output;
  const { path: step, attempt } = answering;
  const resolution = { kind: "done" as const, output: inline(output.value) };
  return facts(fact("StepOutcomeResolved", { step, attempt, resolution }));
}

/** It is known that nothing of the attempt is there. */
function withoutEffect({ state, index, path, attempt, around }: Answering): Advance {
  const error =
    recordAt(state, index).error ?? errorOf("unknown", "outcome-unknown", "the attempt ended without an answer");
  const next = afterNoEffect(attemptedAt(state, index), error, around.moment);
  return facts(fact("StepFailed", { step: path, attempt, error, next }));
}

function ask({ path, attempt }: Pick<Answering, "path" | "attempt">): Advance {
  return facts(fact("StepOutcomeResolved", { step: path, attempt, resolution: { kind: "ask" } }));
}
