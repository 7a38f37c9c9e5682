import { describe, expect, it } from "vitest";
import { fact, type Fact } from "#events/catalog.ts";
import { inline } from "#events/payload.ts";
import { nextDueAt } from "#machines/advance.ts";
import type { PlanState } from "#machines/state.ts";
import { after, recordOf } from "./folded.ts";
import { dispatched, each, failed, GIVEN_AT, planOf, signal, started, succeeded, THRICE, tool, wait } from "./plans.ts";

const SHIFT_MS = 400;
const retry = { kind: "retry", dueAt: GIVEN_AT + 9_000, delayMs: 9_000 } as const;

/** After a pause in which the clock stood still for so long. */
function resumed(before: readonly Fact[], shiftMs = SHIFT_MS): PlanState {
  return after(before, fact("PlanPaused", { epoch: 1 }), fact("PlanResumed", { epoch: 1, shiftMs }));
}

const plan = (...steps: Parameters<typeof planOf>[0]) => started(planOf(steps, { pauseStopsClock: true }));

describe("after the clock stood still", () => {
  it("a wait ends so much later, and one for a signal alone never ends by itself", () => {
    const steps = plan(wait("w", 100), signal("s", "go"));
    const waiting = fact("StepWaitStarted", { step: "w", dueAt: GIVEN_AT + 100 });
    const state = resumed([...steps, waiting, fact("StepWaitStarted", { step: "s", signal: "go" })]);
    expect(recordOf(state, "w").chart).toMatchObject({ value: "waiting", context: { dueAt: GIVEN_AT + 500 } });
    expect(recordOf(state, "s").chart.context.dueAt).toBe(0);
    expect(nextDueAt(state, GIVEN_AT)).toBe(GIVEN_AT + 500);
  });

  it("a deadline passes so much later, and where it was before nothing is due any more", () => {
    const state = resumed(plan(tool("a", { deadlineMs: 700 })));
    expect(recordOf(state, "a").readyAt).toBe(GIVEN_AT + SHIFT_MS);
    expect(nextDueAt(state, GIVEN_AT)).toBe(GIVEN_AT + 700 + SHIFT_MS);
  });

  it("what is inside of a step is due later as well", () => {
    const opened = fact("StepExpanded", { step: "all", from: 0, to: 2, total: 2, items: inline([1, 2]) });
    const waits = [0, 1].map((item) => fact("StepWaitStarted", { step: `all/${item}/w`, dueAt: GIVEN_AT + item }));
    const state = resumed([...plan(each("all", [1, 2], { steps: [wait("w", 1)] })), opened, ...waits]);
    expect([0, 1].map((item) => recordOf(state, `all/${item}/w`).chart.context.dueAt)).toEqual([
      GIVEN_AT + SHIFT_MS,
      GIVEN_AT + SHIFT_MS + 1,
    ]);
  });

  it("retries come when they were to come: they wait for nothing of the plan's own", () => {
    const before = [...plan(tool("a", { retry: THRICE })), dispatched("a"), failed("a", { next: retry })];
    expect(recordOf(resumed(before), "a").chart.context.dueAt).toBe(retry.dueAt);
  });

  it("what has ended, and what cannot start yet, keeps its times", () => {
    const steps = plan(tool("a", { deadlineMs: 50 }), tool("b"), tool("c", { needs: ["b"], deadlineMs: 50 }));
    const state = resumed([...steps, dispatched("a"), succeeded("a")]);
    expect([recordOf(state, "a").readyAt, recordOf(state, "c").readyAt]).toEqual([GIVEN_AT, 0]);
    expect(nextDueAt(state, GIVEN_AT)).toBeUndefined();
  });

  it("for no time at all everything is due as it was", () => {
    const waiting = fact("StepWaitStarted", { step: "w", dueAt: GIVEN_AT + 100 });
    expect(nextDueAt(resumed([...plan(wait("w", 100)), waiting], 0), GIVEN_AT)).toBe(GIVEN_AT + 100);
  });
});
