import { definitionAt, draftedOf, recordAt, type PlanState } from "#machines/state.ts";
import type { StepStateName } from "#machines/step-chart.ts";

// Keeps the derived indexes of a PlanState in step with its records. Every function costs O(1), or O(out-degree) where
// a step's end reaches its dependents.

/** The executor itself ends an attempt that exceeds its timeout; this much later its silence speaks for it. */
const REPORT_GRACE_MS = 5_000;

/** Moves a step's bookkeeping from one chart state to another, and tells its dependents when it ended. */
export function reindex(state: PlanState, index: number, move: Entry & { readonly from: StepStateName }): void {
  const { from, to } = move;
  // From one pause to the next: the retry that was due became a fallback that is ready.
  if (from === to && to !== "between") return;
  state.in[from]--;
  state.in[to]++;
  leave(state, index, from);
  enter(state, index, move);
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
  state.ready.add(index);
  watchDeadline(state, index);
}

/** Derives all indexes again from header, records and definition, after a snapshot was read. O(steps). */
export function rebuildIndexes(state: PlanState): void {
  const started = state.inputs !== undefined;
  state.steps.forEach((record, index) => {
    const { value } = record.chart;
    state.in[value]++;
    if (value === "pending") restorePending(state, index, started);
    else if (value === "running" || value === "waiting" || value === "between" || value === "unknown") {
      enter(state, index, { to: value, at: record.endedAt });
    }
    if (record.readyAt > 0) watchDeadline(state, index);
  });
}

function watchDeadline(state: PlanState, index: number): void {
  const { deadlineMs } = definitionAt(state, index);
  if (deadlineMs === undefined) return;
  const dueAt = recordAt(state, index).readyAt + deadlineMs;
  state.timers.push({ dueAt, step: index, kind: "deadline", attempt: 0 });
}

function restorePending(state: PlanState, index: number, started: boolean): void {
  const record = recordAt(state, index);
  const needs = draftedOf(state).graph.needs[index] ?? [];
  if (started && record.openNeeds === 0) state.ready.add(index);
  const condemned =
    definitionAt(state, index).join === "all" ? record.skippedNeeds > 0 : record.skippedNeeds === needs.length;
  if (condemned && needs.length > 0) state.skippable.add(index);
}

function leave(state: PlanState, index: number, from: StepStateName): void {
  if (from === "running") state.running.delete(index);
  else if (from === "unknown") {
    state.unknown.delete(index);
    // Nothing bounds the wait for an answer, so the deadline may have been forgotten meanwhile.
    watchDeadline(state, index);
  } else if (from === "pending" || from === "between") {
    state.ready.delete(index);
    state.skippable.delete(index);
  }
}

function enter(state: PlanState, index: number, { to, at }: Entry): void {
  const record = recordAt(state, index);
  const { context } = record.chart;
  const due = { step: index, attempt: context.attempt };
  if (to === "running") {
    state.running.add(index);
    state.timers.push({ ...due, dueAt: context.dispatchedAt + context.timeoutMs + REPORT_GRACE_MS, kind: "attempt" });
  } else if (to === "waiting") state.timers.push({ ...due, dueAt: context.dueAt, kind: "wait" });
  else if (to === "unknown") state.unknown.add(index);
  else if (to === "between") {
    if (context.dueAt === 0) state.ready.add(index);
    else state.retries.push({ ...due, dueAt: context.dueAt, kind: "retry" });
  } else {
    record.endedAt = at;
    if (to === "succeeded" || to === "skipped") tellDependents(state, index, { to, at });
  }
}

/** Only these two ends concern the steps that need this one. */
interface Settled extends Entry {
  readonly to: "succeeded" | "skipped";
}

function tellDependents(state: PlanState, index: number, settled: Settled): void {
  for (const dependent of draftedOf(state).graph.dependents[index] ?? []) {
    state.touched++;
    // Another need may have condemned it before this one ended.
    if (recordAt(state, dependent).chart.value !== "pending") continue;
    if (definitionAt(state, dependent).join === "all") tellAll(state, dependent, settled);
    else tellAny(state, dependent, settled);
  }
}

function tellAll(state: PlanState, index: number, { to, at }: Settled): void {
  const record = recordAt(state, index);
  if (to === "skipped") {
    record.skippedNeeds++;
    state.skippable.add(index);
  } else if (--record.openNeeds === 0) becomeReady(state, index, at);
}

function tellAny(state: PlanState, index: number, { to, at }: Settled): void {
  const record = recordAt(state, index);
  if (to === "succeeded") {
    if (record.openNeeds > 0) becomeReady(state, index, at);
    record.openNeeds = 0;
  } else if (++record.skippedNeeds === draftedOf(state).graph.needs[index]?.length) state.skippable.add(index);
}
