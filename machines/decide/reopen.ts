import { fact, type FactOf } from "#events/catalog.ts";
import type { CommandOf } from "#events/commands.ts";
import type { PlanDefinition } from "#events/definition.ts";
import { accepted, rejected, unstarted, type Decider, type Moment, type Rejection } from "#machines/decide/decision.ts";
import { isRevising } from "#machines/revision.ts";
import { definitionAt, draftedOf, hasBegun, isEnded, planStateOf, type PlanView } from "#machines/state.ts";
import type { StepRecord } from "#machines/step-record.ts";
import { findStep } from "#machines/step-path.ts";
import type { StepStateName } from "#machines/step-chart.ts";

// A person takes up a plan that has ended, or says what a step comes to. What succeeded is never run again by either:
// whoever wants that rolls back first.

/** What failed, was stopped or was undone starts again; what succeeded stays. */
export const reopenPlan: Decider<CommandOf<"ReopenPlan">> = ({ note }, state, moment) => {
  const refusal = unopenable(state);
  if (refusal !== undefined) return refusal;
  return isEnded(state) ? accepted(reopened(moment, note, draftedOf(state).definition)) : { kind: "duplicate" };
};

/** States of a step in which a person may say what it comes to. */
const OPEN: ReadonlySet<StepStateName> = new Set(["pending", "between", "waiting", "unknown", "failed", "cancelled"]);

export const giveOutcome: Decider<CommandOf<"GiveOutcome">> = ({ step, outcome, note }, state, moment) => {
  const refusal = unopenable(state);
  if (refusal !== undefined) return refusal;
  const found = findStep(state, step);
  if (found === undefined) return rejected("unknown-step", `plan ${state.planId} has no step ${step}`);
  if (found.record.chart.value === (outcome.kind === "done" ? "succeeded" : "skipped")) return { kind: "duplicate" };
  const unopen = refusalOf({ step, outcome, index: found.index }, found.record, state);
  if (unopen !== undefined) return unopen;
  const given = fact("StepOutcomeGiven", { step, outcome, ...(note === undefined ? {} : { note }) });
  return isEnded(state) ? accepted(reopened(moment, note, draftedOf(state).definition), given) : accepted(given);
};

type Given = Pick<CommandOf<"GiveOutcome">, "step" | "outcome"> & { readonly index: number };

/** Why nobody may say any more, or not yet, what a step comes to. */
function refusalOf(
  { step, outcome, index }: Given,
  record: Readonly<StepRecord>,
  state: PlanView,
): Rejection | undefined {
  if (record.scope.block.isUndo || !staysOpen(state, record)) {
    return rejected("step-settled", `what ${step} is inside of has ended; give an outcome to that`);
  }
  if (!hasBegun(state, record))
    return rejected("step-settled", `the turn of ${step} has not come: items begin in order`);
  if (outcome.kind === "done" && isQuestion(state, index)) {
    return rejected("approval-wanted", `${step} waits for an approval, which nothing else stands in for: approve it`);
  }
  if (outcome.kind === "done" && isRevising(definitionAt(state, index))) {
    return rejected("rest-wanted", `the output of ${step} is how the plan goes on: retry it, or revise the plan`);
  }
  const { value } = record.chart;
  if (isOpenToWord(state, record)) return undefined;
  return rejected("step-settled", `step ${step} is ${value}: ${ADVICE[value] ?? "it has ended"}`);
}

/**
 * Nothing of the step is under way, and its end is not decided; one that was stopped begins again with its plan alone, and
 * one that has lost a race stays as it is.
 */
function isOpenToWord(state: PlanView, record: Readonly<StepRecord>): boolean {
  const isLost = record.chart.value === "cancelled" && (record.givenUpFor !== undefined || !isEnded(state));
  return (OPEN.has(record.chart.value) && !isLost) || isIdleInside(record);
}

/** Others start on the word of this step that somebody has approved them. */
function isQuestion(state: PlanView, index: number): boolean {
  const record = state.steps[index];
  const isAsking = record?.chart.value === "waiting" && record.wait?.approval !== undefined;
  return isAsking || definitionAt(state, index).kind === "approve";
}

/**
 * All that the step is inside of is open, or will be when the plan goes on: neither undone nor over, nor a step whose
 * unknown outcome this one was to answer, which then begins again.
 */
function staysOpen(state: PlanView, { scope: from }: Readonly<StepRecord>): boolean {
  const reopens = isEnded(state) ? REOPENS : STAYS;
  for (let scope = from; ;) {
    const around = state.steps[scope.parent];
    if (around === undefined) return true;
    if (definitionAt(state, scope.parent).kind === "tool") return false;
    if (
      around.isUndone ||
      around.givenUpFor !== undefined ||
      !reopens.has(around.chart.value) ||
      !reopens.has(scope.result)
    )
      return false;
    scope = around.scope;
  }
}

const STAYS: ReadonlySet<string> = new Set(["open"]);
const REOPENS: ReadonlySet<string> = new Set(["open", "failed"]);

/** Open, and nothing runs inside. */
function isIdleInside({ chart, expansion }: Readonly<StepRecord>): boolean {
  return chart.value === "open" && expansion?.busy === 0;
}

const ADVICE: Partial<Record<StepStateName, string>> = {
  running: "wait for its attempt, or cancel the plan",
  open: "something runs inside it; wait for that, or give an outcome to the steps inside",
};

function unopenable(state: PlanView): Rejection | undefined {
  const value = planStateOf(state);
  const refusal = unstarted(state);
  if (refusal !== undefined) return refusal;
  if (value === "succeeded") return rejected("plan-ended", `plan ${state.planId} has already succeeded`);
  if (value !== "cancelling" && value !== "rolling-back") return undefined;
  return rejected("plan-ending", `plan ${state.planId} is ${value}; try again when that is done`);
}

/** The plan goes on, with all the time that its definition gives it. */
export function reopened(
  { now, epoch }: Moment,
  note: string | undefined,
  { deadlineMs }: Pick<PlanDefinition, "deadlineMs">,
): FactOf<"PlanReopened"> {
  return fact("PlanReopened", {
    epoch,
    ...(note === undefined ? {} : { note }),
    ...(deadlineMs === undefined ? {} : { deadlineAt: now + deadlineMs }),
  });
}
