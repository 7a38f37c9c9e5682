import { definitionAt, draftedOf, recordAt, type PlanState } from "#machines/state.ts";
import type { StepStateName } from "#machines/step-chart.ts";

// Keeps the derived indexes of a PlanState in step with its records. Every function costs O(1), or O(out-degree) where
// a step's end reaches its dependents.

/** The executor itself ends an attempt that exceeds its timeout; this much later its silence speaks for it. */
const REPORT_GRACE_MS = 5_000;

/** Moves a step's bookkeeping from one chart state to another, and tells its dependents when it ended. */
export function reindex(state: PlanState, index: number, move: { from: StepStateName; to: StepStateName }, at: number): void {
  const { from, to } = move;
  // From one pause to the next: the retry that was due became a fallback that is ready.
  if (from === to && to !== "between") return;
  state.in[from]--;
  state.in[to]++;
  leave(state, index, from);
  enter(state, index, to, at);
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
      enter(state, index, value, record.endedAt);
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
  const condemned = definitionAt(state, index).join === "all" ? record.skippedNeeds > 0 : record.skippedNeeds === needs.length;
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

function enter(state: PlanState, index: number, to: StepStateName, at: number): void {
  const record = recordAt(state, index);
  const { context } = record.chart;
  const due = { step: index, attempt: context.attempt };
  switch (to) {
    case "running":
      state.running.add(index);
      state.timers.push({ ...due, dueAt: context.dispatchedAt + context.timeoutMs + REPORT_GRACE_MS, kind: "attempt" });
      return;
    case "waiting":
      state.timers.push({ ...due, dueAt: context.dueAt, kind: "wait" });
      return;
    case "between":
      if (context.dueAt === 0) state.ready.add(index);
      else state.retries.push({ ...due, dueAt: context.dueAt, kind: "retry" });
      return;
    case "unknown":
      state.unknown.add(index);
      return;
    case "succeeded":
    case "failed":
    case "skipped":
    case "cancelled":
      record.endedAt = at;
      for (const dependent of draftedOf(state).graph.dependents[index] ?? []) tell(state, dependent, to, at);
      return;
    case "pending":
  }
}

function tell(state: PlanState, index: number, ended: StepStateName, at: number): void {
  if (ended !== "succeeded" && ended !== "skipped") return;
  const record = recordAt(state, index);
  state.touched++;
  // Another need may have condemned it before this one ended.
  if (record.chart.value !== "pending") return;
  if (definitionAt(state, index).join === "all") tellAll(state, index, ended, at);
  else if (ended === "succeeded") {
    if (record.openNeeds > 0) becomeReady(state, index, at);
    record.openNeeds = 0;
  } else if (++record.skippedNeeds === draftedOf(state).graph.needs[index]?.length) state.skippable.add(index);
}

function tellAll(state: PlanState, index: number, ended: StepStateName, at: number): void {
  const record = recordAt(state, index);
  if (ended === "skipped") {
    record.skippedNeeds++;
    state.skippable.add(index);
  } else if (--record.openNeeds === 0) becomeReady(state, index, at);
}
