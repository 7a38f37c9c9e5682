import { needsAt, type PlanState } from "#machines/state.ts";
import type { StepStateName } from "#machines/step-chart.ts";

// A step with `join: { first: n }` is a race of its needs: when enough of them have succeeded, the others have lost, and
// are given up unless something else needs them as well.
//
// W1. A race is watched from the moment that its step has all it waits for until the step has ended: `races` has it then.

const ENDED: ReadonlySet<StepStateName> = new Set(["succeeded", "failed", "skipped", "cancelled"]);

/** Whether the needs of a step are racing: it is enough that the first of them succeed. */
export function isRace(state: PlanState, index: number): boolean {
  const scope = state.steps[index]?.scope;
  return scope !== undefined && typeof scope.block.steps[index - scope.base]?.join === "object";
}

/** A need that has lost and is not given up yet. O(needs and their dependents). */
export function loserOf(state: PlanState, index: number): number | undefined {
  return needsAt(state, index).find((need) => isUnderWay(state, need) && isOnlyFor(state, need, index));
}

/** Whether the step may still lose the race: nothing has ended it, and an unknown outcome is a person's to answer. */
function isUnderWay(state: PlanState, index: number): boolean {
  const record = state.steps[index];
  if (record === undefined || record.givenUpFor !== undefined) return false;
  return !ENDED.has(record.chart.value) && record.chart.value !== "unknown";
}

function isOnlyFor(state: PlanState, index: number, race: number): boolean {
  const scope = state.steps[index]?.scope;
  if (scope === undefined) return false;
  const dependents = scope.block.graph.dependents[index - scope.base] ?? [];
  return dependents.every((local) => {
    const dependent = scope.base + local;
    const record = state.steps[dependent];
    return (
      dependent === race || record === undefined || ENDED.has(record.chart.value) || record.givenUpFor !== undefined
    );
  });
}
