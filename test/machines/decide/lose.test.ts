import { describe, it } from "vitest";
import { loseAttempt } from "#machines/decide/lose.ts";
import {
  cancelRequested,
  dispatched,
  lost,
  NOW,
  ONCE,
  OTHER_WORKER,
  planOf,
  started,
  succeeded,
  THRICE,
  tool,
  WORKER,
} from "../plans.ts";
import { scenario } from "#src/testing/scenario.ts";

const lose = (attempt = 1, executor = WORKER) => ({ type: "LoseAttempt" as const, step: "a", attempt, executor });
const retry = { kind: "retry", dueAt: NOW + 100, delayMs: 100 } as const;

const plan = planOf([tool("a", { retry: THRICE })]);
const risky = planOf([tool("a", { retry: THRICE }, { idempotent: false })]);
const riskyAttempt = dispatched("a", { idempotent: false });

describe("LoseAttempt", () => {
  it("retries an idempotent attempt, which counts as one", () => {
    scenario(loseAttempt)
      .given(started(plan), dispatched("a"))
      .when(lose())
      .then(lost("a", { next: retry }));
    const once = planOf([tool("a")]);
    scenario(loseAttempt).given(started(once), dispatched("a")).when(lose()).then(lost("a"));
  });

  it("never runs a non-idempotent attempt again on its own", () => {
    scenario(loseAttempt)
      .given(started(risky), riskyAttempt)
      .when(lose())
      .then(lost("a", { next: { kind: "unknown", policy: "ask" } }));
  });

  it("runs a non-idempotent attempt again where its policy says so, although it answers failures once only", () => {
    const willing = planOf([tool("a", { retry: ONCE, unknown: "retry" }, { idempotent: false })]);
    scenario(loseAttempt)
      .given(started(willing), riskyAttempt)
      .when(lose())
      .then(lost("a", { next: retry }));
  });

  it("tries a fallback after the last attempt", () => {
    const cautious = planOf([tool("a", { fallback: [{ value: 1 }] })]);
    scenario(loseAttempt)
      .given(started(cautious), dispatched("a"))
      .when(lose())
      .then(lost("a", { next: { kind: "fallback", index: 0 } }));
  });

  it("starts nothing again in a plan that is being cancelled, and leaves an unknown outcome unknown", () => {
    scenario(loseAttempt).given(started(plan), dispatched("a"), cancelRequested()).when(lose()).then(lost("a"));
    scenario(loseAttempt)
      .given(started(risky), riskyAttempt, cancelRequested())
      .when(lose())
      .then(lost("a", { next: { kind: "unknown", policy: "ask" } }));
    const willing = planOf([tool("a", { unknown: "retry" }, { idempotent: false })]);
    scenario(loseAttempt).given(started(willing), riskyAttempt, cancelRequested()).when(lose()).then(lost("a"));
  });

  it("appends nothing about an attempt that has ended, was never dispatched, or runs elsewhere", () => {
    scenario(loseAttempt).when(lose()).thenDuplicate();
    scenario(loseAttempt).given(started(plan)).when(lose()).thenDuplicate();
    scenario(loseAttempt).given(started(plan), dispatched("a"), succeeded("a")).when(lose()).thenDuplicate();
    scenario(loseAttempt).given(started(plan), dispatched("a")).when(lose(2)).thenDuplicate();
    scenario(loseAttempt).given(started(plan), dispatched("a")).when(lose(1, OTHER_WORKER)).thenDuplicate();
    scenario(loseAttempt)
      .given(started(plan), dispatched("a"), lost("a", { next: retry }), dispatched("a", { attempt: 2 }))
      .when(lose(1))
      .thenDuplicate();
  });
});
