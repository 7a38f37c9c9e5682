import { fact, type Fact } from "#events/catalog.ts";
import { errorOf } from "#events/errors.ts";
import type { Advance, Moment, Surroundings } from "#machines/decide/decision.ts";
import { afterRefusal, afterSilence, attemptedAt } from "#machines/decide/next.ts";
import { approvalExpired, askAnew } from "#machines/decide/approve.ts";
import { endPlan } from "#machines/decide/end.ts";
import { settleMembers } from "#machines/decide/settle.ts";
import { followSignal } from "#machines/decide/signal.ts";
import { startStep } from "#machines/decide/step.ts";
import type { Due } from "#machines/due-heap.ts";
import { loserOf } from "#machines/races.ts";
import {
  goesOn,
  isClockStopped,
  isStarting,
  needsAt,
  pathAt,
  planStateOf,
  recordAt,
  type PlanState,
  type PlanView,
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
  const heard = takesSignals(state) ? followPeople(state, around) : undefined;
  if (heard !== undefined) return heard;
  if (state.header.hasTag("paused")) return IDLE;
  if (state.header.hasTag("dispatching")) {
    const started = startNext(state, around);
    if (started !== undefined) return started;
  }
  return endPlan(state, around) ?? IDLE;
}

/** What somebody has sent, and what has to be asked of them anew. */
function followPeople(state: PlanState, around: Surroundings): Advance | undefined {
  const signal = followSignal(state, around.moment);
  if (signal !== undefined) return facts(signal);
  const anew = askAnew(state, around);
  return anew?.kind === "no-slot" ? undefined : anew;
}

/**
 * When `advance` has something to do next although nothing else happens; undefined for never. A retry whose time has
 * come waits for a slot and no longer for the clock.
 */
export function nextDueAt(state: PlanState, now: number): number | undefined {
  if (!isOpen(state)) return undefined;
  const timerAt = firstDue(state)?.dueAt ?? Infinity;
  const signalAt = takesSignals(state) ? (state.signals.firstToExpire()?.expiresAt ?? Infinity) : Infinity;
  const due = Math.min(timerAt, signalAt, planDeadlineAt(state), nextRetryAt(state, now));
  return due === Infinity ? undefined : due;
}

function planDeadlineAt(state: PlanState): number {
  const { deadlineAt } = state.header.context;
  const isBounded = planStateOf(state) === "running" || (planStateOf(state) === "paused" && !isClockStopped(state));
  return isBounded && deadlineAt !== 0 ? deadlineAt : Infinity;
}

function nextRetryAt(state: PlanState, now: number): number {
  const retryAt = isStarting(state) ? state.retries.peek()?.dueAt : undefined;
  return retryAt !== undefined && retryAt > now ? retryAt : Infinity;
}

/** Priority of the first step that only wants a slot; undefined where the plan has none. */
export function slotPriority(state: PlanState, now: number): number | undefined {
  if (!isStarting(state) || isAwaitingAnswers(state)) return undefined;
  const ready = state.ready.highest ?? -Infinity;
  const retry = state.retries.due(now)[0]?.priority ?? -Infinity;
  const highest = Math.max(ready, retry);
  return highest === -Infinity ? undefined : highest;
}

/** A rollback that lists its calls when what runs has answered: until then it has no use for a slot. */
function isAwaitingAnswers(state: PlanState): boolean {
  const scope = state.rollbacks.at(-1)?.scope;
  if (planStateOf(state) !== "rolling-back" || scope === undefined || state.running.size === 0) return false;
  return recordAt(state, scope.base).chart.value === "pending";
}

/** A plan that is given up, or rolled back, keeps its signals for when it goes on. */
export function takesSignals(state: PlanView): boolean {
  return planStateOf(state) === "running" || planStateOf(state) === "paused";
}

function isOpen(state: PlanState): boolean {
  return goesOn(state) || state.header.hasTag("draining");
}

function overdue(state: PlanState, moment: Moment): Advance | undefined {
  if (planDeadlineAt(state) <= moment.now) {
    return facts(fact("PlanCancelRequested", { epoch: moment.epoch, cause: "deadline" }));
  }
  const due = firstDue(state);
  return due === undefined || due.dueAt > moment.now ? undefined : facts(timedOut(state, due, moment));
}

/** What is due first; while the clock stands still that is no wait and no deadline. */
function firstDue(state: PlanState): Due | undefined {
  const bound = state.bounds.peek();
  const timer = isClockStopped(state) ? undefined : state.timers.peek();
  if (bound === undefined || timer === undefined) return bound ?? timer;
  return bound.dueAt <= timer.dueAt ? bound : timer;
}

function timedOut(state: PlanState, due: Due, moment: Moment): Fact {
  const record = recordAt(state, due.step);
  const step = pathAt(state, due.step);
  const { context, value } = record.chart;
  if (due.kind === "wait") return waitedLongEnough(state, due.step);
  const attempted = attemptedAt(state, due.step);
  const running = value === "running";
  const next = running
    ? afterSilence(
        { ...attempted, starting: attempted.starting && due.kind === "attempt" },
        errorOf("timeout", "attempt-timed-out", ""),
        moment,
      )
    : { kind: "final" as const };
  const bound = due.kind === "attempt" ? "attempt" : "deadline";
  return fact("StepTimedOut", { step, attempt: running ? context.attempt : 0, bound, next });
}

/** A time has come, or nobody approved in time. */
function waitedLongEnough(state: PlanState, index: number): Fact {
  const step = pathAt(state, index);
  const approval = recordAt(state, index).wait?.approval;
  if (approval === undefined) return fact("StepWaitEnded", { step });
  const error = approvalExpired(approval.role);
  return fact("StepFailed", { step, attempt: 0, error, next: afterRefusal(attemptedAt(state, index), error) });
}

function startNext(state: PlanState, around: Surroundings): Advance | undefined {
  for (const index of state.skippable) {
    return facts(skipped(state, index));
  }
  for (const index of state.settling) return settleMembers(state, index, around);
  if (!isStarting(state)) return undefined;
  const lost = loser(state);
  if (lost !== undefined) return facts(lost);
  return startRetries(state, around) ?? startReady(state, around);
}

/** Retries whose time has come, unless steps of a higher priority are ready. */
function startRetries(state: PlanState, around: Surroundings): Advance | undefined {
  const { highest = -Infinity } = state.ready;
  for (const { step, priority } of state.retries.due(around.moment.now)) {
    if (priority < highest) return startReady(state, around) ?? startAfter(state, step, around);
    const outcome = startStep(state, step, around);
    if (outcome.kind !== "no-slot") return outcome;
  }
  return undefined;
}

function startAfter(state: PlanState, step: number, around: Surroundings): Advance | undefined {
  const outcome = startStep(state, step, around);
  return outcome.kind === "no-slot" ? undefined : outcome;
}

/** A step that has lost a race whose step has all it waits for. */
function loser(state: PlanState): Fact | undefined {
  for (const race of state.races) {
    const lost = loserOf(state, race);
    if (lost === undefined) continue;
    return fact("StepCancelRequested", { step: pathAt(state, lost), because: pathAt(state, race) });
  }
  return undefined;
}

/** How many ready steps of one lane are passed over in search of one that needs no slot, or has another key. */
const MAX_PASSED_OVER = 32;

function startReady(state: PlanState, around: Surroundings): Advance | undefined {
  for (const lane of state.ready.lanes()) {
    let passed = 0;
    for (const index of lane) {
      const outcome = startStep(state, index, around);
      if (outcome.kind !== "no-slot") return outcome;
      if (++passed >= MAX_PASSED_OVER) break;
    }
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
