import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RetryPolicy } from "#events/definition.ts";
import { ERROR_CATEGORIES, type ErrorCategory } from "#events/errors.ts";
import { retryDelay, type FailedAttempts } from "#machines/retry.ts";

const fixed: RetryPolicy = { attempts: 4, delayMs: 500, maxDelayMs: 3_000, backoff: "fixed", jitter: "none" };
const exponential: RetryPolicy = { ...fixed, attempts: 100, backoff: "exponential" };
const afterTries = (tries: number, fields: Partial<FailedAttempts> = {}): FailedAttempts => ({
  category: "unavailable",
  tries,
  delayedMs: 0,
  lastDelayMs: 0,
  ...fields,
});

const policies = fc.record({
  attempts: fc.integer({ min: 2, max: 1000 }),
  delayMs: fc.integer({ min: 0, max: 100_000 }),
  maxDelayMs: fc.integer({ min: 0, max: 1_000_000 }),
  backoff: fc.constantFrom("fixed" as const, "exponential" as const),
});
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe("a retry policy", () => {
  it("repeats after the same delay when it is fixed", () => {
    expect([1, 2, 3].map((tries) => retryDelay(fixed, afterTries(tries), 0.9))).toEqual([500, 500, 500]);
  });

  it("doubles the delay up to its maximum when it is exponential", () => {
    const delays = [1, 2, 3, 4, 50, 99].map((tries) => retryDelay(exponential, afterTries(tries), 0.9));
    expect(delays).toEqual([500, 1000, 2000, 3000, 3000, 3000]);
  });

  it("stays finite however often it doubles", () => {
    const endless = { ...exponential, attempts: 1000, maxDelayMs: Number.MAX_VALUE };
    expect(Number.isFinite(retryDelay(endless, afterTries(999), 0))).toBe(true);
  });

  it("counts the first attempt", () => {
    expect(retryDelay(fixed, afterTries(3), 0)).toBe(500);
    expect(retryDelay(fixed, afterTries(4), 0)).toBeUndefined();
    expect(retryDelay({ ...fixed, attempts: 1 }, afterTries(1), 0)).toBeUndefined();
  });

  it("draws from nothing to the whole delay with full jitter", () => {
    const full = { ...exponential, jitter: "full" as const };
    expect(retryDelay(full, afterTries(2), 0)).toBe(0);
    expect(retryDelay(full, afterTries(2), 0.25)).toBe(250);
    fc.assert(
      fc.property(policies, fc.integer({ min: 1, max: 40 }), random, (policy, tries, drawn) => {
        const failed = afterTries(Math.min(tries, policy.attempts - 1));
        const ceiling = retryDelay({ ...policy, jitter: "none" }, failed, drawn);
        const delay = retryDelay({ ...policy, jitter: "full" }, failed, drawn);
        expect(delay).toBeGreaterThanOrEqual(0);
        expect(delay).toBeLessThanOrEqual(ceiling ?? -1);
      }),
    );
  });

  it("draws from the base to three times the last delay with decorrelated jitter, under its maximum", () => {
    const decorrelated = { ...fixed, jitter: "decorrelated" as const };
    expect(retryDelay(decorrelated, afterTries(1), 0.99)).toBe(500);
    expect(retryDelay(decorrelated, afterTries(2, { lastDelayMs: 500 }), 0.5)).toBe(1000);
    expect(retryDelay(decorrelated, afterTries(3, { lastDelayMs: 2_900 }), 0.99)).toBe(3000);
    fc.assert(
      fc.property(policies, fc.nat({ max: 500_000 }), random, (policy, lastDelayMs, drawn) => {
        const delay = retryDelay({ ...policy, jitter: "decorrelated" }, afterTries(1, { lastDelayMs }), drawn);
        const { delayMs, maxDelayMs } = policy;
        expect(delay).toBeGreaterThanOrEqual(Math.min(delayMs, maxDelayMs));
        expect(delay).toBeLessThanOrEqual(Math.min(maxDelayMs, Math.max(delayMs, lastDelayMs * 3)));
      }),
    );
  });

  it("waits at least as long as Retry-After says, its own maximum notwithstanding", () => {
    expect(retryDelay(fixed, afterTries(1, { retryAfterMs: 90_000 }), 0)).toBe(90_000);
    expect(retryDelay(fixed, afterTries(1, { retryAfterMs: 1 }), 0)).toBe(500);
    expect(retryDelay(fixed, afterTries(4, { retryAfterMs: 1 }), 0)).toBeUndefined();
  });

  it("ends where the sum of its delays would exceed the budget", () => {
    const limited = { ...fixed, budgetMs: 1_200 };
    expect(retryDelay(limited, afterTries(2, { delayedMs: 700 }), 0)).toBe(500);
    expect(retryDelay(limited, afterTries(2, { delayedMs: 701 }), 0)).toBeUndefined();
    expect(retryDelay(limited, afterTries(1, { retryAfterMs: 1_201 }), 0)).toBeUndefined();
  });

  it("gives whole milliseconds", () => {
    fc.assert(
      fc.property(policies, random, (policy, drawn) => {
        expect(retryDelay({ ...policy, jitter: "full" }, afterTries(1), drawn)).toSatisfy(Number.isInteger);
      }),
    );
  });
});

describe("a failure's category", () => {
  const cures = (policy: RetryPolicy) =>
    ERROR_CATEGORIES.filter((category) => retryDelay(policy, afterTries(1, { category }), 0) !== undefined);
  const curable: ErrorCategory[] = ["conflict", "rate-limited", "unavailable", "timeout", "internal"];

  it("decides whether another attempt can help", () => {
    expect(new Set(cures(fixed))).toEqual(new Set([...curable, "resource-exhausted", "unknown"]));
  });

  it("can be overridden, in both directions and field by field", () => {
    const overridden: RetryPolicy = {
      ...fixed,
      on: { validation: {}, unavailable: { attempts: 1 }, timeout: { delayMs: 40, backoff: "exponential" } },
    };
    expect(cures(overridden)).toContain("validation");
    expect(cures(overridden)).not.toContain("unavailable");
    expect(retryDelay(overridden, afterTries(3, { category: "timeout" }), 0)).toBe(160);
    expect(retryDelay(overridden, afterTries(3, { category: "internal" }), 0)).toBe(500);
  });
});
