import type { StepDefinition, ToolStep } from "#events/definition.ts";
import type { ErrorInfo } from "#events/errors.ts";
import { Fault } from "#events/fault.ts";
import type { ExecutorId, PlanId } from "#events/ids.ts";
import type { ToldSentence } from "#events/plan-facts.ts";
import { valueOf, type Payload } from "#events/payload.ts";
import type { Blobs } from "#machines/blobs.ts";
import { DueHeap, type Due } from "#machines/due-heap.ts";
import { type PlanSnapshot, type PlanStateName, UNDRAFTED_PLAN } from "#machines/plan-chart.ts";
import { toolStepAt } from "#machines/block.ts";
import { PLAIN_LANE, ReadySteps, type Lane } from "#machines/ready-steps.ts";
import { isFailing, isStopping, NO_PARENT, stepPath, type Expansion, type Scope } from "#machines/scope.ts";
import { prepareDefinition, type PreparedDefinition } from "#machines/prepared.ts";
import { Retries } from "#machines/retries.ts";
import { Signals } from "#machines/signals.ts";
import type { StepStateName } from "#machines/step-chart.ts";
import type { GoneStep, StepRecord } from "#machines/step-record.ts";

// PlanState: the plan chart's snapshot (header only), one record a step run through the step chart, and indexes derived
// from both, so that deciding never walks all steps.
//
// P1. The indexes follow from header, records and definition; a snapshot does not carry them.
// P2. `ready` holds every step that can be dispatched or evaluated at once, `skippable` every pending step that skipped
//     needs condemn, `asking` every step that waits for an approval; steps of scopes that start nothing more are in
//     none of them. Whether the plan does is `isStarting`.
// P3. A step's number is its place in `steps`; the place is empty once the step's window was closed.

/** A rollback: the part of the plan that it takes back, and the scope of its undo calls. */
export interface Rollback {
  readonly scope: Scope;
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** What made the plan fail that rolls back because of it. */
  readonly error: ErrorInfo | undefined;
}

/** What a drafted plan always has; fixed by its first fact. */
export interface Drafted extends PreparedDefinition {
  readonly machine: string;
  readonly definitionPayload: Payload;
  readonly definitionHash: string;
}

export interface Comment {
  readonly by: string;
  /** In ms since the epoch. */
  readonly at: number;
  readonly text: string;
  /** Path of the step that it is about. */
  readonly about?: string | undefined;
  /** Of the question that the step had put. */
  readonly hash?: string | undefined;
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
  /** Of a response that is text: its sentences, and the steps that they stand on. */
  provenance: readonly ToldSentence[] | undefined;
  error: ErrorInfo | undefined;
  /** Whether the plan has started. */
  root: Scope | undefined;
  readonly rollbacks: Rollback[];
  steps: (StepRecord | undefined)[];
  /** Records in `steps`: those of members whose window was closed have left it. */
  held: number;
  readonly in: Readonly<Record<StepStateName, number>> & Record<StepStateName, number>;
  readonly ready: ReadySteps;
  readonly skippable: Set<number>;
  readonly running: Set<number>;
  readonly unknown: Set<number>;
  readonly asking: Set<number>;
  /** Those of them whose question is to be put anew. */
  readonly outdated: Set<number>;
  /** What people have said about the plan, at most `MAX_COMMENTS`. */
  readonly comments: Comment[];
  /** Steps that have all they wait for, and whose other needs may have to be given up. */
  readonly races: Set<number>;
  readonly signals: Signals;
  /** Open steps about whose members something is to be decided. */
  readonly settling: Set<number>;
  /** Attempts that fell silent and whose records have left memory, by `path#attempt`: whose they were. */
  readonly silent: Map<string, ExecutorId>;
  /** What stays of the plan's own steps that a revision took away, by id: they may come back. */
  readonly gone: Map<string, GoneStep>;
  /** Paths of steps that a rollback under way, or one that failed, has taken back after their records had left memory. */
  readonly undone: Set<string>;
  /** Waits and deadlines. */
  readonly timers: DueHeap;
  /** The bounds of attempts, apart from the timers because they stand still for nothing. */
  readonly bounds: DueHeap;
  /** Retries, apart from the timers because they need a slot as well. */
  readonly retries: Retries;
  /** Records that folding has touched, for the test that it does not grow with the plan. */
  touched: number;
}

