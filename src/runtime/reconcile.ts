import type { FactData } from "#events/catalog.ts";
import { errorOf } from "#events/errors.ts";
import type { Fault } from "#events/fault.ts";
import type { PlanId } from "#events/ids.ts";
import { isStopWanted, type PlanView } from "#machines/state.ts";
import type { ExecutorId } from "#events/ids.ts";
import type { Clock } from "#src/ports/clock.ts";
import { sendCancel, sendRun, type EffectDeps } from "#src/runtime/effects.ts";
import { RESEND_AFTER_MS } from "#src/runtime/limits.ts";
import { SYSTEM, type Letter } from "#src/runtime/mailbox.ts";

// The loop that makes a lossy bus harmless: what the log shows unanswered is sent again, and what an executor that is
// gone was running is lost. It remembers nothing of what was sent; whoever receives twice drops the second (E1).

interface Actor {
  readonly plan: PlanId;
  readonly view: PlanView | undefined;
  readonly effects: EffectDeps;
  post(letter: Letter): boolean;
}

interface ReconcileOptions {
  readonly clock: Clock;
  /** Whether nobody will hear any more what the executor was running. */
  readonly isGone: (executor: ExecutorId) => boolean;
}

export function reconcile(actors: readonly Actor[], options: ReconcileOptions): void {
  for (const actor of actors) {
    if (actor.view !== undefined) reconcilePlan(actor, actor.view, options);
  }
}

/** Says that nobody will report an attempt any more. */
export function lossOf({ step, attempt, executor }: FactData<"StepDispatched">): Letter {
  const command = { type: "LoseAttempt" as const, step, attempt, executor };
  return { command, sender: SYSTEM, answer: () => undefined, fail: () => undefined };
}

/**
 * Says that an attempt cannot begin, because what it was to be given cannot be had. It counts as a silence: what is known of slots
 * is what was heard last.
 */
export function unreadableOf({ step, attempt, executor }: FactData<"StepDispatched">, fault: Fault): Letter {
  const error = errorOf("not-found", fault.code, fault.message);
  const outcome = { kind: "failed" as const, error, isSilent: true };
  const command = { type: "ReportAttempt" as const, step, attempt, executor, outcome, durationMs: 0 };
  return { command, sender: SYSTEM, answer: () => undefined, fail: () => undefined };
}

function reconcilePlan(actor: Actor, state: PlanView, { clock, isGone }: ReconcileOptions): void {
  const now = clock.now();
  for (const index of state.running) {
    const dispatched = state.steps[index]?.dispatched;
    const startedAt = state.steps[index]?.chart.context.dispatchedAt ?? now;
    if (dispatched === undefined) continue;
    if (isGone(dispatched.executor)) {
      actor.post(lossOf(dispatched));
    } else if (Math.abs(now - startedAt) >= RESEND_AFTER_MS) {
      // In the future as well: the clock was set back since, or that of an earlier owner is fast.
      sendAgain(index, state, actor.effects);
    }
  }
}

/** Asks the executor of an attempt in flight what became of it, or to stop it where that is wanted. */
export function sendAgain(index: number, state: PlanView, effects: EffectDeps): void {
  const record = state.steps[index];
  if (record?.dispatched === undefined) return;
  // Whoever has not heard of it by now must not begin with what nobody wants any more.
  if (isStopWanted(state, record)) sendCancel(record.dispatched, state, effects);
  else sendRun(record.dispatched, state, effects);
}
