import { describe, expect, it } from "vitest";
import { fact, type FactData } from "#events/catalog.ts";
import type { AttemptOutcome } from "#events/commands.ts";
import { errorOf } from "#events/errors.ts";
import { inline } from "#events/payload.ts";
import { reportAttempt } from "#machines/decide/report.ts";
import {
  cancelRequested,
  dispatched,
  each,
  failed,
  late,
  lost,
  NOW,
  OTHER_WORKER,
  planFailed,
  planOf,
  started,
  succeeded,
  THRICE,
  timedOut,
  tool,
  UNAVAILABLE,
  value,
} from "../plans.ts";
import { failure, report, silence, stopped, success } from "../reports.ts";
import { scenario } from "#src/testing/scenario.ts";

const lateSuccess: AttemptOutcome = { kind: "succeeded", output: inline("late") };

const retryAt = (dueAt: number): FactData<"StepFailed">["next"] => ({ kind: "retry", dueAt, delayMs: dueAt - NOW });
const UNKNOWN = { kind: "unknown", policy: "ask" } as const;

const simple = planOf([tool("a")], { onFailure: "continue" });
const patient = planOf([tool("a", { retry: THRICE })], { onFailure: "continue" });
const risky = planOf([tool("a", { retry: THRICE }, { idempotent: false })], { onFailure: "continue" });
const riskyAttempt = dispatched("a", { idempotent: false });

describe("the same report again", () => {
  const stoppedError = errorOf("cancelled", "attempt-cancelled", "the executor stopped the attempt");
  it.each([
    ["a success", success, [succeeded("a")]],
    ["a failure", failure, [failed("a")]],
    ["a time-out", silence, [timedOut("a")]],
    ["a stop", stopped, [cancelRequested(), { type: "StepCancelled", data: { step: "a", attempt: 1 } }]],
    ["a stop that counts as a failure", stopped, [failed("a", { error: stoppedError })]],
    ["a late success", lateSuccess, [lost("a"), late("a", { adopted: true })]],
    ["a late success that was not adopted", lateSuccess, [failed("a"), late("a", { undoDue: true })]],
  ] as const)("appends nothing: %s", (_, outcome, facts) => {
    scenario(reportAttempt).given(started(simple), dispatched("a"), facts).when(report(outcome)).thenDuplicate();
  });

  it("appends nothing after the next attempt was dispatched", () => {
    scenario(reportAttempt)
      .given(started(patient), dispatched("a"), failed("a", { next: retryAt(NOW) }), dispatched("a", { attempt: 2 }))
      .when(report(failure))
      .thenDuplicate();
  });
});

describe("a late report", () => {
  const adopted = late("a", { adopted: true });
  const due = late("a", { undoDue: true });

  describe("from inside of a step", () => {
    const opened = (step: string, items: number) => {
      const list = inline(Array.from({ length: items }, (_, index) => index));
      return fact("StepExpanded", { step, from: 0, to: items, total: items, items: list });
    };
    const between = { next: retryAt(NOW) } as const;
    const lateIn = (step: string) => ({ ...report(lateSuccess), step });

    it("is adopted also while a failure elsewhere lets the plan start nothing more", () => {
      const plan = planOf([each("all", [1], { steps: [tool("do", { retry: THRICE })] }), tool("b")]);
      scenario(reportAttempt)
        .given(started(plan), opened("all", 1), dispatched("all/0/do"), lost("all/0/do", between))
        .given(dispatched("b"), failed("b"))
        .when(lateIn("all/0/do"))
        .then(late("all/0/do", { adopted: true }));
    });

    it("is not adopted once its own item has ended", () => {
      const all = each("all", [1, 2], { steps: [tool("do")], tolerate: { count: 1 } });
      scenario(reportAttempt)
        .given(started(planOf([all])), opened("all", 2), dispatched("all/0/do"), lost("all/0/do"))
        .when(lateIn("all/0/do"))
        .then(late("all/0/do", { undoDue: true }));
    });

    it("is not adopted once an item that it is inside of has ended", () => {
      const inner = each("inner", [1, 2], { steps: [tool("do", { retry: THRICE })] });
      const plan = planOf([each("all", [1], { steps: [inner, tool("b")] })]);
      const path = "all/0/inner/0/do";
      scenario(reportAttempt)
        .given(started(plan), opened("all", 1), opened("all/0/inner", 2), dispatched(path), lost(path, between))
        .given(dispatched("all/0/b"), failed("all/0/b"))
        .when(lateIn(path))
        .then(late(path, { undoDue: true }));
    });
  });

  it.each([
    ["between two attempts", patient, [dispatched("a"), lost("a", { next: retryAt(NOW) })]],
    ["of an unknown outcome", risky, [riskyAttempt, lost("a", { next: UNKNOWN })]],
    ["of an attempt whose silence failed the step", simple, [dispatched("a"), timedOut("a")]],
  ] as const)("of a success is adopted while no newer attempt was dispatched: %s", (_, plan, facts) => {
    const state = scenario(reportAttempt).given(started(plan), facts).when(report(lateSuccess)).then(adopted);
    expect(state.in.succeeded).toBe(1);
    expect(state.steps[0]?.output).toEqual(inline("late"));
    expect(state.steps[0]?.error).toBeUndefined();
  });

  it("of a success unblocks what waited for it", () => {
    const plan = planOf([tool("a"), value("b", 1, { needs: ["a"] })], { onFailure: "continue" });
    const state = scenario(reportAttempt)
      .given(started(plan), dispatched("a"), lost("a"))
      .when(report(lateSuccess))
      .then(adopted);
    expect([...state.ready]).toEqual([1]);
  });

  it.each([
    [
      "a newer attempt runs",
      [dispatched("a"), lost("a", { next: retryAt(NOW) }), dispatched("a", { attempt: 2, executor: OTHER_WORKER })],
    ],
    ["the attempt had answered with a failure", [dispatched("a"), failed("a")]],
    [
      "the attempt was cancelled",
      [dispatched("a"), cancelRequested(), { type: "StepCancelled", data: { step: "a", attempt: 1 } }],
    ],
    ["the plan has ended", [dispatched("a"), lost("a"), planFailed(UNAVAILABLE, "a")]],
  ] as const)("of a success is due for undo when %s", (_, facts) => {
    scenario(reportAttempt).given(started(patient), facts).when(report(lateSuccess)).then(due);
  });

  it("of a success is due for undo when a fallback gave the outcome", () => {
    const plan = planOf([tool("a", { fallback: [{ value: 0 }] })]);
    scenario(reportAttempt)
      .given(
        started(plan),
        dispatched("a"),
        lost("a", { next: { kind: "fallback", index: 0 } }),
        succeeded("a", { attempt: 0 }),
      )
      .when(report(lateSuccess))
      .then(due);
  });

  it("of a failure is recorded and changes nothing that was decided", () => {
    const state = scenario(reportAttempt)
      .given(started(patient), dispatched("a"), lost("a", { next: retryAt(NOW) }))
      .when(report(failure))
      .then(late("a", { outcome: failure }));
    expect(state.in.between).toBe(1);
  });

  it("of a failure answers an unknown outcome, which then follows the retry policy", () => {
    scenario(reportAttempt)
      .given(started(risky), riskyAttempt, lost("a", { next: UNKNOWN }))
      .when(report(failure))
      .then(late("a", { outcome: failure }), failed("a", { next: retryAt(NOW + 100) }));
  });

  it("of a time-out says nothing that is not known", () => {
    scenario(reportAttempt).given(started(simple), dispatched("a"), lost("a")).when(report(silence)).thenDuplicate();
  });
});
