import { describe, expect, it } from "vitest";
import { selectCriticalPath } from "#projections/critical-path.ts";
import { tool } from "../machines/plans.ts";
import { PlanInProgress } from "./plan-in-progress.ts";

const diamond = [
  tool("first", { estimateMs: 10 }),
  tool("short", { needs: ["first"], estimateMs: 20 }),
  tool("long", { needs: ["first"], estimateMs: 50 }),
  tool("last", { needs: ["short", "long"], estimateMs: 5 }),
];

describe("the critical path", () => {
  it("follows estimates before anything has run", () => {
    const plan = new PlanInProgress(diamond, {}, 0);
    const path = selectCriticalPath(plan.state, plan.now);
    expect(path.steps.map(({ step, basis }) => [step, basis])).toEqual([
      ["first", "estimated"],
      ["long", "estimated"],
      ["last", "estimated"],
    ]);
    expect(path).toMatchObject({ lengthMs: 65, remainingMs: 65 });
  });

  it("follows measured times where steps have run", () => {
    const plan = new PlanInProgress(diamond)
      .after(10)
      .succeed("first")
      .after(30)
      .succeed("long")
      .after(70)
      .succeed("short");
    const path = selectCriticalPath(plan.state, plan.now);
    expect(path.steps.map(({ step, durationMs, basis }) => [step, durationMs, basis])).toEqual([
      ["first", 10, "measured"],
      ["short", 100, "measured"],
      ["last", 5, "running"],
    ]);
    expect(path).toMatchObject({ lengthMs: 115, remainingMs: 5 });
  });

  it("takes a running step for as long as it runs, or its estimate if that is more", () => {
    const plan = new PlanInProgress([tool("a", { estimateMs: 40 })]).after(15);
    expect(selectCriticalPath(plan.state, plan.now)).toMatchObject({ lengthMs: 40, remainingMs: 25 });
    plan.after(60);
    expect(selectCriticalPath(plan.state, plan.now)).toMatchObject({ lengthMs: 75, remainingMs: 0 });
  });

  it("says where nobody knows", () => {
    const plan = new PlanInProgress([tool("a")], {}, 0);
    expect(selectCriticalPath(plan.state, plan.now).steps).toEqual([{ step: "a", durationMs: 0, basis: "unknown" }]);
  });
});
