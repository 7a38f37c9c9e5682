import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { criticalPath, stepGraph, topologicalOrder, type StepGraph } from "#machines/graph.ts";
import { planOf, value } from "./plans.ts";

/** needs[i] as bits over the steps before i: every directed acyclic graph of up to eight steps, numbered in order. */
const dags = fc
  .integer({ min: 1, max: 8 })
  .chain((size) => fc.array(fc.nat({ max: 255 }), { minLength: size, maxLength: size }))
  .map((rows) =>
    rows.map((bits, index) => rows.map((_, need) => need).filter((need) => need < index && bits & (1 << need))),
  );

const graphOf = (needs: readonly (readonly number[])[]): StepGraph =>
  stepGraph(planOf(needs.map((of, index) => value(name(index), 0, { needs: of.map(name) }))));
const name = (index: number): string => `s${index}`;

const shuffled = (needs: number[][]): fc.Arbitrary<number[][]> =>
  fc.shuffledSubarray([...needs.keys()], { minLength: needs.length }).map((order) => {
    const place = order.map((_, index) => order.indexOf(index));
    return order.map((from) => needs[from]!.map((need) => place[need]!));
  });

describe("the step graph", () => {
  it("knows needs and dependents by number, each once", () => {
    const plan = planOf([value("a", 1), value("b", 1, { needs: ["c", "a", "c"] }), value("c", 1, { needs: ["a"] })]);
    const { needs, dependents, indexOf } = stepGraph(plan);
    expect(needs).toEqual([[], [2, 0], [0]]);
    expect(dependents).toEqual([[1, 2], [], [1]]);
    expect(indexOf.get("c")).toBe(2);
  });

  it("refuses a need that is not in the plan", () => {
    const steps = [value("a", 1, { needs: ["ghost"] })];
    expect(() => stepGraph({ steps })).toThrow(expect.objectContaining({ code: "unknown-need" }));
  });
});

describe("the topological order", () => {
  it("puts every step behind its needs, whatever order the source has", () => {
    fc.assert(
      fc.property(dags.chain(shuffled), (needs) => {
        const sorted = topologicalOrder(graphOf(needs));
        expect(sorted).toHaveProperty("order");
        const order = "order" in sorted ? sorted.order : [];
        expect([...order].sort((a, b) => a - b)).toEqual([...needs.keys()]);
        needs.forEach((of, step) => {
          for (const need of of) expect(order.indexOf(need)).toBeLessThan(order.indexOf(step));
        });
      }),
    );
  });

  it("keeps the order of the source among equals", () => {
    expect(topologicalOrder(graphOf([[], [], [0], []]))).toEqual({ order: [0, 1, 3, 2] });
  });

  it("names the steps of one cycle in order, and not those that only hang on it", () => {
    const sorted = topologicalOrder(graphOf([[], [0, 3], [1], [2], [3]]));
    expect(sorted).toHaveProperty("cycle");
    const cycle = "cycle" in sorted ? sorted.cycle : [];
    expect([...cycle].sort()).toEqual([1, 2, 3]);
    const graph = graphOf([[], [0, 3], [1], [2], [3]]);
    cycle.forEach((step, index) => expect(graph.needs[cycle[(index + 1) % cycle.length]!]).toContain(step));
    expect(topologicalOrder(graphOf([[0]]))).toEqual({ cycle: [0] });
    expect(topologicalOrder(graphOf([[1], [2], [3], [2]]))).toEqual({ cycle: [3, 2] });
  });
});

describe("the critical path", () => {
  const longest = (needs: readonly (readonly number[])[], durations: readonly number[]): number => {
    const finish = (step: number): number => durations[step]! + Math.max(0, ...needs[step]!.map(finish));
    return Math.max(...needs.map((_, step) => finish(step)));
  };

  it("is as long as the longest of all paths, and is one of them", () => {
    fc.assert(
      fc.property(dags.chain(shuffled), fc.array(fc.nat({ max: 9 }), { minLength: 8, maxLength: 8 }), (needs, took) => {
        const { length, steps } = criticalPath(graphOf(needs), (step) => took[step]!);
        expect(length).toBe(longest(needs, took));
        expect(steps.reduce((sum, step) => sum + took[step]!, 0)).toBe(length);
        steps.slice(1).forEach((step, index) => expect(needs[step]).toContain(steps[index]));
      }),
    );
  });

  it("is the one through the first steps where several are as long", () => {
    const graph = graphOf([[], [], [0, 1], [0, 1], [2, 3]]);
    expect(criticalPath(graph, () => 1)).toEqual({ length: 3, steps: [0, 2, 4] });
  });

  it("has one step where nothing takes any time, and none where there is none", () => {
    expect(criticalPath(graphOf([[], [0]]), () => 0)).toEqual({ length: 0, steps: [0] });
    expect(criticalPath(stepGraph({ steps: [] }), () => 1)).toEqual({ length: 0, steps: [] });
  });

  it("does not exist in a graph with a cycle", () => {
    expect(() => criticalPath(graphOf([[1], [0]]), () => 1)).toThrow(expect.objectContaining({ code: "cyclic-plan" }));
  });
});
