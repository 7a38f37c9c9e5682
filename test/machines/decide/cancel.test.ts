import { describe, it } from "vitest";
import { fact } from "#events/catalog.ts";
import { cancelPlan } from "#machines/decide/cancel.ts";
import { cancelRequested, dispatched, planFailed, planOf, started, succeeded, tool, UNAVAILABLE } from "../plans.ts";
import { scenario } from "#src/testing/scenario.ts";

const cancel = { type: "CancelPlan" as const, note: "changed my mind" };
const plan = planOf([tool("a")]);
const cancelled = fact("PlanCancelled", { epoch: 1 });

describe("CancelPlan", () => {
  it("asks a running plan to end", () => {
    scenario(cancelPlan)
      .given(started(plan), dispatched("a"))
      .when(cancel)
      .then(cancelRequested({ note: "changed my mind" }));
    scenario(cancelPlan).given(started(plan)).when({ type: "CancelPlan" }).then(cancelRequested());
  });

  it("ends a plan at once that has not started", () => {
    scenario(cancelPlan)
      .given(started(plan).slice(0, 1))
      .when(cancel)
      .then(fact("PlanCancelled", { epoch: 1, note: "changed my mind" }));
  });

  it("appends nothing the second time", () => {
    scenario(cancelPlan).given(started(plan), cancelRequested()).when(cancel).thenDuplicate();
    scenario(cancelPlan).given(started(plan), cancelRequested(), cancelled).when(cancel).thenDuplicate();
  });

  it("is refused when there is no plan, or the plan has ended otherwise", () => {
    scenario(cancelPlan).when(cancel).thenRejected("plan-unknown");
    scenario(cancelPlan)
      .given(started(plan), dispatched("a"), succeeded("a"), fact("PlanSucceeded", { epoch: 1 }))
      .when(cancel)
      .thenRejected("plan-ended");
    scenario(cancelPlan).given(started(plan), planFailed(UNAVAILABLE)).when(cancel).thenRejected("plan-ended");
  });
});