/** A PlanState that only its actor may change: what everybody else reads. */
export type PlanView = Readonly<
  Omit<
    PlanState,
    "steps" | "in" | "ready" | "skippable" | "running" | "unknown" | "asking" | "outdated" | "comments" | "signals"
  >
> & {
  readonly steps: readonly (Readonly<StepRecord> | undefined)[];
  readonly in: Readonly<Record<StepStateName, number>>;
  readonly ready: Pick<ReadySteps, "size" | "has" | "highest"> & Iterable<number>;
  readonly skippable: ReadonlySet<number>;
  readonly running: ReadonlySet<number>;
  readonly unknown: ReadonlySet<number>;
  readonly asking: ReadonlySet<number>;
  readonly outdated: ReadonlySet<number>;
  readonly comments: readonly Comment[];
  readonly signals: Pick<Signals, "count" | "list" | "size" | "isAwaited" | "rememberedIds">;
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
    provenance: undefined,
    error: undefined,
    root: undefined,
    rollbacks: [],
    steps: [],
    held: 0,
    in: {
      pending: 0,
      running: 0,
      between: 0,
      waiting: 0,
      open: 0,
      unknown: 0,
      succeeded: 0,
      failed: 0,
      skipped: 0,
      cancelled: 0,
    },
    ready: new ReadySteps(),
    skippable: new Set(),
    running: new Set(),
    unknown: new Set(),
    asking: new Set(),
    outdated: new Set(),
    comments: [],
    races: new Set(),
    signals: new Signals(),
    settling: new Set(),
    silent: new Map(),
    gone: new Map(),
    undone: new Set(),
    timers: new DueHeap((due) => isDueLive(state, due)),
    bounds: new DueHeap((due) => isDueLive(state, due)),
    retries: new Retries((due) => isDueLive(state, due)),
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

export function planStateOf(state: PlanView): PlanStateName {
  return state.header.value;
}

/** Whether the plan starts steps now: it runs, and no step that failed for good stops it. */
export function isStarting(state: PlanView): boolean {
  return planStateOf(state) === "rolling-back" || (planStateOf(state) === "running" && !isPlanStopping(state));
}

/** Whether a plan may start steps by itself, now or when it is resumed. */
export function goesOn(state: PlanView): boolean {
  return state.header.hasTag("dispatching") || state.header.hasTag("paused");
}

/** Whether another attempt of a step may follow: the plan goes on, all that the step is inside of does, and it is wanted. */
export function isStartingAt(state: PlanView, index: number): boolean {
  const record = state.steps[index];
  return record !== undefined && record.givenUpFor === undefined && goesOn(state) && isLive(state, record.scope);
}

/** Whether whoever runs an attempt of the step has been told, or is to be told, to stop it. */
export function isStopWanted(state: PlanView, { scope, givenUpFor }: Readonly<StepRecord>): boolean {
  const plan = planStateOf(state);
  if (plan === "cancelling" || (plan === "rolling-back" && !scope.block.isUndo)) return true;
  return givenUpFor !== undefined || !isScopeOpen(state, scope);
}

/** A step failed for good in a plan that stops then: running steps finish, nothing new starts. */
export function isPlanStopping(state: PlanView): boolean {
  return state.root !== undefined && isStopping(state.root);
}

/** Whether a scope still starts steps: nothing that it is inside of stops, fails or has ended. */
export function isLive(state: PlanView, scope: Scope): boolean {
  const isTurn = (planStateOf(state) === "rolling-back") === scope.block.isUndo;
  return (
    isTurn &&
    scope.result === "open" &&
    !scope.isHeld &&
    !isStopping(scope) &&
    isAround(state, scope, (expansion, around) => !isFailing(expansion) && !around.isHeld && !isStopping(around))
  );
}

/** What happens in the scope still counts: it has not ended, nor has anything that it is inside of; that may start nothing more. */
export function isScopeOpen(state: PlanView, scope: Scope): boolean {
  return scope.result === "open" && isAround(state, scope, (_, { result }) => result === "open");
}

type Holds = (expansion: Expansion, around: Scope) => boolean;

/** Whether all that the scope is inside of is open, and holds. */
function isAround(state: PlanView, scope: Scope, holds: Holds): boolean {
  for (let inner = scope; inner.parent !== NO_PARENT;) {
    const record = state.steps[inner.parent];
    if (record?.expansion === undefined || !isHolding(record)) return false;
    inner = record.scope;
    if (!holds(record.expansion, inner)) return false;
  }
  return true;
}

/** States of a step in which what is inside of it counts: it is open, or its unknown outcome is being answered. */
function isHolding({ chart, givenUpFor }: Readonly<StepRecord>): boolean {
  return givenUpFor === undefined && (chart.value === "open" || chart.value === "unknown");
}

export function isEnded(state: PlanView): boolean {
  return state.header.hasTag("ended");
}

export function draftedOf(state: PlanView): Drafted {
  if (state.drafted === undefined) throw new Fault("plan-undrafted", `plan ${state.planId} has no definition yet`);
  return state.drafted;
}

/** The record of a step by its number, to be changed only by who owns the state. Fault: `unknown-step`. */
export function recordAt<S extends PlanView>(state: S, index: number): NonNullable<S["steps"][number]> {
  const record: S["steps"][number] = state.steps[index];
  if (record === undefined) throw new Fault("unknown-step", `plan ${state.planId} has no step number ${index}`);
  return record;
}

export function definitionAt(state: PlanView, index: number): StepDefinition {
  const record = state.steps[index];
  const step = record?.scope.block.steps[index - record.scope.base];
  if (record?.undoes !== undefined && step?.kind === "tool") return undoing(state, step, record.undoes);
  if (step === undefined) throw new Fault("unknown-step", `plan ${state.planId} has no step number ${index}`);
  return step;
}

/** The step of an undo call, with the bounds that the step which it takes back gives its undo. */
function undoing(state: PlanView, step: ToolStep, path: string): ToolStep {
  const { undo } = toolStepAt(draftedOf(state).block, path) ?? {};
  return undo === undefined ? step : { ...step, ...undo };
}

/** Which lane the step waits in for a slot. */
export function laneAt(state: PlanView, index: number): Lane {
  const step = definitionAt(state, index);
  const pool = step.kind === "tool" ? (step.pool ?? "") : "";
  const { priority = 0 } = step;
  return priority === 0 && pool === "" ? PLAIN_LANE : { priority, pool };
}

export function pathAt(state: PlanView, index: number): string {
  const { id } = definitionAt(state, index);
  const scope = state.steps[index]?.scope;
  return scope === undefined ? id : stepPath(scope, id);
}

/** Whether the turn of the member has come that the step is inside of. */
export function hasBegun(state: PlanView, { scope }: Readonly<StepRecord>): boolean {
  const expansion = state.steps[scope.parent]?.expansion;
  return expansion === undefined || Math.max(0, scope.member) < expansion.begun;
}

/** Numbers of the steps that a step needs. */
export function needsAt(state: PlanView, index: number): readonly number[] {
  const scope = state.steps[index]?.scope;
  if (scope === undefined) return [];
  const needs = scope.block.graph.needs[index - scope.base] ?? [];
  return scope.base === 0 ? needs : needs.map((need) => scope.base + need);
}

const LIVE_IN: Readonly<Record<Due["kind"], readonly StepStateName[]>> = {
  wait: ["waiting"],
  attempt: ["running"],
  retry: ["between"],
  deadline: ["pending", "running", "between", "waiting", "open"],
};

/** A plan that no longer runs, and a scope that starts nothing, wait for running attempts and for nothing else. */
function isDueLive(state: PlanView, due: Due): boolean {
  const record = state.steps[due.step];
  if (record === undefined || !LIVE_IN[due.kind].includes(record.chart.value)) return false;
  const { value, context } = record.chart;
  if (value !== "running" && !(goesOn(state) && isLive(state, record.scope))) return false;
  const { attempt, dueAt } = context;
  // A clock that stood still has moved what was due: only the last entry counts.
  if (due.kind === "deadline") return due.dueAt === record.readyAt + (definitionAt(state, due.step).deadlineMs ?? 0);
  return attempt === due.attempt && (due.kind === "attempt" || dueAt === due.dueAt);
}

/** The plan is paused, and its definition says that nothing of it is due meanwhile. */
export function isClockStopped(state: PlanView): boolean {
  return state.header.hasTag("paused") && state.drafted?.definition.pauseStopsClock === true;
}
