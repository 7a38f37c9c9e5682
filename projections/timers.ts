import { takesSignals } from "#machines/advance.ts";
import type { Due } from "#machines/due-heap.ts";
import { isClockStopped, isStarting, pathAt, planStateOf, type PlanView } from "#machines/state.ts";
import type { StepRecord } from "#machines/step-record.ts";

// What happens by itself, and when: the moments that the plan's actor waits for, each with its reason.
//
// D1. The list and the law read the same heaps: the first moment of those that do not stand still is the one at which
//     `advance` has something to do.

export type Timer = {
  /** Milliseconds since the epoch; in the past for what only waits for a turn or a slot. */
  readonly dueAt: number;
  /** It does not come by itself: the plan is paused, or given up. */
  readonly stands: boolean;
} & TimerReason;

export type TimerReason =
  /** The plan has to end by then. */
  | { readonly kind: "plan-deadline" }
  /** The step has to end by then, with all its attempts and waits. */
  | { readonly kind: "step-deadline"; readonly step: string }
  /** The attempt under way is given up unless it has answered by then: its timeout, and a while for the report. */
  | { readonly kind: "attempt"; readonly step: string; readonly attempt: number; readonly tool: string }
  /** The next attempt may start. */
  | { readonly kind: "retry"; readonly step: string; readonly attempt: number }
  /** The step has waited long enough. */
  | { readonly kind: "wait"; readonly step: string }
  /** Nobody has approved in time. */
  | { readonly kind: "approval"; readonly step: string; readonly hash: string }
  /** A signal that nobody took is forgotten. */
  | { readonly kind: "signal"; readonly name: string; readonly number: number };

/** The earliest first, at most `limit`. O(due times · log due times). */
export function selectTimers(state: PlanView, limit: number): readonly Timer[] {
  const stopped = isClockStopped(state);
  const retriesStand = !isStarting(state);
  return [
    ...planDeadline(state, stopped),
    ...state.timers.living().map((due) => timerOf(state, due, stopped)),
    ...state.bounds.living().map((due) => timerOf(state, due, false)),
    ...state.retries.living().map((due) => timerOf(state, due, retriesStand)),
    ...keptSignals(state),
  ]
    .sort((a, b) => a.dueAt - b.dueAt)
    .filter(isNews)
    .slice(0, limit);
}

function planDeadline(state: PlanView, stands: boolean): Timer[] {
  const { deadlineAt } = state.header.context;
  const value = planStateOf(state);
  const isBounded = deadlineAt !== 0 && (value === "running" || value === "paused");
  return isBounded ? [{ kind: "plan-deadline", dueAt: deadlineAt, stands }] : [];
}

function keptSignals(state: PlanView): Timer[] {
  const stands = !takesSignals(state);
  return state.signals.list().flatMap(({ name, number, expiresAt }): Timer[] => {
    return expiresAt === 0 ? [] : [{ kind: "signal", name, number, dueAt: expiresAt, stands }];
  });
}

function timerOf(state: PlanView, due: Due, stands: boolean): Timer {
  return { dueAt: due.dueAt, stands, ...REASONS[due.kind](pathAt(state, due.step), due, state.steps[due.step]) };
}

type Explain = (step: string, due: Due, record: Readonly<StepRecord> | undefined) => TimerReason;

const REASONS: Readonly<Record<Due["kind"], Explain>> = {
  attempt: (step, { attempt }, record) => ({
    kind: "attempt",
    step,
    attempt,
    tool: record?.attempts.at(-1)?.tool ?? "",
  }),
  retry: (step, { attempt }) => ({ kind: "retry", step, attempt: attempt + 1 }),
  deadline: (step) => ({ kind: "step-deadline", step }),
  wait: (step, _due, record) => {
    const hash = record?.wait?.approval?.hash;
    return hash === undefined ? { kind: "wait", step } : { kind: "approval", step, hash };
  },
};

/** A moment may have been entered twice: the clock stood still and went on. */
function isNews(timer: Timer, index: number, all: readonly Timer[]): boolean {
  const before = all[index - 1];
  return before === undefined || JSON.stringify(before) !== JSON.stringify(timer);
}
