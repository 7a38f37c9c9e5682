import { describe, expect, it } from "vitest";
import type { FactData } from "#events/catalog.ts";
import { errorOf } from "#events/errors.ts";
import { reportAttempt } from "#machines/decide/report.ts";
import {
  cancelRequested,
  dispatched,
  failed,
  INVALID,
  NOW,
  ONCE,
  OTHER_WORKER,
  planOf,
  started,
  succeeded,
  THRICE,
  timedOut,
  tool,
} from "../plans.ts";
import { failure, report, silence, stopped, success } from "../reports.ts";
import { scenario } from "#src/testing/scenario.ts";

const retryAt = (dueAt: number): FactData<"StepFailed">["next"] => ({ kind: "retry", dueAt, delayMs: dueAt - NOW });
const UNKNOWN = { kind: "unknown", policy: "ask" } as const;

const simple = planOf([tool("a")], { onFailure: "continue" });
const patient = planOf([tool("a", { retry: THRICE })], { onFailure: "continue" });
const risky = planOf([tool("a", { retry: THRICE }, { idempotent: false })], { onFailure: "continue" });
const riskyAttempt = dispatched("a", { idempotent: false });

describe("a report of the attempt in flight", () => {
  it("ends it with the output of a success", () => {
    scenario(reportAttempt)
      .given(started(simple), dispatched("a"))
      .when({ ...report(success), durationMs: 12 })
      .then(succeeded("a", { durationMs: 12 }));
  });

  it("is refused when it names an attempt that nobody dispatched", () => {
    scenario(reportAttempt)
      .given(started(simple), dispatched("a"))
      .when(report(success, 2))
      .thenRejected("unknown-attempt");
    scenario(reportAttempt).given(started(simple)).when(report(success)).thenRejected("unknown-attempt");
    scenario(reportAttempt).when(report(success)).thenRejected("unknown-attempt");
  });

  it("is refused when somebody else sends it", () => {
    scenario(reportAttempt)
      .given(started(simple), dispatched("a"))
      .when(report(success, 1, OTHER_WORKER))
      .thenRejected("unknown-attempt");
  });

  it("is retried after its delay while attempts are left", () => {
    scenario(reportAttempt)
      .given(started(patient), dispatched("a"))
      .when(report(failure))
      .then(failed("a", { next: retryAt(NOW + 100) }));
  });

  it("fails the step for good with its last attempt", () => {
    scenario(reportAttempt).given(started(simple), dispatched("a")).when(report(failure)).then(failed("a"));
  });

  it("counts the attempts of a step, not the reports", () => {
    scenario(reportAttempt)
      .given(
        started(patient),
        dispatched("a"),
        failed("a", { next: retryAt(NOW) }),
        dispatched("a", { attempt: 2 }),
        failed("a", { attempt: 2, next: retryAt(NOW) }),
        dispatched("a", { attempt: 3 }),
      )
      .when(report(failure, 3))
      .then(failed("a", { attempt: 3 }));
  });

  it("is not retried in a category that another attempt cannot cure", () => {
    scenario(reportAttempt)
      .given(started(patient), dispatched("a"))
      .when(report({ kind: "failed", error: INVALID }))
      .then(failed("a", { error: INVALID }));
  });

  it("follows the override of its category", () => {
    const retry = { ...ONCE, on: { validation: { attempts: 2, delayMs: 7 }, unavailable: { attempts: 1 } } };
    const plan = planOf([tool("a", { retry })]);
    scenario(reportAttempt)
      .given(started(plan), dispatched("a"))
      .when(report({ kind: "failed", error: INVALID }))
      .then(failed("a", { error: INVALID, next: retryAt(NOW + 7) }));
  });

  it("waits as long as the other side's Retry-After asks for", () => {
    const error = { ...errorOf("rate-limited", "http-429", "slow down"), retryAfterMs: 4_000 };
    scenario(reportAttempt)
      .given(started(patient), dispatched("a"))
      .when(report({ kind: "failed", error }))
      .then(failed("a", { error, next: retryAt(NOW + 4_000) }));
  });

  it("ends the retries when the sum of their delays would exceed the budget", () => {
    const plan = planOf([tool("a", { retry: { ...THRICE, attempts: 10, budgetMs: 250 } })]);
    const next = { kind: "retry", dueAt: NOW, delayMs: 100 } as const;
    const second = [failed("a", { next }), dispatched("a", { attempt: 2 })];
    const third = [failed("a", { attempt: 2, next }), dispatched("a", { attempt: 3 })];
    scenario(reportAttempt)
      .given(started(plan), dispatched("a"), second)
      .when(report(failure, 2))
      .then(failed("a", { attempt: 2, next: retryAt(NOW + 100) }));
    scenario(reportAttempt)
      .given(started(plan), dispatched("a"), second, third)
      .when(report(failure, 3))
      .then(failed("a", { attempt: 3 }));
  });

  it("goes on to the next fallback after the last attempt, and to the end after the last fallback", () => {
    const plan = planOf([tool("a", { fallback: [tool("f").call, { value: [] }] })]);
    const toFallback = failed("a", { next: { kind: "fallback", index: 0 } });
    const given = [started(plan), dispatched("a")] as const;
    scenario(reportAttempt)
      .given(...given)
      .when(report(failure))
      .then(toFallback);
    const second = dispatched("a", { attempt: 2, alternative: 0 });
    scenario(reportAttempt)
      .given(...given, toFallback, second)
      .when(report(failure, 2))
      .then(failed("a", { attempt: 2, next: { kind: "fallback", index: 1 } }));
    const exhausted = planOf([tool("a", { fallback: [tool("f").call] })]);
    scenario(reportAttempt)
      .given(started(exhausted), dispatched("a"), toFallback, second)
      .when(report(failure, 2))
      .then(failed("a", { attempt: 2 }));
  });

  it("counts the attempts of a fallback from the start", () => {
    const plan = planOf([tool("a", { retry: { ...THRICE, attempts: 2 }, fallback: [tool("f").call] })]);
    scenario(reportAttempt)
      .given(
        started(plan),
        dispatched("a"),
        failed("a", { next: retryAt(NOW) }),
        dispatched("a", { attempt: 2 }),
        failed("a", { attempt: 2, next: { kind: "fallback", index: 0 } }),
        dispatched("a", { attempt: 3, alternative: 0 }),
      )
      .when(report(failure, 3))
      .then(failed("a", { attempt: 3, next: retryAt(NOW + 100) }));
  });

  it("retries an answered failure of a non-idempotent step as well", () => {
    scenario(reportAttempt)
      .given(started(risky), riskyAttempt)
      .when(report(failure))
      .then(failed("a", { next: retryAt(NOW + 100) }));
  });

  it("starts nothing again in a plan that stops after a failure", () => {
    const plan = planOf([tool("a", { retry: THRICE, fallback: [{ value: 1 }] }), tool("b")]);
    scenario(reportAttempt)
      .given(started(plan), dispatched("a"), dispatched("b"), failed("b"))
      .when(report(failure))
      .then(failed("a"));
  });
});

