import { describe, expect, it } from "vitest";
import { contentHash } from "#events/canonical.ts";
import type { Json } from "#events/json.ts";
import { startPlan } from "#machines/decide/start.ts";
import { planOf, started, tool } from "../plans.ts";
import { scenario } from "#src/testing/scenario.ts";

const plan = planOf([tool("a"), tool("b", { needs: ["a"] })], { deadlineMs: 60_000 });
const start = (definition = plan) => ({ type: "StartPlan" as const, definition, inputs: { n: 1 } });

describe("StartPlan", () => {
  it("drafts the plan with the hash of its definition and starts it with inputs and deadline", () => {
    const state = scenario(startPlan)
      .at(5_000)
      .when(start())
      .then(
        {
          type: "PlanDrafted",
          data: {
            name: "test-plan",
            edition: 1,
            machine: "plan@1",
            definition: { inline: plan as Json },
            definitionHash: contentHash(plan as Json),
            steps: 2,
          },
        },
        { type: "PlanStarted", data: { epoch: 1, inputs: { inline: { n: 1 } }, deadlineAt: 65_000 } },
      );
    expect(state.header.value).toBe("running");
    expect([...state.ready]).toEqual([0]);
  });

  it("is a duplicate for a plan that is there already", () => {
    scenario(startPlan).given(started(plan)).when(start()).thenDuplicate();
  });

  it("starts what was only drafted so far, if it is the same", () => {
    const [drafted] = started(plan);
    const given = drafted === undefined ? [] : [drafted];
    scenario(startPlan)
      .given(given)
      .at(5_000)
      .when(start())
      .then({ type: "PlanStarted", data: { epoch: 1, inputs: { inline: { n: 1 } }, deadlineAt: 65_000 } });
    scenario(startPlan)
      .given(given)
      .when(start(planOf([tool("other")])))
      .thenDuplicate();
  });

  it("is refused where steps need each other, and names them", () => {
    const cyclic = planOf([tool("a", { needs: ["c"] }), tool("b", { needs: ["a"] }), tool("c", { needs: ["b"] })]);
    scenario(startPlan).when(start(cyclic)).thenRejected("cyclic-plan");
  });

  it("is refused where a step needs one that is not there", () => {
    scenario(startPlan)
      .when(start(planOf([tool("a", { needs: ["ghost"] })])))
      .thenRejected("unknown-need");
  });

  it("is refused where two steps have one id", () => {
    scenario(startPlan)
      .when(start(planOf([tool("a"), tool("a")])))
      .thenRejected("duplicate-step");
  });
});
