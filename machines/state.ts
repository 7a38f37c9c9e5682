import type { FactData } from "#events/catalog.ts";
import type { StepDefinition } from "#events/definition.ts";
import type { ErrorInfo } from "#events/errors.ts";
import { Fault } from "#events/fault.ts";
import type { ExecutorId, PlanId } from "#events/ids.ts";
import { valueOf, type Payload } from "#events/payload.ts";
import type { Blobs } from "#machines/blobs.ts";
import { DueHeap, type Due } from "#machines/due-heap.ts";
import { type PlanSnapshot, type PlanStateName, UNDRAFTED_PLAN } from "#machines/plan-chart.ts";
import { prepareDefinition, type PreparedDefinition } from "#machines/prepared.ts";
import type { StepStateName } from "#machines/step-chart.ts";
import { PRISTINE_STEP, type StepSnapshot } from "#machines/step-table.ts";

// PlanState: the plan chart's snapshot (header only), one record a step run through the step chart, and indexes derived
// from both, so that deciding never walks all steps.
//
// P1. The indexes follow from header, records and definition; a snapshot does not carry them.
// P2. `ready` holds every step that can be dispatched or evaluated at once as far as its needs go, `skippable` every
//     pending step that an all-join on a skipped need condemns. Whether the plan still starts anything is `isStarting`.

export interface StepRecord {
  chart: StepSnapshot;
  /** Needs that have not been satisfied; a step with join `any` counts as satisfied at the first success. */
  openNeeds: number;
  skippedNeeds: number;
  /** When the last open need was satisfied; 0 while there is one. */
  readyAt: number;
  endedAt: number;
  /** The attempt in flight, as it was dispatched: what reconcile sends again. */
  dispatched: FactData<"StepDispatched"> | undefined;
  output: Payload | undefined;
  error: ErrorInfo | undefined;
  skipped: FactData<"StepSkipped">["reason"] | undefined;
  attempts: AttemptRecord[];
}

export interface AttemptRecord {
  readonly attempt: number;
  readonly alternative: number;
  readonly tool: string;
  readonly executor: ExecutorId;
  readonly startedAt: number;
  endedAt: number;
  /** How the attempt ended; `running` until it did. */
  result: "running" | "succeeded" | "failed" | "timed-out" | "lost" | "cancelled";
  /** What was recorded of it after it had ended. */
  late?: { readonly kind: "succeeded" | "failed" | "cancelled"; readonly adopted: boolean; readonly undoDue: boolean };
  readonly argsHash: string;
  error?: ErrorInfo;
}

/** What a drafted plan always has; fixed by its first fact. */
export interface Drafted extends PreparedDefinition {
  readonly machine: string;
  readonly definitionPayload: Payload;
  readonly definitionHash: string;
}

export interface PlanState {
  readonly planId: PlanId;
  /** Revision of the last folded event, -1 before the first. */
  revision: number;
  header: PlanSnapshot;
  drafted: Drafted | undefined;
  inputs: Payload | undefined;
  outputs: Payload | undefined;
  response: Payload | undefined;
  error: ErrorInfo | undefined;
  steps: StepRecord[];
  readonly in: Readonly<Record<StepStateName, number>> & Record<StepStateName, number>;
  readonly ready: Set<number>;
  readonly skippable: Set<number>;
  readonly running: Set<number>;
  readonly unknown: Set<number>;
  /** Waits, deadlines and the bounds of attempts. */
  readonly timers: DueHeap;
  /** Retries, apart from the timers because they need a slot as well. */
  readonly retries: DueHeap;
  /** Records that folding has touched, for the test that it does not grow with the plan. */
  touched: number;
}

/** A PlanState that only its actor may change: what everybody else reads. */
export type PlanView = Readonly<Omit<PlanState, "steps" | "in" | "ready" | "skippable" | "running" | "unknown">> & {
  readonly steps: readonly Readonly<StepRecord>[];
  readonly in: Readonly<Record<StepStateName, number>>;
  readonly ready: ReadonlySet<number>;
  readonly skippable: ReadonlySet<number>;
  readonly running: ReadonlySet<number>;
  readonly unknown: ReadonlySet<number>;
};

