import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decode } from "#events/catalog.ts";
import { selectCost } from "#projections/cost.ts";
import { call, ONCE, repeat, THRICE, tool, value } from "../machines/plans.ts";
import { live, turbulentWorlds } from "../machines/world.ts";
import { PlanInProgress } from "./plan-in-progress.ts";

const undo = { call: call({ tool: "test.undo" }), retry: ONCE };

describe("the cost of a plan", () => {
  it("adds up what attempts took, and what of it came to nothing", () => {
    const plan = new PlanInProgress([tool("a", { retry: THRICE }), tool("b")]);
    plan.after(30).fail("a").after(100).after(50).succeed("a");
    expect(selectCost(plan.state, plan.now)).toMatchObject({
      attempts: 3,
      repeated: 1,
      workMs: 30 + 50 + 180,
      wastedMs: 30,
      elapsedMs: 180,
      tools: [{ tool: "test.tool", attempts: 3, wasted: 1, workMs: 260 }],
      leftMemory: 0,
    });
  });

  it("stops to grow when the plan has ended", () => {
    const plan = new PlanInProgress([tool("a")]).after(40).succeed("a");
    const ended = selectCost(plan.state, plan.now);
    expect(selectCost(plan.state, plan.now + 5_000)).toEqual(ended);
    expect(ended).toMatchObject({ workMs: 40, elapsedMs: 40 });
  });

  it("compares what steps took with what was estimated, and says what is still to come", () => {
    const steps = [
      tool("a", { estimateMs: 100 }),
      tool("b", { estimateMs: 200, needs: ["a"] }),
      tool("c", { needs: ["a"] }),
      value("d", 1, { needs: ["c"] }),
    ];
    const plan = new PlanInProgress(steps).after(70).succeed("a");
    const estimates = { succeededMs: 100, tookMs: 70, remainingMs: 200, unestimated: 1 };
    expect(selectCost(plan.state, plan.now).estimates).toEqual(estimates);
    plan.succeed("b").fail("c");
    expect(selectCost(plan.state, plan.now).estimates).toMatchObject({ remainingMs: 0, unestimated: 0 });
  });

  it("says what taking back has cost", () => {
    const plan = new PlanInProgress([tool("a", { undo })]).after(10).succeed("a");
    plan.tell({ type: "RollbackPlan" }).after(25);
    const cost = selectCost(plan.state, plan.now);
    expect(cost).toMatchObject({ attempts: 2, repeated: 0, undoMs: 25, workMs: 35 });
    expect(cost.tools.map(({ tool: name }) => name)).toEqual(["test.undo", "test.tool"]);
  });

  it("says how much has left memory", () => {
    const plan = new PlanInProgress([repeat("all", "index >= 99", { steps: [value("v", 1)], max: 100 })]);
    expect(selectCost(plan.state, plan.now).leftMemory).toBeGreaterThan(0);
  });

  it("counts every attempt that was dispatched, in every history", () => {
    fc.assert(
      fc.property(turbulentWorlds, (world) => {
        const { events, state, now } = live(world);
        const dispatched = events.filter((event) => decode(event).type === "StepDispatched").length;
        const { attempts, workMs, wastedMs, undoMs, tools, leftMemory } = selectCost(state, now);
        // A step that was undone and begins anew forgets what was inside of it.
        expect(attempts).toBeLessThanOrEqual(dispatched);
        if (leftMemory === 0 && !events.some(({ type }) => type === "PlanReopened")) expect(attempts).toBe(dispatched);
        expect(wastedMs + undoMs).toBeGreaterThanOrEqual(0);
        expect(wastedMs).toBeLessThanOrEqual(workMs);
        expect(tools.reduce((sum, { workMs: ms }) => sum + ms, 0)).toBe(workMs);
      }),
      { numRuns: 60 },
    );
  });
});
