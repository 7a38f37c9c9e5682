import { describe, expect, it } from "vitest";
import { fact, type Fact } from "#events/catalog.ts";
import { errorOf } from "#events/errors.ts";
import { nextDueAt, slotPriority } from "#machines/advance.ts";
import { emptyState } from "#machines/state.ts";
import { after } from "../folded.ts";
import {
  cancelRequested,
  dispatched,
  failed,
  GIVEN_AT,
  NOW,
  PLAN,
  planFailed,
  planOf,
  started,
  succeeded,
  THRICE,
  timedOut,
  tool,
  UNAVAILABLE,
  wait,
} from "../plans.ts";
import { advancing, scenario } from "#src/testing/scenario.ts";

const retryAt = (dueAt: number) => ({ kind: "retry" as const, dueAt, delayMs: 100 });
const GRACE_MS = 5_000;

describe("silence", () => {
  const plan = planOf([tool("a", { retry: THRICE }, { timeoutMs: 1_000 })]);
  const running = [...started(plan), dispatched("a", { timeoutMs: 1_000 })];
  const speaksAt = GIVEN_AT + 1_000 + GRACE_MS;

  it("times an attempt out some time after its executor should have", () => {
    scenario(advancing)
      .given(running)
      .at(speaksAt - 1)
      .when({})
      .thenIdle();
    scenario(advancing)
      .given(running)
      .at(speaksAt)
      .when({})
      .then(timedOut("a", { next: retryAt(speaksAt + 100) }));
  });

  it("says nothing about an attempt that has ended", () => {
    scenario(advancing)
      .given(running, failed("a", { next: retryAt(speaksAt) }), dispatched("a", { attempt: 2, timeoutMs: 60_000 }))
      .at(speaksAt)
      .when({})
      .thenIdle();
  });

  it("ends an attempt of a plan that is being cancelled, without another", () => {
    scenario(advancing).given(running, cancelRequested()).at(speaksAt).when({}).then(timedOut("a"));
  });
});

describe("a step's deadline", () => {
  const over = GIVEN_AT + 500;
  const deadline = (attempt: number) => timedOut("a", { attempt, bound: "deadline" });
  const plan = planOf([tool("a", { deadlineMs: 500, retry: THRICE, fallback: [{ value: 1 }] })]);

  it("runs from the moment at which the step is ready", () => {
    const chain = planOf([tool("b"), tool("a", { deadlineMs: 500, needs: ["b"] })]);
    scenario(advancing).given(started(chain), dispatched("b")).at(over).when({}).thenIdle();
    scenario(advancing)
      .given(started(chain), dispatched("b"), succeeded("b"))
      .at(over)
      .when({ slots: 0 })
      .then(deadline(0));
  });

  it("ends a step that waits for a slot, a retry or a moment", () => {
    scenario(advancing).given(started(plan)).at(over).when({ slots: 0 }).then(deadline(0));
    scenario(advancing)
      .given(started(plan), dispatched("a"), failed("a", { next: retryAt(over) }))
      .at(over)
      .when({})
      .then(deadline(0));
    const waiting = planOf([wait("a", 60_000, { deadlineMs: 500 })]);
    scenario(advancing)
      .given(started(waiting), fact("StepWaitStarted", { step: "a", dueAt: 61_000 }))
      .at(over)
      .when({})
      .then(deadline(0));
  });

  it("ends a running attempt without retry or fallback", () => {
    scenario(advancing).given(started(plan), dispatched("a")).at(over).when({}).then(deadline(1));
  });

  it("leaves the outcome of a non-idempotent attempt unknown", () => {
    const risky = planOf([tool("a", { deadlineMs: 500 }, { idempotent: false })]);
    scenario(advancing)
      .given(started(risky), dispatched("a", { idempotent: false }))
      .at(over)
      .when({})
      .then(timedOut("a", { bound: "deadline", next: { kind: "unknown", policy: "ask" } }));
  });

  it("says nothing about a step that has ended", () => {
    const two = planOf([tool("a", { deadlineMs: 500 }), tool("b")]);
    scenario(advancing)
      .given(started(two), dispatched("a"), dispatched("b"), succeeded("a"))
      .at(over)
      .when({})
      .thenIdle();
  });

  it("does not concern steps that a cancelled plan never started", () => {
    const two = planOf([tool("a", { deadlineMs: 500 }), tool("b")]);
    scenario(advancing).given(started(two), dispatched("b"), cancelRequested()).at(over).when({}).thenIdle();
  });
});

