import type { RetryPolicy } from "#events/definition.ts";
import type { ErrorCategory } from "#events/errors.ts";

// When a failed attempt is repeated. Pure: the random number comes in, the delay comes out and is recorded in the fact.
// A policy is read when an attempt fails and never again: replay finds the delay in the fact, not here.

/** Categories that another attempt may cure. The rest say that the same call will fail the same way. */
const RETRYABLE: ReadonlySet<ErrorCategory> = new Set([
  "conflict",
  "rate-limited",
  "unavailable",
  "timeout",
  "internal",
  "resource-exhausted",
  "unknown",
]);

export interface FailedAttempts {
  readonly category: ErrorCategory;
  /** Attempts so far of this call, the failed one included. */
  readonly tries: number;
  /** Sum of all delays of the step so far, and the last of them, in ms. */
  readonly delayedMs: number;
  readonly lastDelayMs: number;
  readonly retryAfterMs?: number | undefined;
}

/** Milliseconds until the next attempt, or undefined when there shall be none. `random` is uniform in [0, 1). */
export function retryDelay(policy: RetryPolicy, failed: FailedAttempts, random: number): number | undefined {
  const override = policy.on?.[failed.category];
  if (override === undefined && !RETRYABLE.has(failed.category)) return undefined;
  const effective = overridden(policy, override ?? {});
  if (failed.tries >= effective.attempts) return undefined;
  const delay = Math.max(backoffDelay(effective, failed, random), failed.retryAfterMs ?? 0);
  const whole = Math.ceil(delay);
  return policy.budgetMs !== undefined && failed.delayedMs + whole > policy.budgetMs ? undefined : whole;
}

type Override = NonNullable<NonNullable<RetryPolicy["on"]>[ErrorCategory]>;
type Effective = Pick<RetryPolicy, "attempts" | "delayMs" | "maxDelayMs" | "backoff" | "jitter">;

function overridden(policy: RetryPolicy, override: Override): Effective {
  return {
    attempts: override.attempts ?? policy.attempts,
    delayMs: override.delayMs ?? policy.delayMs,
    maxDelayMs: override.maxDelayMs ?? policy.maxDelayMs,
    backoff: override.backoff ?? policy.backoff,
    jitter: override.jitter ?? policy.jitter,
  };
}

/** Fixed or exponential, with full or decorrelated jitter (Brooker, "Exponential Backoff And Jitter", AWS 2015). */
function backoffDelay(policy: Effective, failed: FailedAttempts, random: number): number {
  const { delayMs, maxDelayMs } = policy;
  if (policy.jitter === "decorrelated") {
    const upper = Math.max(delayMs, failed.lastDelayMs * 3);
    return Math.min(maxDelayMs, delayMs + random * (upper - delayMs));
  }
  const factor = policy.backoff === "exponential" ? 2 ** Math.min(failed.tries - 1, 52) : 1;
  const ceiling = Math.min(maxDelayMs, delayMs * factor);
  return policy.jitter === "full" ? random * ceiling : ceiling;
}
