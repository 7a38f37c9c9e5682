import {
  DEFAULT_IDEMPOTENT_ATTEMPTS,
  type RetryPolicy,
  type StepDefinition,
  type ToolStep,
} from "#events/definition.ts";
import type { ErrorCategory, ErrorInfo } from "#events/errors.ts";
import type { Next } from "#events/step-facts.ts";
import type { Moment } from "#machines/decide/decision.ts";
import { retryDelay, type FailedAttempts } from "#machines/retry.ts";
import { definitionAt, isStartingAt, recordAt, type PlanState } from "#machines/state.ts";
import type { StepContext } from "#machines/step-chart.ts";

// What follows an attempt that did not succeed. Recorded in the fact that ends the attempt, so that replay repeats the
// decision and not the policy.

const FINAL: Next = { kind: "final" };

export interface Attempted {
  readonly step: StepDefinition;
  readonly context: StepContext;
  /** A plan that is being cancelled, or stops, starts no other attempt. */
  readonly starting: boolean;
  /** Nobody waits for the step any more. */
  readonly isGivenUp: boolean;
}

export function attemptedAt(state: PlanState, index: number): Attempted {
  const { chart, givenUpFor } = recordAt(state, index);
  const step = definitionAt(state, index);
  const isGivenUp = givenUpFor !== undefined;
  return { step, context: chart.context, starting: isStartingAt(state, index), isGivenUp };
}

/** After an answered failure: a retry by policy, else the next fallback that is for it, else the end. */
export function afterFailure(
  { step, context, starting, isGivenUp }: Attempted,
  error: ErrorInfo,
  moment: Moment,
): Next {
  if (isGivenUp) return { kind: "cancelled" };
  if (!starting) return FINAL;
  const delayMs = step.kind === "tool" ? delayOf(step.retry, failedAttempts(context, error), moment) : undefined;
  return delayMs === undefined ? fallbackOrEnd(step, context, error.category) : retry(delayMs, moment);
}

/** After an expression without a value: the same call would find none again, the next fallback may. */
export function afterRefusal({ step, context, starting }: Attempted, { category }: ErrorInfo): Next {
  return starting ? fallbackOrEnd(step, context, category) : FINAL;
}

/**
 * After a silence (lost, timed out). An idempotent call is repeated like any failure; of a non-idempotent one nobody
 * knows whether it had its effect, and only its policy may say that it runs again.
 */
export function afterSilence(attempted: Attempted, error: ErrorInfo, moment: Moment): Next {
  const { step, context, starting, isGivenUp } = attempted;
  if (context.idempotent || isGivenUp) return afterFailure(attempted, error, moment);
  const policy = step.kind === "tool" ? policyOf(step, context) : "ask";
  if (policy !== "retry") return { kind: "unknown", policy };
  return starting ? afterNoEffect(attempted, error, moment) : FINAL;
}

/** It is known, or does not matter, that a non-idempotent attempt had no effect: it runs again, also without a `retry`. */
export function afterNoEffect(attempted: Attempted, error: ErrorInfo, moment: Moment): Next {
  const { step, context } = attempted;
  if (step.kind !== "tool") return FINAL;
  const attempts = Math.max(step.retry.attempts, DEFAULT_IDEMPOTENT_ATTEMPTS);
  const delayMs = delayOf({ ...step.retry, attempts }, failedAttempts(context, error), moment);
  return delayMs === undefined ? fallbackOrEnd(step, context, error.category) : retry(delayMs, moment);
}

/** What looks for the effect of the step's own call, or takes it back, knows nothing of a fallback's. */
function policyOf({ unknown, undo }: ToolStep, { alternative }: StepContext): "ask" | "retry" | "undo" | "verify" {
  if (unknown === "ask" || unknown === "retry") return unknown;
  if (alternative >= 0 || (unknown === "undo" && undo === undefined)) return "ask";
  return unknown === "undo" ? unknown : "verify";
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

/** The category is that of the last failure: of the fallback in use, where there is one. */
function fallbackOrEnd({ fallback }: StepDefinition, { alternative }: StepContext, category: ErrorCategory): Next {
  const index = fallback.findIndex(({ on }, at) => at > alternative && (on?.includes(category) ?? true));
  return index < 0 ? FINAL : { kind: "fallback", index };
}
