// Reachability, twice: what the charts allow by a walk of `xstate/graph` over their states, and what deciders and
// `advance` really lead to. Neither side may know a state, or a way, that the other does not.
import { describe, expect, it } from "vitest";
import { getAdjacencyMap, getShortestPaths } from "xstate/graph";
import { isStepFact, type Fact } from "#events/catalog.ts";
import { PLAN_STATES, planChart } from "#machines/plan-chart.ts";
import { STEP_STATES, stepChart } from "#machines/step-chart.ts";
import { type PlanState } from "#machines/state.ts";
import { findStep } from "#machines/step-path.ts";
import { PLAN_EVENTS, STEP_EVENTS } from "./chart-examples.ts";
import { Driver } from "./driver.ts";
import { JOURNEYS } from "./journeys.ts";

/** By state value only: with counters in it, the walk would not end. */
const serializeState = ({ value }: { value: unknown }): string => String(value);

const planWalk = { events: [...PLAN_EVENTS], serializeState };
const stepWalk = { events: [...STEP_EVENTS], serializeState };

const reachablePlan = sorted(getShortestPaths(planChart, planWalk).map(({ state }) => state.value));
const reachableStep = sorted(getShortestPaths(stepChart, stepWalk).map(({ state }) => state.value));

describe("the charts", () => {
  it("reach every state that they define, and code ranges over the same states", () => {
    expect(reachablePlan).toEqual(sorted(Object.keys(planChart.states)));
    expect(reachableStep).toEqual(sorted(Object.keys(stepChart.states)));
    expect(reachablePlan).toEqual(sorted(PLAN_STATES));
    expect(reachableStep).toEqual(sorted(STEP_STATES));
  });
});

describe("deciders and advance", () => {
  const seen = observe();

  it("lead a plan and its steps to every state that the charts reach", () => {
    expect(sorted(seen.plan)).toEqual(reachablePlan);
    expect(sorted(seen.step)).toEqual(reachableStep);
  });

  it("lead along every transition that the charts allow", () => {
    const allowed = [
      ...edgesOf(getAdjacencyMap(planChart, planWalk)),
      ...edgesOf(getAdjacencyMap(stepChart, stepWalk)),
    ];
    expect(sorted(seen.edges)).toEqual(sorted(allowed));
  });
});

interface Reached {
  readonly state: { readonly value: unknown; can(event: { type: string }): boolean };
  readonly transitions: Readonly<
    Record<string, { readonly state: { readonly value: unknown }; readonly event: unknown }>
  >;
}

function edgesOf(map: object): string[] {
  return (Object.values(map) as Reached[]).flatMap(({ state, transitions }) =>
    Object.values(transitions)
      .map(({ state: to, event }) => ({ to, event: event as { type: string } }))
      .filter(({ event }) => state.can(event))
      .map(({ to, event }) => edge(state.value, event.type, to.value)),
  );
}

/** Runs the journeys, and notes the states of plan and steps after every event and how they came there. */
function observe() {
  const seen = { plan: new Set<string>(["undrafted"]), step: new Set<string>(), edges: new Set<string>() };
  for (const journey of Object.values(JOURNEYS)) {
    let before = { plan: "undrafted", steps: [] as string[] };
    const onFold = (fact: Fact, state: PlanState): void => {
      const after = { plan: state.header.value, steps: state.steps.map((record) => record?.chart.value ?? "closed") };
      const index = isStepFact(fact) ? (findStep(state, fact.data.step)?.index ?? -1) : -1;
      const [from, to] = index < 0 ? [before.plan, after.plan] : [before.steps[index] ?? "pending", after.steps[index]];
      seen.edges.add(edge(from, fact.type, to));
      seen.plan.add(after.plan);
      for (const name of after.steps.filter((value) => value !== "closed")) seen.step.add(name);
      before = after;
    };
    journey(new Driver({ onFold }));
  }
  return seen;
}

function edge(from: unknown, type: string, to: unknown): string {
  return `${String(from)} -${type}-> ${String(to)}`;
}

function sorted(names: Iterable<string>): string[] {
  return [...new Set(names)].sort();
}
