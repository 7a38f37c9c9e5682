import { describe, expect, it } from "vitest";
import { selectWaiting, selectWhy, type Reason } from "#projections/why.ts";
import { call, THRICE, tool, value, wait } from "../machines/plans.ts";
import { PlanInProgress, START } from "./plan-in-progress.ts";

function reason(plan: PlanInProgress, step: string): Reason {
  return selectWhy(plan.state, step).reason;
}

describe("why a step is where it is", () => {
  it("names the needs that are open, with their states", () => {
    const plan = new PlanInProgress([tool("a"), value("b", 1), tool("c", { needs: ["a", "b"] })]);
    expect(reason(plan, "c")).toEqual({ kind: "needs", join: "all", open: [{ step: "a", state: "running" }] });
  });

  it("says when any of the needs is enough", () => {
    const plan = new PlanInProgress([tool("a"), tool("b"), tool("c", { needs: ["a", "b"], join: "any" })]);
    expect(reason(plan, "c")).toMatchObject({ kind: "needs", join: "any", open: [{ step: "a" }, { step: "b" }] });
  });

  it("says that only a slot is missing, and since when", () => {
    const plan = new PlanInProgress([tool("a"), tool("b")], {}, 1);
    expect(reason(plan, "a")).toMatchObject({ kind: "running" });
    expect(reason(plan, "b")).toEqual({ kind: "slot", sinceAt: START, tool: "test.tool" });
  });

  it("says which tool and pool the slot has to be for, also of a fallback", () => {
    const fallback = [call({ tool: "other.tool" })];
    const plan = new PlanInProgress([tool("a", { pool: "gpu" }), tool("b", { fallback })], {}, 0);
    expect(reason(plan, "a")).toEqual({ kind: "slot", sinceAt: START, tool: "test.tool", pool: "gpu" });
    const failed = new PlanInProgress([tool("b", { fallback })]).fail("b", 0);
    expect(reason(failed, "b")).toMatchObject({ kind: "slot", tool: "other.tool" });
  });

  it("says when the next attempt starts, and after which failure", () => {
    const plan = new PlanInProgress([tool("a", { retry: THRICE })]).fail("a");
    expect(reason(plan, "a")).toMatchObject({
      kind: "retry",
      dueAt: START + 100,
      attempt: 2,
      error: { category: "unavailable" },
    });
  });

  it("says until when it waits", () => {
    const plan = new PlanInProgress([wait("pause", 700)]);
    expect(reason(plan, "pause")).toEqual({ kind: "timer", dueAt: START + 700 });
  });

  it("says what runs, since when, and how long it may", () => {
    const plan = new PlanInProgress([tool("a", {}, { timeoutMs: 900 })]);
    expect(reason(plan, "a")).toEqual({
      kind: "running",
      sinceAt: START,
      attempt: 1,
      tool: "test.tool",
      timeoutAt: START + 900,
    });
  });

  it("says that a person must answer for an unknown outcome", () => {
    const plan = new PlanInProgress([tool("a", {}, { idempotent: false })]).silence("a");
    expect(reason(plan, "a")).toMatchObject({
      kind: "unknown-outcome",
      attempt: 1,
      error: { code: "attempt-timed-out" },
    });
  });

  it("says that the plan stops, and because of which step", () => {
    const plan = new PlanInProgress([tool("a"), tool("b"), tool("c", { needs: ["b"] })]).fail("a");
    expect(reason(plan, "c")).toEqual({ kind: "plan", plan: "running", failed: ["a"] });
  });

  it("says that the plan is being cancelled, or has ended", () => {
    const plan = new PlanInProgress([tool("a"), tool("b", { needs: ["a"] })]).tell({ type: "CancelPlan" });
    expect(reason(plan, "b")).toMatchObject({ kind: "plan", plan: "cancelling" });
    plan.succeed("a");
    expect(reason(plan, "b")).toMatchObject({ kind: "plan", plan: "cancelled" });
  });

  it("says why it was skipped", () => {
    const plan = new PlanInProgress([value("a", 1, { when: "false" }), value("b", 1, { needs: ["a"] })]);
    expect(reason(plan, "a")).toEqual({ kind: "skipped", because: "its condition `when` was false" });
    expect(reason(plan, "b")).toEqual({ kind: "skipped", because: "a, which it needs, was skipped" });
  });

  it("says when and how it ended", () => {
    const plan = new PlanInProgress([tool("a"), tool("b")], { onFailure: "continue" }).after(10).succeed("a").fail("b");
    expect(reason(plan, "a")).toEqual({ kind: "ended", state: "succeeded", at: START + 10 });
    expect(reason(plan, "b")).toMatchObject({ kind: "ended", state: "failed", error: { code: "connection-refused" } });
  });

  it("refuses a step that the plan does not have", () => {
    const plan = new PlanInProgress([tool("a")]);
    expect(() => selectWhy(plan.state, "z")).toThrow(expect.objectContaining({ code: "unknown-step" }));
  });
});

describe("what waits", () => {
  it("is every step that has not ended, in the order of the plan, up to a limit", () => {
    const plan = new PlanInProgress([
      value("done", 1),
      tool("a"),
      tool("b", { needs: ["a"] }),
      tool("c", { needs: ["a"] }),
    ]);
    expect(selectWaiting(plan.state, 10).map(({ step }) => step)).toEqual(["a", "b", "c"]);
    expect(selectWaiting(plan.state, 2).map(({ step }) => step)).toEqual(["a", "b"]);
  });
});
