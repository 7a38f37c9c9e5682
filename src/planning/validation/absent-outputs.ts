import type { StepDefinition } from "#events/definition.ts";
import type { StepGraph } from "#machines/graph.ts";

// Whose output may not be there, in one block of steps.
//
// A1. A step that has all its needs runs only where all of them succeeded; what it reads of them is there. One that is content with
//     some (`join`) may run while any of them is skipped, still runs, or has lost.
// A2. A false `when` skips, and skipping goes on to what cannot have enough successes any more.
// A3. A need that has lost a race is cancelled where nothing else needs it, and the plan still succeeds.

/** By the steps' numbers; `order` respects needs. */
export function skippable(steps: readonly StepDefinition[], graph: StepGraph, order: readonly number[]) {
  const skips = new Set<number>();
  for (const index of order) {
    const step = steps[index];
    const needs = graph.needs[index] ?? [];
    const sure = needs.filter((need) => !skips.has(need)).length;
    if (step !== undefined && (step.when !== undefined || sure < neededOf(step, needs.length))) skips.add(index);
  }
  return skips;
}

/** Steps that may give nothing though the block succeeds: skipped, or given up after they lost. */
export function absentAtEnd(
  steps: readonly StepDefinition[],
  graph: StepGraph,
  skips: ReadonlySet<number>,
): ReadonlySet<string> {
  const absent = new Set<string>();
  steps.forEach(({ id, join }, index) => {
    if (skips.has(index)) absent.add(id);
    if (typeof join !== "object") return;
    const needs = graph.needs[index] ?? [];
    if (join.first >= needs.length) return;
    for (const need of needs) {
      if ((graph.dependents[need] ?? []).every((dependent) => dependent === index)) absent.add(steps[need]?.id ?? "");
    }
  });
  return absent;
}

/** The needs of a step whose output may not be there when it starts. */
export function absentAtStart(step: StepDefinition): readonly string[] {
  const needs = [...new Set(step.needs)];
  return neededOf(step, needs.length) < needs.length ? needs : [];
}

function neededOf({ join }: StepDefinition, needs: number): number {
  if (join === "all") return needs;
  return Math.min(needs, join === "any" ? 1 : join.first);
}
