import { isStepFact, type Fact, type PlanFact, type StepFact } from "#events/catalog.ts";
import { Fault } from "#events/fault.ts";
import { NO_BLOBS, type Blobs } from "#machines/blobs.ts";
import { movePlan, type PlanEvent } from "#machines/plan-chart.ts";
import { foldStep } from "#machines/fold-step.ts";
import { draftedFrom, draftedOf, pristineRecord, type PlanState } from "#machines/state.ts";
import { becomeReady } from "#machines/indexes.ts";
import { machineVersion } from "#machines/versions.ts";

// The fold: facts in, PlanState out. It changes a state that it owns.
//
// F1. An event that the charts do not accept throws; nothing is skipped.
// F2. A fact costs O(out-degree of its step), whatever the size of the plan; `touched` counts.
// F3. It never evaluates an expression and never asks for anything: what a fact means is in the fact. The definition of
//     a large plan is a blob, and comes with the call.

export interface FoldEvent {
  readonly fact: Fact;
  /** When it was recorded, in ms since the epoch. */
  readonly at: number;
}

/** Folds the next event of the plan's stream. Faults: `event-refused`, `blob-missing`, `unknown-step`, … */
export function fold(state: PlanState, event: FoldEvent, blobs: Blobs = NO_BLOBS): void {
  const { fact, at } = event;
  if (isStepFact(fact)) {
    admit(state, fact);
    foldStep(state, { ...fact, at });
  } else if (fact.type === "PlanQuarantined" || fact.type === "PlanReleased") {
    throw new Fault("event-refused", `${fact.type} belongs to the system stream`);
  } else {
    foldPlan(state, { ...fact, at }, blobs);
  }
  state.revision++;
}

/** What ends attempts, and may therefore still happen while a plan is being cancelled. */
const DRAINING: ReadonlySet<StepFact["type"]> = new Set([
  "StepSucceeded",
  "StepFailed",
  "StepTimedOut",
  "StepLost",
  "StepCancelled",
  "StepLateReported",
  "StepOutcomeResolved",
  "StepWaitEnded",
]);

function admit(state: PlanState, fact: StepFact): void {
  const { header } = state;
  const admitted =
    header.hasTag("dispatching") ||
    (header.hasTag("draining") && DRAINING.has(fact.type)) ||
    (header.hasTag("ended") && fact.type === "StepLateReported");
  if (!admitted) throw new Fault("event-refused", `a plan that is ${header.value} does not accept ${fact.type}`);
}

function foldPlan(state: PlanState, event: PlanEvent & PlanFact, blobs: Blobs): void {
  state.header = movePlan(state.header, event);
  switch (event.type) {
    case "PlanDrafted":
      draft(state, event, blobs);
      return;
    case "PlanStarted":
      state.inputs = event.data.inputs;
      start(state, event.at);
      return;
    case "PlanSucceeded":
      state.outputs = event.data.outputs;
      state.response = event.data.response;
      return;
    case "PlanFailed":
      state.error = event.data.error;
      return;
    case "PlanCancelRequested":
    case "PlanCancelled":
      return;
  }
}

function draft(state: PlanState, { data }: Extract<PlanEvent, { type: "PlanDrafted" }>, blobs: Blobs): void {
  const { machine, definition: definitionPayload, definitionHash } = data;
  machineVersion(machine);
  state.drafted = draftedFrom({ machine, definitionPayload, definitionHash }, blobs);
  state.drafted.graph.needs.forEach((needs) => state.steps.push(pristineRecord(needs.length)));
  state.in.pending = state.steps.length;
}

function start(state: PlanState, at: number): void {
  draftedOf(state).graph.needs.forEach((needs, index) => {
    if (needs.length === 0) becomeReady(state, index, at);
  });
}
