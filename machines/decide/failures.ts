import { errorOf, type ErrorInfo } from "#events/errors.ts";
import { stepPath, type Scope } from "#machines/scope.ts";
import type { PlanState } from "#machines/state.ts";

// What went wrong in a scope, in one error: the category and the words of the first step that failed.

/** Steps named in one error. */
export const MAX_FAILED_NAMED = 100;

export function failureIn(state: PlanState, scope: Scope): ErrorInfo {
  const { block, base } = scope;
  const first = block.steps.findIndex((_, local) => state.steps[base + local]?.chart.value === "failed");
  const error = state.steps[base + first]?.error;
  const because = error === undefined ? "" : `: ${error.message}`;
  const names = failedSteps(state, scope).join(", ");
  return errorOf(error?.category ?? "unknown", "steps-failed", `${names} failed${because}`);
}

/** The paths of a scope's own steps that failed for good. */
export function failedSteps(state: PlanState, scope: Scope): string[] {
  const named = scope.block.steps.filter((_, local) => state.steps[scope.base + local]?.chart.value === "failed");
  return named.slice(0, MAX_FAILED_NAMED).map(({ id }) => stepPath(scope, id));
}