describe("a timed-out attempt", () => {
  it("is retried when it is idempotent", () => {
    scenario(reportAttempt)
      .given(started(patient), dispatched("a"))
      .when(report(silence))
      .then(timedOut("a", { next: retryAt(NOW + 100) }));
  });

  it("ends in an unknown outcome when it is not", () => {
    const state = scenario(reportAttempt)
      .given(started(risky), riskyAttempt)
      .when(report(silence))
      .then(timedOut("a", { next: UNKNOWN }));
    expect([...state.unknown]).toEqual([0]);
  });

  it("runs again without being idempotent only where its policy says so", () => {
    const plan = planOf([tool("a", { unknown: "retry" }, { idempotent: false })]);
    scenario(reportAttempt)
      .given(started(plan), riskyAttempt)
      .when(report(silence))
      .then(timedOut("a", { next: retryAt(NOW + 100) }));
  });

  it("is judged by the alternative that ran, not by the step", () => {
    const plan = planOf([tool("a", { fallback: [{ ...tool("f").call, idempotent: false }] })]);
    scenario(reportAttempt)
      .given(
        started(plan),
        dispatched("a"),
        failed("a", { next: { kind: "fallback", index: 0 } }),
        dispatched("a", { attempt: 2, alternative: 0, idempotent: false }),
      )
      .when(report(silence, 2))
      .then(timedOut("a", { attempt: 2, next: UNKNOWN }));
  });
});

describe("an attempt that was told to stop", () => {
  it("is cancelled in a plan that is being cancelled", () => {
    scenario(reportAttempt)
      .given(started(simple), dispatched("a"), cancelRequested())
      .when(report(stopped))
      .then({ type: "StepCancelled", data: { step: "a", attempt: 1 } });
  });

  it("has failed where nobody cancels the plan", () => {
    const error = errorOf("cancelled", "attempt-cancelled", "the executor stopped the attempt");
    scenario(reportAttempt).given(started(patient), dispatched("a")).when(report(stopped)).then(failed("a", { error }));
  });

  it("may still succeed while the plan is being cancelled", () => {
    scenario(reportAttempt)
      .given(started(simple), dispatched("a"), cancelRequested())
      .when(report(success))
      .then(succeeded("a"));
  });
});
