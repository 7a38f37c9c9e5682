import { forgetScope } from "#machines/fold-members.ts";
import { becomeReady, countBusy, restore, withdraw } from "#machines/indexes.ts";
import type { Scope } from "#machines/scope.ts";
import { definitionAt, hasBegun, needsAt, recordAt, type PlanState } from "#machines/state.ts";
import { neededSuccesses, type StepRecord } from "#machines/step-record.ts";
import type { StepStateName } from "#machines/step-chart.ts";
import { PRISTINE_CONTEXT } from "#machines/step-chart.ts";
import { findStep } from "#machines/step-path.ts";
import { topologicalOrder } from "#machines/graph.ts";

// A plan that had ended goes on. What succeeded stays; what failed, was stopped, or was undone begins anew, and with it what
// was skipped because of it. O(steps of the scopes that are concerned), once a reopening.
//
// R1. Attempts go on counting, so that a report of an earlier one is never taken for one of a later.
// R2. A step that was undone begins another generation: its members and idempotency keys have other names than before,
//     because what those stood for no longer exists.

export function reopen(state: PlanState, at: number): void {
  const { root } = state;
  if (root === undefined) return;
  withdraw(state, root);
  reopenScope(state, root, at);
  restore(state, root, at);
}

function reopenScope(state: PlanState, scope: Scope, at: number): void {
  const { base, block } = scope;
  for (let index = base; index < base + block.steps.length; index++) reopenStep(state, index, at);
  recount(state, scope, at);
  scope.failed = 0;
  scope.result = "open";
}

/** What every pending step of a scope waits for, counted again. */
export function recount(state: PlanState, { base, block }: Scope, at: number): void {
  const sorted = topologicalOrder(block.graph);
  for (const local of "cycle" in sorted ? [] : sorted.order) count(state, base + local, at);
}

function reopenStep(state: PlanState, index: number, at: number): void {
  const record = recordAt(state, index);
  const { value } = record.chart;
  if (record.isUndone) beginAnew(state, index);
  else if (record.givenUpFor !== undefined && isRaceWon(state, record.givenUpFor)) return;
  else if (hasOwnMembers(state, index) && REOPENED.has(value)) reopenMembers(state, index, at);
  else if (value === "failed" || value === "cancelled") put(state, record, "pending");
}

const REOPENED: ReadonlySet<StepStateName> = new Set(["failed", "cancelled", "open"]);

/** Members that the step is made of; those that answer for an unknown outcome are not. */
function hasOwnMembers(state: PlanState, index: number): boolean {
  return recordAt(state, index).expansion !== undefined && definitionAt(state, index).kind !== "tool";
}

/** Enough of the race's other steps have succeeded, and stay so. */
function isRaceWon(state: PlanState, path: string): boolean {
  const race = findStep(state, path);
  if (race === undefined) return false;
  const { scope } = race.record;
  const needs = needsAt(state, race.index).map((need) => recordAt(state, need));
  const won = needs.filter(({ chart, isUndone }) => chart.value === "succeeded" && !isUndone).length;
  return won >= neededSuccesses(scope.block, race.index - scope.base);
}

/** Back to the beginning, as another generation. What is inside is in no index any more: the whole plan was withdrawn. */
function beginAnew(state: PlanState, index: number): void {
  const record = recordAt(state, index);
  if (state.unknown.delete(index)) countBusy(state, record.scope, -1);
  put(state, record, "pending");
  record.isUndone = false;
  record.generation++;
  record.output = undefined;
  record.errors = undefined;
  record.undo = undefined;
  record.approved = [];
  record.answering = 0;
  for (const attempt of record.attempts) attempt.isVoid = true;
  for (const scope of record.expansion?.scopes.values() ?? []) {
    discount(state, scope);
    forgetScope(state, scope);
  }
  record.expansion = undefined;
}

/** What was inside of a step that begins anew is not part of the plan any more. */
function discount(state: PlanState, scope: Scope): void {
  for (let index = scope.base; index < scope.base + scope.block.steps.length; index++) {
    const record = recordAt(state, index);
    state.in[record.chart.value]--;
    if (state.unknown.delete(index)) countBusy(state, scope, -1);
    for (const inner of record.expansion?.scopes.values() ?? []) discount(state, inner);
  }
}

/** Members that succeeded stay; others go on from their own failed or stopped steps, each when its turn comes again. */
function reopenMembers(state: PlanState, index: number, at: number): void {
  const record = recordAt(state, index);
  put(state, record, "open");
  setStartable(record, true);
  const { expansion } = record;
  if (expansion === undefined) return;
  for (const scope of expansion.scopes.values()) {
    if (scope.result === "succeeded" && !wasStopped(state, scope)) continue;
    if (scope.result !== "open") {
      if (scope.result === "failed") expansion.failed--;
      expansion.ended--;
      expansion.held++;
      scope.isHeld = true;
      const window = expansion.windows.find(({ to }) => scope.member < to);
      if (window !== undefined) window.left++;
    }
    reopenScope(state, scope, at);
  }
}

/** It came to its end because the step that it is inside of had lost a race: what was stopped in it has not succeeded. */
function wasStopped(state: PlanState, { base, block }: Scope): boolean {
  const records = block.steps.map((_, local) => recordAt(state, base + local));
  return records.some(({ chart, givenUpFor }) => chart.value === "cancelled" && givenUpFor === undefined);
}

/** What a pending step waits for, counted again; one that was skipped with a step that begins anew is pending as well. */
function count(state: PlanState, index: number, at: number): void {
  const record = recordAt(state, index);
  const states = needsAt(state, index).map((need) => recordAt(state, need).chart.value);
  const mayCome = states.some((value) => value !== "succeeded" && value !== "skipped");
  if (record.chart.value === "skipped" && record.skipped?.kind === "need" && mayCome) put(state, record, "pending");
  if (record.chart.value !== "pending") return;
  const needed = neededSuccesses(record.scope.block, index - record.scope.base);
  const succeeded = states.filter((value) => value === "succeeded").length;
  record.skippedNeeds = states.filter((value) => value === "skipped").length;
  record.openNeeds = Math.max(0, needed - succeeded);
  record.readyAt = 0;
  setStartable(record, states.length - record.skippedNeeds < needed);
  if (record.openNeeds === 0 && hasBegun(state, record)) becomeReady(state, index, at);
}

function put(state: PlanState, record: StepRecord, value: StepStateName): void {
  state.in[record.chart.value]--;
  state.in[value]++;
  const { attempt } = record.chart.context;
  record.chart = { value, context: { ...PRISTINE_CONTEXT, attempt } };
  record.endedAt = 0;
  record.error = undefined;
  record.skipped = undefined;
  record.wait = undefined;
  record.givenUpFor = undefined;
}

function setStartable(record: StepRecord, isStartable: boolean): void {
  if (record.isStartable === isStartable) return;
  record.isStartable = isStartable;
  record.scope.startable += isStartable ? 1 : -1;
}
