import { isFailing, isSettled, NO_PARENT, type Scope } from "#machines/scope.ts";
import { isRace } from "#machines/races.ts";
import { abandonMembers, memberEnded, nextMember, reviewMembers } from "#machines/members.ts";
import { definitionAt, isLive, laneAt, needsAt, planStateOf, recordAt, type PlanState } from "#machines/state.ts";
import { neededSuccesses } from "#machines/step-record.ts";
import type { StepStateName } from "#machines/step-chart.ts";

// Keeps the derived indexes of a PlanState in step with its records. Every function costs O(1), or O(out-degree) where
// a step's end reaches its dependents; a scope that stops, or goes on after all, costs its own size.

/** The executor itself ends an attempt that exceeds its timeout; this much later its silence speaks for it. */
const REPORT_GRACE_MS = 5_000;

/** Moves a step's bookkeeping from one chart state to another, and tells its dependents when it ended. */
export function reindex(state: PlanState, index: number, move: Move): void {
  const { from, to, at } = move;
  const { scope } = recordAt(state, index);
  // From one pause to the next: the retry that was due became a fallback that is ready.
  // From one question to the next: another time is due.
  if (from !== to || to === "between" || (to === "waiting" && move.isAnew === true)) {
    state.in[from]--;
    state.in[to]++;
    leave(state, index, { from, at });
    enter(state, index, move);
  }
  settle(state, scope, at);
}

interface Move extends Entry {
  readonly from: StepStateName;
  /** It begins to wait once more. */
  readonly isAnew?: boolean;
}

/** A step's arrival in a state, at a time. */
interface Entry {
  readonly to: StepStateName;
  readonly at: number;
}

/** All needs are satisfied: from now on the step can start, and its deadline runs. */
export function becomeReady(state: PlanState, index: number, at: number): void {
  recordAt(state, index).readyAt = at;
  state.touched++;
  setStartable(state, index, true);
  if (isLive(state, recordAt(state, index).scope)) state.ready.add(index, laneAt(state, index));
  watchDeadline(state, index);
  watchRace(state, index);
}

/** Enters a step among those whose other needs may have to be given up, or removes it. */
function watchRace(state: PlanState, index: number): void {
  const { readyAt, endedAt, scope } = recordAt(state, index);
  const isWatched = readyAt > 0 && endedAt === 0 && isRace(state, index) && isLive(state, scope);
  if (isWatched) state.races.add(index);
  else state.races.delete(index);
}

/** What the step is waiting for, or doing, is not wanted any more; nothing inside it starts. */
export function giveUp(state: PlanState, index: number): void {
  recordAt(state, index).expansion?.scopes.forEach((scope) => withdraw(state, scope));
  reviewMembers(state, index);
}

/** The steps of a scope that need nothing can start. */
export function beginScope(state: PlanState, { base, block }: Scope, at: number): void {
  block.graph.needs.forEach((needs, local) => {
    if (needs.length === 0) becomeReady(state, base + local, at);
  });
}

/** Takes what could start in a scope, and in everything inside it, out of the indexes: it starts nothing any more. */
export function withdraw(state: PlanState, scope: Scope): void {
  for (const index of stepsOf(scope)) {
    state.ready.delete(index);
    state.skippable.delete(index);
    state.settling.delete(index);
    state.asking.delete(index);
    state.outdated.delete(index);
    state.races.delete(index);
    const { expansion, wait } = recordAt(state, index);
    if (wait?.signal !== undefined) state.signals.leave(wait.signal, index);
    expansion?.scopes.forEach((inner) => withdraw(state, inner));
  }
}

/** Begins as many members of an open step as may. */
export function beginMembers(state: PlanState, index: number, at: number): void {
  const { scope, expansion, chart } = recordAt(state, index);
  if (expansion === undefined || !hasMembers(chart.value) || !isLive(state, scope)) return;
  const { begun } = expansion;
  for (let next = nextMember(expansion); next !== undefined; next = nextMember(expansion)) {
    if (Math.max(0, next.member) >= begun) beginScope(state, next, at);
    else {
      // Its turn has come again, after it had been reopened.
      restore(state, next, at);
      endMember(state, next, at);
    }
  }
}

/** Derives the indexes of a scope again, and of everything inside it: it goes on after all, or a snapshot was read. */
export function restore(state: PlanState, scope: Scope, at: number): void {
  for (const index of stepsOf(scope)) {
    const record = recordAt(state, index);
    if (record.chart.value === "pending") restorePending(state, index);
    else if (isUnderWay(record.chart.value)) find(state, index, record.chart.value);
    if (record.readyAt > 0 && record.endedAt === 0) {
      watchDeadline(state, index);
      watchRace(state, index);
    }
    restoreMembers(state, index, at);
  }
}