describe("the plan's deadline", () => {
  const plan = planOf([tool("a"), tool("b", { needs: ["a"] })], { deadlineMs: 700 });
  const byDeadline = cancelRequested({ cause: "deadline" });
  const over = GIVEN_AT + 700;

  it("cancels the plan, which then fails", () => {
    scenario(advancing).given(started(plan), dispatched("a")).at(over).when({}).then(byDeadline);
    scenario(advancing).given(started(plan), dispatched("a"), byDeadline).at(over).when({}).thenIdle();
    scenario(advancing)
      .given(started(plan), dispatched("a"), byDeadline, succeeded("a"))
      .when({})
      .then(planFailed(errorOf("timeout", "plan-deadline", "the plan's deadline passed")));
  });
});

describe("the next due time", () => {
  const plan = planOf([tool("a", { retry: THRICE, deadlineMs: 900 }), wait("w", 60), tool("c")], { deadlineMs: 5_000 });
  const stateAfter = (...facts: Fact[]) => after(started(plan), facts);

  it("is the earliest of deadlines, waits, bounds and retries", () => {
    expect(nextDueAt(stateAfter(), GIVEN_AT)).toBe(GIVEN_AT + 900);
    expect(nextDueAt(stateAfter(fact("StepWaitStarted", { step: "w", dueAt: GIVEN_AT + 60 })), GIVEN_AT)).toBe(
      GIVEN_AT + 60,
    );
    const retry = failed("a", { next: retryAt(GIVEN_AT + 100) });
    expect(nextDueAt(stateAfter(dispatched("a"), retry), GIVEN_AT)).toBe(GIVEN_AT + 100);
    expect(nextDueAt(stateAfter(dispatched("a"), succeeded("a")), GIVEN_AT)).toBe(GIVEN_AT + 5_000);
  });

  it("is nothing for a plan that has not started or has ended", () => {
    expect(nextDueAt(emptyState(PLAN), GIVEN_AT)).toBeUndefined();
    expect(nextDueAt(stateAfter(planFailed(UNAVAILABLE)), GIVEN_AT)).toBeUndefined();
  });

  it("does not count retries of a plan that is being cancelled", () => {
    const retry = failed("a", { next: retryAt(GIVEN_AT + 100) });
    expect(nextDueAt(stateAfter(dispatched("a"), retry, dispatched("c"), cancelRequested()), GIVEN_AT)).toBeGreaterThan(
      GIVEN_AT + 100,
    );
  });
});

describe("slots", () => {
  const plan = planOf([tool("a", { retry: THRICE })]);
  const stateAfter = (...facts: Fact[]) => after(started(plan), facts);

  it("are wanted by ready steps and by retries that are due", () => {
    expect(slotPriority(stateAfter(), NOW)).toBe(0);
    const waiting = stateAfter(dispatched("a"), failed("a", { next: retryAt(5_000) }));
    expect(slotPriority(waiting, 4_999)).toBeUndefined();
    expect(slotPriority(waiting, 5_000)).toBe(0);
  });

  it("are not wanted by running steps, nor by a plan that starts nothing", () => {
    expect(slotPriority(stateAfter(dispatched("a")), NOW)).toBeUndefined();
    expect(slotPriority(stateAfter(cancelRequested()), NOW)).toBeUndefined();
  });
});
