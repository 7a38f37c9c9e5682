import { describe, expect, it } from "vitest";
import { selectCriticalPath } from "#projections/critical-path.ts";
import { selectProgress, selectStep } from "#projections/progress.ts";
import { selectTree } from "#projections/step-tree.ts";
import { planOf, THRICE, tool, value, wait } from "../machines/plans.ts";
import { PlanInProgress, START } from "./plan-in-progress.ts";

describe("progress", () => {
  it("counts steps by state, and those that have ended", () => {
    const plan = new PlanInProgress([tool("a"), tool("b", { needs: ["a"] }), value("c", 1), wait("d", 500)]);
    const progress = selectProgress(plan.state, plan.now);
    expect(progress).toMatchObject({ status: "running", total: 4, ended: 1, startedAt: START, durationMs: 0 });
    expect(progress.counts).toMatchObject({ running: 1, pending: 1, succeeded: 1, waiting: 1 });
    expect(progress.steps.map(({ step, state }) => `${step} ${state}`)).toEqual([
      "a running",
      "b pending",
      "c succeeded",
      "d waiting",
    ]);
  });

  it("measures a step from its first start to its end, or to now", () => {
    const plan = new PlanInProgress([tool("a"), tool("b")]).after(40).succeed("a").after(60);
    expect(selectStep(plan.state, 0, plan.now)).toMatchObject({
      startedAt: START,
      endedAt: START + 40,
      durationMs: 40,
    });
    expect(selectStep(plan.state, 1, plan.now)).toMatchObject({ startedAt: START, durationMs: 100 });
    expect(selectStep(plan.state, 1, plan.now)).not.toHaveProperty("endedAt");
  });

  it("tells attempts, their limit, when the next one starts, and why", () => {
    const plan = new PlanInProgress([tool("a", { retry: THRICE })]).fail("a");
    const row = selectStep(plan.state, 0, plan.now);
    expect(row).toMatchObject({ state: "between", attempt: 1, attempts: 3, tool: "test.tool", dueAt: START + 100 });
    expect(row.error).toMatchObject({ category: "unavailable" });
    plan.after(100).succeed("a");
    const done = selectStep(plan.state, 0, plan.now);
    expect(done).toMatchObject({ state: "succeeded", attempt: 2 });
    expect(done).not.toHaveProperty("error");
    expect(done).not.toHaveProperty("dueAt");
  });

  it("names the fallback in use", () => {
    const plan = new PlanInProgress([tool("a", { fallback: [{ value: 7 }] })]).fail("a");
    expect(selectStep(plan.state, 0, plan.now)).toMatchObject({ state: "succeeded", fallback: 0 });
  });

  it("of an ended plan lasts until its end, whatever the time is now", () => {
    const plan = new PlanInProgress([tool("a")]).after(30).succeed("a");
    expect(selectProgress(plan.state, plan.now + 10_000)).toMatchObject({
      status: "succeeded",
      durationMs: 30,
      ended: 1,
    });
  });

  it("of a step that has not begun has no times", () => {
    const plan = new PlanInProgress([tool("a"), tool("b", { needs: ["a"] })]);
    const row = selectStep(plan.state, 1, plan.now);
    expect(row).toEqual({ step: "b", kind: "tool", state: "pending", attempt: 0, tool: "test.tool", attempts: 1 });
  });

  it("of a revised plan is that of the steps that it has now", () => {
    const chain = [tool("a"), tool("b", { needs: ["a"], estimateMs: 70 })];
    const plan = new PlanInProgress([tool("a"), tool("gone")], {}, 1)
      .after(30, 0)
      .succeed("a", null, 0)
      .tell({ type: "RevisePlan", definition: planOf(chain), edition: 1 });
    const rows = selectTree(plan.state).map(({ step }) => selectStep(plan.state, step, plan.now));
    expect(rows.map(({ step, state }) => [step, state])).toEqual([
      ["a", "succeeded"],
      ["b", "running"],
    ]);
    const path = selectCriticalPath(plan.state, plan.now);
    expect(path.steps.map(({ step, durationMs }) => [step, durationMs])).toEqual([
      ["a", 30],
      ["b", 70],
    ]);
  });
});
