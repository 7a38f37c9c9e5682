import { isStepFact, type Fact, type FactData, type PlanFact, type StepFact } from "#events/catalog.ts";
import { Fault } from "#events/fault.ts";
import { NO_BLOBS, type Blobs } from "#machines/blobs.ts";
import { movePlan, type PlanEvent } from "#machines/plan-chart.ts";
import { foldStep } from "#machines/fold-step.ts";
import { draftedFrom, draftedOf, recordAt, type PlanState } from "#machines/state.ts";
import { pristineRecord } from "#machines/step-record.ts";
import { undoBlock } from "#machines/block.ts";
import { beginScope, restore, withdraw } from "#machines/indexes.ts";
import { shiftClock } from "#machines/stood-still.ts";
import { reviseState } from "#machines/revise.ts";
import { reopen } from "#machines/reopen.ts";
import { stepsOfPart } from "#machines/undoing.ts";
import { NO_MEMBER, NO_PARENT, openScope } from "#machines/scope.ts";
import { findStep } from "#machines/step-path.ts";
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
  "StepReviewed",
  "StepWaitEnded",
]);

/** What a paused plan admits beside that: it may look for answers and give up, but starts nothing. */
const HOLDING: ReadonlySet<StepFact["type"]> = new Set([...DRAINING, "StepOutcomeGiven", "StepCancelRequested"]);

function admit(state: PlanState, fact: StepFact): void {
  const { header } = state;
  const admitted =
    header.hasTag("dispatching") ||
    (header.hasTag("paused") && (HOLDING.has(fact.type) || isAskedAnew(state, fact))) ||
    (header.hasTag("draining") && DRAINING.has(fact.type)) ||
    (header.hasTag("ended") && fact.type === "StepLateReported");
  if (!admitted) throw new Fault("event-refused", `a plan that is ${header.value} does not accept ${fact.type}`);
}

/** A question that is put anew starts nothing. */
function isAskedAnew(state: PlanState, fact: StepFact): boolean {
  return fact.type === "StepWaitStarted" && state.outdated.has(findStep(state, fact.data.step)?.index ?? -1);
}

function foldPlan(state: PlanState, event: PlanEvent & PlanFact, blobs: Blobs): void {
  state.header = movePlan(state.header, event);
  keepPlan(state, event, blobs);
}

type EventOf<T extends PlanFact["type"]> = Extract<PlanEvent, { type: T }>;

function keepPlan<T extends PlanFact["type"]>(
  state: PlanState,
  event: EventOf<T> & { readonly type: T },
  blobs: Blobs,
): void {
  KEEPERS[event.type](state, event, blobs);
}

const NOTHING_MORE = (): void => undefined;

/** What a fact about the plan changes beside the chart's state; what its steps are about to do is found again. */
const KEEPERS: { readonly [T in PlanFact["type"]]: (state: PlanState, event: EventOf<T>, blobs: Blobs) => void } = {
  PlanDrafted: draft,
  PlanStarted: start,
  PlanRevised: reviseState,
  PlanPaused: NOTHING_MORE,
  PlanResumed: (state, { data, at }) => {
    if (state.root !== undefined) shiftClock(state, state.root, { shiftMs: data.shiftMs ?? 0, at });
  },
  SignalReceived: keepSignal,
  SignalExpired: (state, { data }) => {
    state.signals.take(data.number);
  },
  PlanCommented: ({ comments }, { data, at }) => {
    const { by, text, about, hash } = data;
    comments.push({ by, at, text, about, hash });
  },
  PlanCancelRequested: NOTHING_MORE,
  PlanCancelled: (state, { data }) => {
    keepAnswer(state, data);
  },
  PlanSucceeded: (state, { data }) => {
    state.outputs = data.outputs;
    keepAnswer(state, data);
  },
  PlanFailed: (state, { data, at }) => {
    state.error = data.error;
    state.outputs = data.outputs;
    keepAnswer(state, data);
    leaveRollback(state, at);
  },
  PlanRollbackStarted: startRollback,
  PlanRolledBack: (state, { data, at }) => {
    keepAnswer(state, data);
    noteRolledBack(state);
    leaveRollback(state, at);
  },
  PlanReopened: (state, { at }) => {
    state.error = undefined;
    state.outputs = undefined;
    keepAnswer(state, {});
    reopen(state, at);
  },
};

