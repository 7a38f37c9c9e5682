import { DEFAULT_IDEMPOTENT_ATTEMPTS, type RetryPolicy, type StepDefinition } from "#events/definition.ts";
import type { ErrorInfo } from "#events/errors.ts";
import type { Next } from "#events/step-facts.ts";
import type { Moment } from "#machines/decide/decision.ts";
import { retryDelay, type FailedAttempts } from "#machines/retry.ts";
import type { StepContext } from "#machines/step-chart.ts";

// What follows an attempt that did not succeed. Recorded in the fact that ends the attempt, so that replay repeats the
// decision and not the policy.

const FINAL: Next = { kind: "final" };

export interface Attempted {
  readonly step: StepDefinition;
  readonly context: StepContext;
  /** A plan that is being cancelled, or stops, starts no other attempt. */
  readonly starting: boolean;
}

/** After an answered failure: a retry by policy, else the next fallback, else the end. */
export function afterFailure({ step, context, starting }: Attempted, error: ErrorInfo, moment: Moment): Next {
  if (!starting) return FINAL;
  const delayMs = step.kind === "tool" ? delayOf(step.retry, failedAttempts(context, error), moment) : undefined;
  return delayMs === undefined ? fallbackOrEnd(step, context) : retry(delayMs, moment);
}

/** After an expression without a value: the same call would find none again, the next fallback may. */
export function afterRefusal({ step, context, starting }: Attempted): Next {
  return starting ? fallbackOrEnd(step, context) : FINAL;
}

/**
 * After a silence (lost, timed out). An idempotent call is repeated like any failure; of a non-idempotent one nobody
 * knows whether it had its effect, and only its policy may say that it runs again.
 */
export function afterSilence(attempted: Attempted, error: ErrorInfo, moment: Moment): Next {
  const { step, context, starting } = attempted;
  if (context.idempotent) return afterFailure(attempted, error, moment);
  if (step.kind !== "tool" || step.unknown === "ask") return { kind: "unknown", policy: "ask" };
  if (!starting) return FINAL;
  const attempts = Math.max(step.retry.attempts, DEFAULT_IDEMPOTENT_ATTEMPTS);
  const delayMs = delayOf({ ...step.retry, attempts }, failedAttempts(context, error), moment);
  return delayMs === undefined ? fallbackOrEnd(step, context) : retry(delayMs, moment);
}

function delayOf(policy: RetryPolicy, failed: FailedAttempts, moment: Moment): number | undefined {
  return failed.tries === 0 ? undefined : retryDelay(policy, failed, moment.random());
}

function failedAttempts({ tries, delayedMs, lastDelayMs }: StepContext, error: ErrorInfo): FailedAttempts {
  return { category: error.category, tries, delayedMs, lastDelayMs, retryAfterMs: error.retryAfterMs };
}

function retry(delayMs: number, moment: Moment): Next {
  return { kind: "retry", delayMs, dueAt: moment.now + delayMs };
}

function fallbackOrEnd(step: StepDefinition, context: StepContext): Next {
  const index = context.alternative + 1;
  return index < step.fallback.length ? { kind: "fallback", index } : FINAL;
}
