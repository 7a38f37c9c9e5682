import { describe, expect, it } from "vitest";
import { selectTimeline } from "#projections/timeline.ts";
import { THRICE, tool } from "../machines/plans.ts";
import { PlanInProgress, START } from "./plan-in-progress.ts";

describe("the timeline", () => {
  it("has a span for each attempt, in the order in which they began", () => {
    const plan = new PlanInProgress([tool("a", { retry: THRICE }), tool("b")]);
    plan.after(20).fail("a").after(100).succeed("a").after(30);
    const { spans } = selectTimeline(plan.state, plan.now);
    expect(spans.map(({ step, attempt, result, durationMs }) => [step, attempt, result, durationMs])).toEqual([
      ["a", 1, "failed", 20],
      ["b", 1, "running", 150],
      ["a", 2, "succeeded", 0],
    ]);
    expect(spans[2]?.startedAt).toBe(START + 120);
  });

  it("knows how many attempts ran at one moment", () => {
    const plan = new PlanInProgress([tool("a"), tool("b"), tool("c", { needs: ["a"] })]);
    plan.after(10).succeed("a").after(10);
    expect(selectTimeline(plan.state, plan.now).widest).toBe(2);
  });

  it("names the fallback that ran", () => {
    const call = { tool: "other.tool", version: "1.0.0", idempotent: true, timeoutMs: 1_000 };
    const plan = new PlanInProgress([tool("a", { fallback: [call] })]).fail("a");
    expect(selectTimeline(plan.state, plan.now).spans.map(({ tool: name, fallback }) => [name, fallback])).toEqual([
      ["test.tool", undefined],
      ["other.tool", 0],
    ]);
  });

  it("ends with the plan", () => {
    const plan = new PlanInProgress([tool("a")]).after(25);
    expect(selectTimeline(plan.state, plan.now)).not.toHaveProperty("endedAt");
    plan.succeed("a");
    expect(selectTimeline(plan.state, plan.now + 99)).toMatchObject({ startedAt: START, endedAt: START + 25 });
  });
});