/** Steps that are ready, again in the order in which they became so. */
export function orderReady(state: PlanState): void {
  const arrived = (index: number): number => state.steps[index]?.readyAt ?? 0;
  const order = [...state.ready].sort((a, b) => arrived(a) - arrived(b) || a - b);
  state.ready.clear();
  for (const index of order) state.ready.add(index, laneAt(state, index));
}

function restoreMembers(state: PlanState, index: number, at: number): void {
  const { expansion, chart } = recordAt(state, index);
  expansion?.scopes.forEach((scope) => {
    if (scope.result === "open" || scope.busy > 0) restore(state, scope, at);
  });
  if (expansion === undefined || !hasMembers(chart.value)) return;
  for (const scope of expansion.scopes.values()) {
    if (Math.max(0, scope.member) < expansion.begun) endMember(state, scope, at);
  }
  beginMembers(state, index, at);
  reviewMembers(state, index);
}

/** What is inside of a step counts while it is open, and while its unknown outcome is being answered. */
function hasMembers(value: StepStateName): boolean {
  return value === "open" || value === "unknown";
}

function isUnderWay(value: StepStateName): value is "running" | "waiting" | "between" | "unknown" {
  return value === "running" || value === "waiting" || value === "between" || value === "unknown";
}

/** The numbers of a scope's steps. */
function* stepsOf({ base, block }: Scope): Generator<number> {
  for (let index = base; index < base + block.steps.length; index++) yield index;
}

function watchDeadline(state: PlanState, index: number): void {
  const { deadlineMs } = definitionAt(state, index);
  if (deadlineMs === undefined) return;
  const dueAt = recordAt(state, index).readyAt + deadlineMs;
  state.timers.push({ dueAt, step: index, kind: "deadline", attempt: 0 });
}

function restorePending(state: PlanState, index: number): void {
  const record = recordAt(state, index);
  if (!record.isStartable || !isLive(state, record.scope)) return;
  if (record.openNeeds === 0) state.ready.add(index, laneAt(state, index));
  else state.skippable.add(index);
}

function leave(state: PlanState, index: number, { from, at }: { from: StepStateName; at: number }): void {
  LEAVING[from]?.(state, index, at);
}

type Leaving = (state: PlanState, index: number, at: number) => void;

const LEAVING: Readonly<Partial<Record<StepStateName, Leaving>>> = {
  pending: leaveReady,
  between: leaveReady,
  open: closeMembers,
  running: (state, index) => {
    countBusy(state, recordAt(state, index).scope, -1);
    state.running.delete(index);
  },
  waiting: (state, index) => {
    state.asking.delete(index);
    state.outdated.delete(index);
    const { wait } = recordAt(state, index);
    if (wait?.signal !== undefined) state.signals.leave(wait.signal, index);
  },
  unknown: (state, index) => {
    const record = recordAt(state, index);
    countBusy(state, record.scope, -1);
    state.unknown.delete(index);
    record.answering = 0;
    closeMembers(state, index);
    abandonMembers(record);
    // Nothing bounds the wait for an answer, so the deadline may have been forgotten meanwhile.
    watchDeadline(state, index);
  },
  failed: (state, index, at) => {
    const { scope } = recordAt(state, index);
    scope.failed--;
    if (isLive(state, scope)) restore(state, scope, at);
  },
};

function leaveReady(state: PlanState, index: number): void {
  state.ready.delete(index);
  state.skippable.delete(index);
}

/** Nothing inside a step that is no longer open starts any more; what runs there may still answer. */
function closeMembers(state: PlanState, index: number): void {
  state.settling.delete(index);
  recordAt(state, index).expansion?.scopes.forEach((scope) => withdraw(state, scope));
}

function enter(state: PlanState, index: number, { to, at }: Entry): void {
  const record = recordAt(state, index);
  setStartable(state, index, to === "between" || to === "waiting" || to === "open");
  if (to === "running" || to === "unknown") countBusy(state, record.scope, 1);
  if (to === "pending") return;
  if (isUnderWay(to)) find(state, index, to);
  else if (to !== "open") end(state, index, { to, at });
}

function end(state: PlanState, index: number, { to, at }: Entry): void {
  const record = recordAt(state, index);
  record.endedAt = at;
  state.races.delete(index);
  if (to === "failed") {
    const wasLive = isLive(state, record.scope);
    record.scope.failed++;
    if (wasLive && !isLive(state, record.scope)) withdraw(state, record.scope);
  } else if (to === "succeeded" || to === "skipped") tellDependents(state, index, { to, at });
}

