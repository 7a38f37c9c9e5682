import { describe, expect, it } from "vitest";
import { transition } from "xstate";
import { Fault } from "#events/fault.ts";
import { PLAN_STATES, planChart, restorePlan, UNDRAFTED_PLAN } from "#machines/plan-chart.ts";
import { PRISTINE_CONTEXT, STEP_STATES, stepChart } from "#machines/step-chart.ts";
import { transitionOf } from "#machines/transition.ts";
import { definitionOf, PLAN_EVENTS, STEP_EVENTS } from "./chart-examples.ts";

const movePlan = transitionOf<ReturnType<typeof planChart.resolveState>, (typeof PLAN_EVENTS)[number]>(planChart);
const moveStep = transitionOf<ReturnType<typeof stepChart.resolveState>, (typeof STEP_EVENTS)[number]>(stepChart);

const planPairs = PLAN_STATES.flatMap((state) =>
  PLAN_EVENTS.map((event) => {
    const snapshot = restorePlan(state, UNDRAFTED_PLAN.context);
    const [expected] = transition(planChart, snapshot, event);
    return { place: `${state} ${event.type}`, snapshot, event, expected, can: snapshot.can(event) };
  }),
);
const stepPairs = STEP_STATES.flatMap((value) =>
  STEP_EVENTS.map((event) => {
    const snapshot = stepChart.resolveState({ value, context: PRISTINE_CONTEXT });
    const [expected] = transition(stepChart, snapshot, event);
    return { place: `${value} ${event.type}`, snapshot, event, expected, can: snapshot.can(event) };
  }),
);

describe("the reused transition scope", () => {
  it("moves as XState's public transition() does, for every state and event", () => {
    for (const { place, snapshot, event, expected, can } of planPairs) {
      if (can) expect(contentOf(movePlan(snapshot, event)), place).toEqual(contentOf(expected));
    }
    for (const { place, snapshot, event, expected, can } of stepPairs) {
      if (can) expect(contentOf(moveStep(snapshot, event)), place).toEqual(contentOf(expected));
    }
    expect(planPairs.filter(({ can }) => can)).toHaveLength(42);
    expect(stepPairs.filter(({ can }) => can).length).toBeGreaterThan(30);
  });

  it("throws where can() says no, which is where XState returns the same snapshot", () => {
    for (const { place, snapshot, event, expected, can } of planPairs) {
      expect(expected !== snapshot, place).toBe(can);
      if (!can) expect(() => movePlan(snapshot, event), place).toThrow(Fault);
    }
    for (const { place, snapshot, event, expected, can } of stepPairs) {
      expect(expected !== snapshot, place).toBe(can);
      if (!can) expect(() => moveStep(snapshot, event), place).toThrow(Fault);
    }
  });

  it("names chart, state and event in a refusal", () => {
    const move = () =>
      movePlan(
        UNDRAFTED_PLAN,
        PLAN_EVENTS.find(({ type }) => type === "PlanFailed")!,
      );
    const message = "plan@1 does not accept PlanFailed in state undrafted";
    expect(move).toThrow(expect.objectContaining({ code: "event-refused", message }));
  });

  it("does not change the snapshot that it moves from", () => {
    const before = JSON.stringify(UNDRAFTED_PLAN);
    movePlan(UNDRAFTED_PLAN, PLAN_EVENTS[0]!);
    expect(JSON.stringify(UNDRAFTED_PLAN)).toBe(before);
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

function contentOf({ value, context, tags }: { value: unknown; context: unknown; tags: ReadonlySet<string> }) {
  return { value, context, tags: [...tags] };
}
