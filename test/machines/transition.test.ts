import { describe, expect, it } from "vitest";
import { transition } from "xstate";
import { Fault } from "#events/fault.ts";
import { movePlan, PLAN_STATES, planChart, restorePlan, UNDRAFTED_PLAN } from "#machines/plan-chart.ts";
import { STEP_STATES, stepChart, type StepContext, type StepStateName } from "#machines/step-chart.ts";
import { moveStep, PRISTINE_STEP } from "#machines/step-table.ts";
import { definitionOf, PLAN_EVENTS, STEP_EVENTS } from "./chart-examples.ts";

const contexts = { plan: UNDRAFTED_PLAN.context, step: PRISTINE_STEP.context };
const planPairs = PLAN_STATES.flatMap((state) => PLAN_EVENTS.map((event) => ({ state, event })));
const stepPairs = STEP_STATES.flatMap((state) => STEP_EVENTS.map((event) => ({ state, event })));

const restoreStep = (value: StepStateName, context: StepContext) => stepChart.resolveState({ value, context });

const refusal = (move: () => unknown): unknown => {
  try {
    move();
    return undefined;
  } catch (error) {
    return error;
  }
};

describe("the reused transition scope", () => {
  it("moves a step as XState's public transition() does, for every state and event", () => {
    const moved = stepPairs.map(({ state, event }) => {
      const snapshot = restoreStep(state, contexts.step);
      const [expected] = transition(stepChart, snapshot, event);
      expect(snapshot.can(event), `${state} ${event.type}`).toBe(expected !== snapshot);
      if (expected === snapshot) return false;
      const { value, context } = moveStep(snapshot, event);
      expect({ value, context }, `${state} ${event.type}`).toEqual({
        value: expected.value,
        context: expected.context,
      });
      return true;
    });
    expect(moved.filter(Boolean).length).toBeGreaterThan(30);
  });

  it("moves a plan as XState's public transition() does, for every state and event", () => {
    const moved = planPairs.map(({ state, event }) => {
      const snapshot = restorePlan(state, contexts.plan);
      const [expected] = transition(planChart, snapshot, event);
      expect(snapshot.can(event), `${state} ${event.type}`).toBe(expected !== snapshot);
      if (expected === snapshot) return false;
      const { value, context, tags } = movePlan(snapshot, event);
      const { value: expectedValue, context: expectedContext, tags: expectedTags } = expected;
      expect({ value, context, tags }).toEqual({ value: expectedValue, context: expectedContext, tags: expectedTags });
      return true;
    });
    expect(moved.filter(Boolean)).toHaveLength(9);
  });

  it("throws where can() says no, naming chart, state and event", () => {
    for (const { state, event } of stepPairs) {
      const snapshot = restoreStep(state, contexts.step);
      if (snapshot.can(event)) continue;
      const error = refusal(() => moveStep(snapshot, event));
      expect(Fault.is(error, "event-refused"), `${state} ${event.type}`).toBe(true);
    }
    for (const { state, event } of planPairs) {
      const snapshot = restorePlan(state, contexts.plan);
      if (!snapshot.can(event)) expect(refusal(() => movePlan(snapshot, event))).toBeInstanceOf(Fault);
    }
    expect(refusal(() => moveStep(PRISTINE_STEP, STEP_EVENTS.at(-1)!))).toMatchObject({
      message: "step@1 does not accept StepOutcomeResolved in state pending",
    });
  });

  it("does not change the snapshot that it moves from", () => {
    const before = JSON.stringify(PRISTINE_STEP);
    moveStep(PRISTINE_STEP, STEP_EVENTS[0]!);
    expect(JSON.stringify(PRISTINE_STEP)).toBe(before);
  });
});

describe.each([
  ["plan@1", planChart],
  ["step@1", stepChart],
])("the chart %s", (_, chart) => {
  it("has no transition without target and action, which can() and the fold would take for a refusal", () => {
    const { edges } = definitionOf(chart);
    expect(edges.length).toBeGreaterThan(0);
    expect(edges.filter(({ hasEffect }) => !hasEffect)).toEqual([]);
  });

  it("waits for nothing, invokes nothing and never ends by itself", () => {
    for (const node of definitionOf(chart).nodes) {
      expect(node.type).not.toBe("final");
      expect({ key: node.key, after: node.after, always: node.always ?? [] }).toMatchObject({ after: [], always: [] });
      expect(node.invoke).toEqual([]);
      expect([...node.entry, ...node.exit]).toEqual([]);
    }
  });
});
