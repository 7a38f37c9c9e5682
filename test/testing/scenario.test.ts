import { describe, expect, it } from "vitest";
import { fact } from "#events/catalog.ts";
import { decide } from "#machines/decide/decide.ts";
import { advancing, scenario, SCENARIO, startedFacts } from "#src/testing/scenario.ts";
import { dispatched, failed, planOf, succeeded, tool, UNAVAILABLE, WORKER } from "../machines/plans.ts";

const plan = planOf([tool("a")]);
const report = {
  type: "ReportAttempt",
  step: "a",
  attempt: 1,
  executor: WORKER,
  outcome: { kind: "failed", error: UNAVAILABLE },
} as const;

describe("a scenario", () => {
  const running = () => scenario(decide).given(startedFacts(plan), dispatched("a")).when(report);

  it("holds when exactly these facts were decided, and gives the state after them", () => {
    const state = running().then(failed("a"));
    expect(state.steps[0]?.chart.value).toBe("failed");
  });

  it("shows what was decided instead", () => {
    expect(() => running().then(succeeded("a"))).toThrow(/StepFailed[^]*StepSucceeded|StepSucceeded[^]*StepFailed/);
    expect(() => running().then()).toThrow(/StepFailed/);
    expect(() => running().thenRejected("plan-ended")).toThrow(/accepted/);
    expect(() => running().thenDuplicate()).toThrow(/accepted/);
  });

  it("takes matchers of the test runner, and a missing field for one that is undefined", () => {
    const error = expect.objectContaining({ category: "unavailable" });
    running().then(failed("a", { error }));
    running().then(
      fact("StepFailed", {
        step: "a",
        attempt: 1,
        error: UNAVAILABLE,
        next: { kind: "final" },
        durationMs: undefined!,
      }),
    );
    expect(() => running().then(failed("a", { error: expect.objectContaining({ category: "bug" }) }))).toThrow();
  });

  it("claims refusals, repetitions and silence", () => {
    scenario(decide).when({ type: "CancelPlan" }).thenRejected("plan-unknown");
    scenario(decide).given(startedFacts(plan)).when({ type: "ResumePlan" }).thenDuplicate();
    scenario(advancing).given(startedFacts(plan)).when({ slots: 0 }).thenIdle();
    scenario(advancing).given(startedFacts(plan)).when({ slots: 1 }).then(dispatched("a"));
  });

  it("refuses a history that cannot be", () => {
    expect(() => scenario(decide).given(succeeded("a"))).toThrow();
  });

  it("asks at a moment, with a number that is drawn", () => {
    const asked: number[] = [];
    scenario((command: number, _state, { now, random }) => {
      asked.push(command, now, random());
      return { kind: "duplicate" };
    })
      .at(SCENARIO.now + 5)
      .withRandom(0.25)
      .when(1)
      .thenDuplicate();
    expect(asked).toEqual([1, SCENARIO.now + 5, 0.25]);
  });
});