export function emptyState(planId: PlanId): PlanState {
  const state: PlanState = {
    planId,
    revision: -1,
    header: UNDRAFTED_PLAN,
    drafted: undefined,
    inputs: undefined,
    outputs: undefined,
    response: undefined,
    error: undefined,
    steps: [],
    in: {
      pending: 0,
      running: 0,
      between: 0,
      waiting: 0,
      unknown: 0,
      succeeded: 0,
      failed: 0,
      skipped: 0,
      cancelled: 0,
    },
    ready: new Set(),
    skippable: new Set(),
    running: new Set(),
    unknown: new Set(),
    timers: new DueHeap((due) => isLive(state, due)),
    retries: new DueHeap((due) => isLive(state, due)),
    touched: 0,
  };
  return state;
}

/** Gives a plan its definition, prepared anew or as another plan with the same definition has left it. */
export function draftedFrom(source: Omit<Drafted, keyof PreparedDefinition>, blobs: Blobs): Drafted {
  const { definitionHash, definitionPayload } = source;
  const known = blobs.prepared?.find(definitionHash);
  if (known !== undefined) return { ...source, ...known };
  const definition = valueOf(definitionPayload, blobs);
  if (definition === undefined) throw new Fault("blob-missing", "the plan's definition is a blob that is not at hand");
  const prepared = prepareDefinition(definition);
  blobs.prepared?.keep(definitionHash, prepared);
  return { ...source, ...prepared };
}

export function pristineRecord(needs: number): StepRecord {
  return {
    chart: PRISTINE_STEP,
    openNeeds: needs,
    skippedNeeds: 0,
    readyAt: 0,
    endedAt: 0,
    dispatched: undefined,
    output: undefined,
    error: undefined,
    skipped: undefined,
    attempts: [],
  };
}

export function planStateOf(state: PlanView): PlanStateName {
  return state.header.value;
}

/** Whether the plan still starts steps: it runs, and no step that failed for good stops it. */
export function isStarting(state: PlanView): boolean {
  return planStateOf(state) === "running" && !isStopping(state);
}

/** A step failed for good in a plan that stops then: running steps finish, nothing new starts. */
export function isStopping(state: PlanView): boolean {
  return state.in.failed > 0 && draftedOf(state).definition.onFailure === "stop";
}

export function isEnded(state: PlanView): boolean {
  return state.header.hasTag("ended");
}

export function draftedOf(state: PlanView): Drafted {
  if (state.drafted === undefined) throw new Fault("plan-undrafted", `plan ${state.planId} has no definition yet`);
  return state.drafted;
}

export function stepIndex(state: PlanView, id: string): number {
  const index = state.drafted?.graph.indexOf.get(id);
  if (index === undefined) throw new Fault("unknown-step", `plan ${state.planId} has no step ${id}`);
  return index;
}

/** A step by its id, for whoever may have got the id wrong. */
export function findStep(state: PlanView, id: string): { index: number; record: Readonly<StepRecord> } | undefined {
  const index = state.drafted?.graph.indexOf.get(id);
  const record = index === undefined ? undefined : state.steps[index];
  return index === undefined || record === undefined ? undefined : { index, record };
}

export function recordAt(state: PlanState, index: number): StepRecord {
  const record = state.steps[index];
  if (record === undefined) throw new Fault("unknown-step", `plan ${state.planId} has no step number ${index}`);
  return record;
}

export function definitionAt(state: PlanView, index: number): StepDefinition {
  const step = draftedOf(state).definition.steps[index];
  if (step === undefined) throw new Fault("unknown-step", `plan ${state.planId} has no step number ${index}`);
  return step;
}

const LIVE_IN: Readonly<Record<Due["kind"], readonly StepStateName[]>> = {
  wait: ["waiting"],
  attempt: ["running"],
  retry: ["between"],
  deadline: ["pending", "running", "between", "waiting"],
};

/** A plan that no longer runs waits for running attempts and for nothing else. */
function isLive(state: PlanView, due: Due): boolean {
  const record = state.steps[due.step];
  if (record === undefined || !LIVE_IN[due.kind].includes(record.chart.value)) return false;
  if (planStateOf(state) !== "running" && record.chart.value !== "running") return false;
  const { attempt, dueAt } = record.chart.context;
  if (due.kind === "retry" && dueAt !== due.dueAt) return false;
  return due.kind === "deadline" || attempt === due.attempt;
}
