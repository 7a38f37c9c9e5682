import type { StepDefinition } from "#events/definition.ts";
import { Fault } from "#events/fault.ts";

// The step graph: who needs whom, by number. Built once a definition; everything that the fold asks of it is O(1) or
// O(out-degree).

export interface StepGraph {
  readonly indexOf: ReadonlyMap<string, number>;
  /** needs[i] = the steps that i depends on; dependents[i] = the steps that depend on i. Each without repetition. */
  readonly needs: readonly (readonly number[])[];
  readonly dependents: readonly (readonly number[])[];
}

export function stepGraph(definition: { readonly steps: readonly Pick<StepDefinition, "id" | "needs">[] }): StepGraph {
  const indexOf = new Map(definition.steps.map((step, index) => [step.id, index]));
  const dependents: number[][] = definition.steps.map(() => []);
  const needs = definition.steps.map((step, index) => {
    const unique = [...new Set(step.needs)].map((need) => indexOf.get(need) ?? unknownNeed(step.id, need));
    for (const need of unique) dependents[need]?.push(index);
    return unique;
  });
  return { indexOf, needs, dependents };
}

/** Steps in an order that respects needs, equal ranks in source order (Kahn 1962), or the steps of one cycle in order. */
export function topologicalOrder(graph: StepGraph): { order: readonly number[] } | { cycle: readonly number[] } {
  const open = graph.needs.map((needs) => needs.length);
  const order: number[] = [];
  open.forEach((count, index) => count === 0 && order.push(index));
  for (let head = 0; head < order.length; head++) {
    for (const dependent of graph.dependents[order[head] ?? 0] ?? []) {
      const left = (open[dependent] ?? 0) - 1;
      open[dependent] = left;
      if (left === 0) order.push(dependent);
    }
  }
  return order.length === open.length ? { order } : { cycle: findCycle(graph, open) };
}

export interface CriticalPath {
  /** Longest sum of durations along dependencies, in the unit of `durations`. */
  readonly length: number;
  readonly steps: readonly number[];
}

const NONE = -1;

/** Longest path through the graph with the given duration of each step (critical path method, Kelley & Walker 1959). */
export function criticalPath(graph: StepGraph, durations: (step: number) => number): CriticalPath {
  const sorted = topologicalOrder(graph);
  if ("cycle" in sorted) throw new Fault("cyclic-plan", "a plan with a cycle has no critical path");
  const finish = new Float64Array(graph.needs.length);
  const before = new Int32Array(graph.needs.length).fill(NONE);
  for (const step of sorted.order) {
    const slowest = latest(graph.needs[step] ?? [], finish);
    before[step] = slowest;
    finish[step] = (finish[slowest] ?? 0) + durations(step);
  }
  const last = latest(sorted.order, finish);
  const steps: number[] = [];
  for (let step = last; step !== NONE; step = before[step] ?? NONE) steps.push(step);
  return { length: finish[last] ?? 0, steps: steps.reverse() };
}

/** The step that finishes last; the first of equals. */
function latest(steps: readonly number[], finish: Float64Array): number {
  return steps.reduce((best, step) => ((finish[step] ?? 0) > (finish[best] ?? -1) ? step : best), NONE);
}

/** Every step left after sorting has a need among those left: following such needs must come back. */
function findCycle(graph: StepGraph, open: readonly number[]): readonly number[] {
  const seen = new Map<number, number>();
  const path: number[] = [];
  let current = open.findIndex((count) => count > 0);
  while (!seen.has(current)) {
    seen.set(current, path.length);
    path.push(current);
    current = graph.needs[current]?.find((need) => (open[need] ?? 0) > 0) ?? current;
  }
  return path.slice(seen.get(current)).reverse();
}

function unknownNeed(step: string, need: string): never {
  throw new Fault("unknown-need", `step ${step} needs ${need}, which is not in the plan`);
}
