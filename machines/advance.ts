import { fact, type Fact } from "#events/catalog.ts";
import { errorOf } from "#events/errors.ts";
import type { Advance, Moment, Surroundings } from "#machines/decide/decision.ts";
import { afterSilence } from "#machines/decide/next.ts";
import { endPlan } from "#machines/decide/end.ts";
import { settleMembers } from "#machines/decide/settle.ts";
import { startStep } from "#machines/decide/step.ts";
import type { Due } from "#machines/due-heap.ts";
import {
  definitionAt,
  isStarting,
  isStartingAt,
  needsAt,
  pathAt,
  planStateOf,
  recordAt,
  type PlanState,
} from "#machines/state.ts";

// What follows from a state without anybody asking: timers that are due, skips, waits, values, dispatches, the end.
//
// V1. One call decides one thing, at most a handful of facts; the caller folds them and asks again until `idle` or until
//     its turn is full. Every prefix is a valid history, and what is left is found again from state.
// V2. Nothing is dispatched without capacity that an executor has offered.

const IDLE: Advance = { kind: "idle" };

export function advance(state: PlanState, around: Surroundings): Advance {
  if (!isOpen(state)) return IDLE;
  const due = overdue(state, around.moment);
  if (due !== undefined) return due;
  if (state.header.hasTag("dispatching")) {
    const started = startNext(state, around);
    if (started !== undefined) return started;
  }
  return endPlan(state, around) ?? IDLE;
}

/**
 * When `advance` has something to do next although nothing else happens; undefined for never. A retry whose time has
 * come waits for a slot and no longer for the clock.
 */
export function nextDueAt(state: PlanState, now: number): number | undefined {
  if (!isOpen(state)) return undefined;
  const timerAt = state.timers.peek()?.dueAt ?? Infinity;
  const due = Math.min(timerAt, planDeadlineAt(state), nextRetryAt(state, now));
  return due === Infinity ? undefined : due;
}

function planDeadlineAt(state: PlanState): number {
  const { deadlineAt } = state.header.context;
  return planStateOf(state) === "running" && deadlineAt !== 0 ? deadlineAt : Infinity;
}

function nextRetryAt(state: PlanState, now: number): number {
  const retryAt = isStarting(state) ? state.retries.peek()?.dueAt : undefined;
  return retryAt !== undefined && retryAt > now ? retryAt : Infinity;
}

/** Whether the plan has steps that only want a slot. */
export function wantsSlots(state: PlanState, now: number): boolean {
  if (!isStarting(state)) return false;
  if (state.ready.size > 0) return true;
  const retry = state.retries.peek();
  return retry !== undefined && retry.dueAt <= now;
}

function isOpen(state: PlanState): boolean {
  return state.header.hasTag("dispatching") || state.header.hasTag("draining");
}

function overdue(state: PlanState, moment: Moment): Advance | undefined {
  const { deadlineAt } = state.header.context;
  if (planStateOf(state) === "running" && deadlineAt !== 0 && deadlineAt <= moment.now) {
    return facts(fact("PlanCancelRequested", { epoch: moment.epoch, cause: "deadline" }));
  }
  const due = state.timers.peek();
  return due === undefined || due.dueAt > moment.now ? undefined : facts(timedOut(state, due, moment));
}

function timedOut(state: PlanState, due: Due, moment: Moment): Fact {
  const definition = definitionAt(state, due.step);
  const record = recordAt(state, due.step);
  const step = pathAt(state, due.step);
  const { context, value } = record.chart;
  if (due.kind === "wait") return fact("StepWaitEnded", { step });
  const attempted = { step: definition, context, starting: due.kind === "attempt" && isStartingAt(state, due.step) };
  const running = value === "running";
  const next = running
    ? afterSilence(attempted, errorOf("timeout", "attempt-timed-out", ""), moment)
    : { kind: "final" as const };
  const bound = due.kind === "attempt" ? "attempt" : "deadline";
  return fact("StepTimedOut", { step, attempt: running ? context.attempt : 0, bound, next });
}

function startNext(state: PlanState, around: Surroundings): Advance | undefined {
  for (const index of state.skippable) {
    return facts(skipped(state, index));
  }
  for (const index of state.settling) return settleMembers(state, index, around);
  if (!isStarting(state)) return undefined;
  const retry = state.retries.peek();
  if (retry !== undefined && retry.dueAt <= around.moment.now) {
    const outcome = startStep(state, retry.step, around);
    if (outcome.kind !== "no-slot") return outcome;
  }
  return startReady(state, around);
}

/** How many ready steps without a slot are passed over in search of one that needs none, or another kind. */
const MAX_PASSED_OVER = 32;

function startReady(state: PlanState, around: Surroundings): Advance | undefined {
  let passed = 0;
  for (const index of state.ready) {
    const outcome = startStep(state, index, around);
    if (outcome.kind !== "no-slot") return outcome;
    if (++passed >= MAX_PASSED_OVER) return undefined;
  }
  return undefined;
}

function skipped(state: PlanState, index: number): Fact {
  const because = needsAt(state, index).find((need) => recordAt(state, need).chart.value === "skipped") ?? index;
  const reason = { kind: "need" as const, step: pathAt(state, because) };
  return fact("StepSkipped", { step: pathAt(state, index), reason });
}

function facts(...decided: readonly Fact[]): Advance {
  return { kind: "facts", facts: decided };
}