/** Each end answers anew; what an earlier one had answered holds no longer. */
function keepAnswer(state: PlanState, { response, provenance }: Answer): void {
  state.response = response;
  state.provenance = provenance;
}

type Answer = Partial<Pick<FactData<"PlanSucceeded">, "response" | "provenance">>;

function keepSignal(state: PlanState, { data, at }: EventOf<"SignalReceived">): void {
  const { number, name, payload, by, id, expiresAt = 0 } = data;
  if (number !== state.signals.count + 1) throw new Fault("event-refused", `signal ${number} is not the next one`);
  state.signals.keep({ number, name, payload, by, at, expiresAt });
  if (id !== undefined) state.signals.remember(id);
}

function start(state: PlanState, { data, at }: EventOf<"PlanStarted">): void {
  if (state.root === undefined) throw new Fault("event-refused", `plan ${state.planId} has no definition yet`);
  state.inputs = data.inputs;
  state.root.inputs = data.inputs;
  beginScope(state, state.root, at);
}

/** Nothing of the plan starts any more; one step is added, which what is to be undone will be inside of. */
function startRollback(state: PlanState, { data, at }: EventOf<"PlanRollbackStarted">): void {
  if (state.root === undefined) throw new Fault("event-refused", `plan ${state.planId} has no definition yet`);
  const { from, to, error, number } = data;
  // Its steps are found by it, and a snapshot counts.
  if (number !== state.rollbacks.length + 1) {
    throw new Fault("event-refused", `rollback ${number} is not the next one`);
  }
  withdraw(state, state.root);
  const place = { path: "", parent: NO_PARENT, member: NO_MEMBER, base: state.steps.length };
  const scope = openScope({ ...place, block: undoBlock(number), inputs: undefined, previous: undefined });
  state.rollbacks.push({ scope, from, to, error });
  state.steps.push(pristineRecord(scope, 0));
  state.held++;
  state.in.pending++;
  beginScope(state, scope, at);
}

/** What was rolled back begins anew when the plan goes on, also where there was no call to undo it. */
function noteRolledBack(state: PlanState): void {
  const rollback = state.rollbacks.at(-1);
  if (rollback === undefined) return;
  state.error = rollback.error;
  for (const local of stepsOfPart(draftedOf(state), rollback)) {
    const record = recordAt(state, (state.root?.base ?? 0) + local);
    if (record.chart.value !== "pending") record.isUndone = true;
    forgetUndone(state, draftedOf(state).block.steps[local]?.id ?? "");
  }
}

/** A step that is undone as a whole says so for all that was inside it. */
function forgetUndone({ undone }: PlanState, id: string): void {
  for (const path of undone) if (path.startsWith(`${id}/`) || path.startsWith(`${id}~`)) undone.delete(path);
}

/** The plan's own steps are to be found again, for whoever reopens it. */
function leaveRollback(state: PlanState, at: number): void {
  if (state.rollbacks.length > 0 && state.root !== undefined) restore(state, state.root, at);
}

function draft(state: PlanState, { data }: EventOf<"PlanDrafted">, blobs: Blobs): void {
  const { machine, definition: definitionPayload, definitionHash } = data;
  machineVersion(machine);
  state.drafted = draftedFrom({ machine, definitionPayload, definitionHash }, blobs);
  const { block } = state.drafted;
  const at = { path: "", parent: NO_PARENT, member: NO_MEMBER, base: 0 };
  const root = openScope({ ...at, block, inputs: undefined, previous: undefined });
  state.root = root;
  state.steps = block.steps.map((_, index) => pristineRecord(root, index));
  state.held = state.steps.length;
  state.in.pending = state.steps.length;
}
