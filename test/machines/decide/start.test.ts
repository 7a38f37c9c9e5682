import { describe, expect, it } from "vitest";
import { contentHash } from "#events/canonical.ts";
import type { StepDefinition } from "#events/definition.ts";
import type { Json } from "#events/json.ts";
import { NO_BLOBS } from "#machines/blobs.ts";
import { startPlan } from "#machines/decide/start.ts";
import { emptyState } from "#machines/state.ts";
import { calling, each, PLAN, planOf, repeat, started, tool } from "../plans.ts";
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

  it("hashes the definition also where nobody keeps any made ready", () => {
    const moment = { now: 5_000, epoch: 1, random: () => 0.5, blobs: NO_BLOBS };
    const data = { definitionHash: contentHash(plan as Json) };
    expect(startPlan(start(), emptyState(PLAN), moment)).toMatchObject({ facts: [{ data }, { type: "PlanStarted" }] });
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

describe("a plan whose calls lead nowhere", () => {
  const begin = (steps: readonly StepDefinition[], calls = {}) =>
    scenario(startPlan).when(start(planOf(steps, { calls })));
  const nowhere = calling("c", "nowhere");

  it.each<readonly [string, StepDefinition]>([
    ["alone", nowhere],
    ["inside of an each", each("all", [1], { steps: [nowhere] })],
    ["inside of a repeat", repeat("more", "true", { steps: [nowhere] })],
  ])("is refused before it begins, %s and beside others", (_, step) => {
    begin([step]).thenRejected("unknown-plan");
    begin([tool("first"), step]).thenRejected("unknown-plan");
  });

  it("is refused where plans call each other, or steps are inside each other for too long", () => {
    const calls = { circle: planOf([calling("again", "circle")]) };
    begin([calling("c", "circle")], calls).thenRejected("recursive-call");
    let deep: StepDefinition = tool("do");
    for (let depth = 0; depth < 40; depth++)
      deep = { ...each(`e${depth}`, [1], { steps: [tool("do")] }), body: { steps: [deep] } };
    scenario(startPlan)
      .when(start({ ...plan, steps: [deep] }))
      .thenRejected("too-deep");
  });

  it("is refused for what is inside of the second of two", () => {
    const twice = [tool("x"), tool("x")];
    const two = [each("all", [1], { steps: [tool("do")] }), each("other", [1], { steps: twice })];
    begin(two).thenRejected("duplicate-step");
  });
});
