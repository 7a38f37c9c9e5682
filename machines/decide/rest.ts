import type { Fact } from "#events/catalog.ts";
import { restOfPlan, type PlanDefinition, type RestOfPlan, type StepDefinition } from "#events/definition.ts";
import { errorOf, type ErrorInfo } from "#events/errors.ts";
import { isJsonObject, type Json } from "#events/json.ts";
import { refsOf, valueOf, type Payload } from "#events/payload.ts";
import type { Moment } from "#machines/decide/decision.ts";
import { begunOtherwise, isRevisable, revision } from "#machines/decide/revise.ts";
import { flawOf } from "#machines/decide/start.ts";
import { NO_BLOBS } from "#machines/blobs.ts";
import { notAtHand } from "#machines/evaluate.ts";
import { isRevising } from "#machines/revision.ts";
import { definitionAt, draftedOf, recordAt, type PlanState } from "#machines/state.ts";

// A plan that is written while it runs. A step that `revises` gives how the plan goes on, and the turn that records its
// success also records the revision. Where steps failed for good such a step may be added (`replan.ts`).
//
// R1. What has begun stays as it is. What has not, or has failed, gives way to the rest, except where begun steps need it.
// R2. A rest that cannot be is a failure of the step that gave it: there is no success without the revision.

export type Continuation =
  | { readonly kind: "none" }
  | { readonly kind: "revised"; readonly fact: Fact }
  | { readonly kind: "error"; readonly error: ErrorInfo }
  | { readonly kind: "needs-blobs"; readonly refs: readonly string[] };

const NONE: Continuation = { kind: "none" };

/** What the output of a step that has just succeeded means for its plan. */
export function continuation(
  state: PlanState,
  { index, output }: { readonly index: number; readonly output: Payload },
  moment: Moment,
): Continuation {
  const step = definitionAt(state, index);
  if (!isRevising(step) || !isOwn(state, index)) return NONE;
  const blobs = moment.blobs ?? NO_BLOBS;
  const value = valueOf(output, blobs);
  if (value === undefined) return notAtHand(refsOf(output), blobs);
  const rest = restIn(value);
  if (rest === undefined) return refused("rest-malformed", `${step.id} gave no rest of the plan`);
  return revisedBy(state, { rest, step: step.id }, moment);
}

/** The rest is the field `rest` of the output. */
function restIn(output: Json): RestOfPlan | undefined {
  return restOfPlan.safeParse(isJsonObject(output) ? output.rest : undefined).data;
}

/** Steps inside of others are not what a revision changes. */
function isOwn(state: PlanState, index: number): boolean {
  return recordAt(state, index).scope === state.root;
}

interface Given {
  readonly rest: RestOfPlan;
  readonly step: string;
}

function revisedBy(state: PlanState, { rest, step }: Given, moment: Moment): Continuation {
  const { definition: before } = draftedOf(state);
  const { steps, calls, outputs, returns, respond, onFailure, deadlineMs } = rest;
  const kept = keptSteps(state);
  const { outputs: _outputs, returns: _returns, respond: _respond, ...others } = before;
  const after: PlanDefinition = {
    ...others,
    ...(outputs === undefined ? {} : { outputs }),
    ...(returns === undefined ? {} : { returns }),
    ...(respond === undefined ? {} : { respond }),
    ...(onFailure === undefined ? {} : { onFailure }),
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
    steps: [...kept, ...steps],
    ...(calls === undefined ? {} : { calls: { ...before.calls, ...calls } }),
  };
  const flaw = flawOf(after) ?? begunOtherwise(state, after);
  if (flaw !== undefined) return refused("rest-refused", `the rest of the plan cannot be: ${flaw.reason}`);
  return {
    kind: "revised",
    fact: revision({ definition: after, cause: { kind: "rest", step } }, state, moment),
  };
}

function refused(code: string, message: string): Continuation {
  return { kind: "error", error: errorOf("validation", code, message) };
}

/** R1. */
export function keptSteps(state: PlanState): readonly StepDefinition[] {
  const { steps } = draftedOf(state).definition;
  const byId = new Map(steps.map((step) => [step.id, step]));
  const kept = new Set(steps.filter((_, local) => !isRevisable(state, local)).map(({ id }) => id));
  for (const id of kept) for (const need of byId.get(id)?.needs ?? []) kept.add(need);
  return steps.filter(({ id }) => kept.has(id));
}