/** Where a step that is under way is found by what it waits for. */
function find(state: PlanState, index: number, to: "running" | "waiting" | "between" | "unknown"): void {
  const { chart, scope } = recordAt(state, index);
  const { context } = chart;
  const due = { step: index, attempt: context.attempt };
  if (to === "running") {
    state.running.add(index);
    state.bounds.push({ ...due, dueAt: context.dispatchedAt + context.timeoutMs + REPORT_GRACE_MS, kind: "attempt" });
  } else if (to === "waiting") findWaiting(state, index);
  else if (to === "unknown") {
    state.unknown.add(index);
    reviewMembers(state, index);
  } else if (context.dueAt !== 0)
    state.retries.push({ ...due, dueAt: context.dueAt, kind: "retry" }, laneAt(state, index));
  else if (isLive(state, scope)) state.ready.add(index, laneAt(state, index));
}

function findWaiting(state: PlanState, index: number): void {
  const { chart, scope, wait } = recordAt(state, index);
  const { attempt, dueAt } = chart.context;
  if (dueAt !== 0) state.timers.push({ dueAt, step: index, attempt, kind: "wait" });
  if (!isLive(state, scope)) return;
  if (wait?.signal !== undefined) state.signals.listen(wait.signal, index);
  if (wait?.approval !== undefined) state.asking.add(index);
  if (wait?.isOutdated === true) state.outdated.add(index);
}

function setStartable(state: PlanState, index: number, isStartable: boolean): void {
  const record = recordAt(state, index);
  if (record.isStartable === isStartable) return;
  record.isStartable = isStartable;
  record.scope.startable += isStartable ? 1 : -1;
}

/** An attempt is under way, or its outcome unknown, in a scope and in all that it is inside of. O(depth). */
export function countBusy(state: PlanState, from: Scope, by: 1 | -1): void {
  for (let scope = from; ;) {
    scope.busy += by;
    if (scope.parent === NO_PARENT) return;
    const around = recordAt(state, scope.parent);
    if (around.expansion !== undefined) around.expansion.busy += by;
    scope = around.scope;
  }
}

/** Whether the scope has come to its end, and what that means for the step that it is inside of. O(depth). */
function settle(state: PlanState, from: Scope, at: number): void {
  for (let scope = from; scope.parent !== NO_PARENT; scope = recordAt(state, scope.parent).scope) {
    const { expansion, chart } = recordAt(state, scope.parent);
    // One that was given up counts no members any more, but what still ran in it kept those around it busy.
    if (expansion === undefined || !hasMembers(chart.value)) continue;
    endMember(state, scope, at);
    reviewMembers(state, scope.parent);
  }
}

/** States of a plan whose members come to an end. */
const GOES_ON: ReadonlySet<string> = new Set(["running", "paused"]);

/** Counts a member that has come to its end. What a plan that is given up stops is no end: it may go on when reopened. */
function endMember(state: PlanState, scope: Scope, at: number): void {
  const { expansion, scope: around } = recordAt(state, scope.parent);
  const goesOn = around.block.isUndo || GOES_ON.has(planStateOf(state));
  if (expansion === undefined || !goesOn || scope.result !== "open" || scope.isHeld || !isSettled(scope)) return;
  const wasFailing = isFailing(expansion);
  memberEnded(expansion, scope);
  if (isFailing(expansion) && !wasFailing) expansion.scopes.forEach((inner) => withdraw(state, inner));
  beginMembers(state, scope.parent, at);
}

/** Only these two ends concern the steps that need this one. */
interface Settled extends Entry {
  readonly to: "succeeded" | "skipped";
}

function tellDependents(state: PlanState, index: number, settled: Settled): void {
  const { scope } = recordAt(state, index);
  for (const local of scope.block.graph.dependents[index - scope.base] ?? []) {
    const dependent = scope.base + local;
    state.touched++;
    // Another need may have condemned it before this one ended.
    if (recordAt(state, dependent).chart.value !== "pending") continue;
    if (settled.to === "succeeded") tellSuccess(state, dependent, settled.at);
    else tellSkip(state, dependent);
  }
}

function tellSuccess(state: PlanState, index: number, at: number): void {
  const record = recordAt(state, index);
  if (record.openNeeds > 0 && --record.openNeeds === 0) becomeReady(state, index, at);
}

/** Too many skipped needs condemn a step: one of all, or so many that too few are left. */
function tellSkip(state: PlanState, index: number): void {
  const record = recordAt(state, index);
  const { scope } = record;
  record.skippedNeeds++;
  const left = needsAt(state, index).length - record.skippedNeeds;
  if (record.openNeeds === 0 || left >= neededSuccesses(scope.block, index - scope.base)) return;
  setStartable(state, index, true);
  if (isLive(state, scope)) state.skippable.add(index);
}
