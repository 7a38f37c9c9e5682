import { contentHash } from "#events/canonical.ts";
import { fact, type Fact, type FactData } from "#events/catalog.ts";
import type { CommandOf } from "#events/commands.ts";
import type { PlanDefinition } from "#events/definition.ts";
import { inline } from "#events/payload.ts";
import type { Json } from "#events/json.ts";
import { accepted, rejected, unstarted, type Decider, type Moment, type Rejection } from "#machines/decide/decision.ts";
import { reopened } from "#machines/decide/reopen.ts";
import { flawOf } from "#machines/decide/start.ts";
import { changesBetween, doesOtherwise, planWordsBetween } from "#machines/revision.ts";
import { definitionAt, draftedOf, isEnded, planStateOf, type PlanState, type PlanView } from "#machines/state.ts";
import type { StepStateName } from "#machines/step-chart.ts";
import { asksForItself } from "#machines/step-record.ts";

// Somebody, or a planner, changes a plan that has begun. Finished work stays: what has begun does what it did, and whatever
// has not, or has failed, may do something else.

type RevisePlan = CommandOf<"RevisePlan">;

/** Changes named in one fact, and steps in one refusal. */
const MAX_NAMED = 100;

export const revisePlan: Decider<RevisePlan> = (command, state, moment) => {
  const refusal = unstarted(state) ?? refusalOfState(state) ?? refusalOfEdition(command, state);
  if (refusal !== undefined) return refusal;
  const { definition, definitionHash } = draftedOf(state);
  if (contentHash(command.definition as Json) === definitionHash) return { kind: "duplicate" };
  const flaw =
    flawOf(command.definition) ??
    refusalOfInputs(definition, command.definition) ??
    begunOtherwise(state, command.definition);
  if (flaw !== undefined) return flaw;
  const revised = revision(command, state, moment);
  return isEnded(state) ? accepted(revised, reopened(moment, command.note, command.definition)) : accepted(revised);
};

interface Revised extends Pick<FactData<"PlanRevised">, "cause" | "note"> {
  readonly definition: PlanDefinition;
}

/** The fact that the plan goes on with this definition. */
export function revision({ definition, note, cause }: Revised, state: PlanState, { epoch }: Moment): Fact {
  const before = draftedOf(state).definition;
  const { edition, deadlineAt, startedAt } = state.header.context;
  const until = definition.deadlineMs === before.deadlineMs ? deadlineAt : startedAt + (definition.deadlineMs ?? 0);
  return fact("PlanRevised", {
    epoch,
    edition: edition + 1,
    definition: inline(definition as Json),
    definitionHash: contentHash(definition as Json),
    steps: definition.steps.length,
    changes: changesBetween(before, definition).slice(0, MAX_NAMED),
    words: [...planWordsBetween(before, definition)],
    ...(definition.deadlineMs === undefined ? {} : { deadlineAt: until }),
    ...(note === undefined ? {} : { note }),
    ...(cause === undefined ? {} : { cause }),
  });
}

function refusalOfState(state: PlanView): Rejection | undefined {
  const value = planStateOf(state);
  if (value === "succeeded") return rejected("plan-ended", `plan ${state.planId} has already succeeded`);
  if (value !== "cancelling" && value !== "rolling-back") return undefined;
  return rejected("plan-ending", `plan ${state.planId} is ${value}; revise it when that is done`);
}

function refusalOfEdition({ edition }: RevisePlan, state: PlanView): Rejection | undefined {
  const current = state.header.context.edition;
  if (edition === current) return undefined;
  const message = `plan ${state.planId} has edition ${current}, and edition ${edition} was revised: look at it again`;
  return rejected("edition-outdated", message);
}

/** The plan has its inputs already; another one would have no value. */
function refusalOfInputs(before: PlanDefinition, after: PlanDefinition): Rejection | undefined {
  if (contentHash(before.inputs as Json) === contentHash(after.inputs as Json)) return undefined;
  return rejected("inputs-revised", "a plan that has started keeps its inputs as they were declared");
}

/** States of a step that a revision may change, or take away: nothing of it is under way or done. */
const REVISABLE: ReadonlySet<StepStateName> = new Set(["pending", "skipped", "failed", "cancelled"]);

/** Whether a revision may change the step, or take it away; `local` is its place in the plan's own steps. */
export function isRevisable(state: PlanState, local: number): boolean {
  const index = (state.root?.base ?? 0) + local;
  const record = state.steps[index];
  if (record === undefined || REVISABLE.has(record.chart.value)) return true;
  return asksForItself(definitionAt(state, index), record);
}

/** Refuses to change what has begun. */
export function begunOtherwise(state: PlanState, after: PlanDefinition): Rejection | undefined {
  const before = draftedOf(state).definition;
  const steps = new Map(after.steps.map((step) => [step.id, step]));
  const begun = before.steps.filter((step, local) => {
    const becomes = steps.get(step.id);
    if (isRevisable(state, local)) return false;
    return becomes === undefined || doesOtherwise({ step, plan: before }, { step: becomes, plan: after });
  });
  if (begun.length === 0) return undefined;
  const named = begun.slice(0, MAX_NAMED).map(({ id }) => id);
  return rejected("step-begun", `what has begun stays as it is: ${named.join(", ")}`);
}
