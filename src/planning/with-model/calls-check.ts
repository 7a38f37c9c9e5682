import type { PlanDefinition, RestOfPlan } from "#events/definition.ts";
import { REQUEST_PLAN } from "#projections/requests-view.ts";
import type { Complaint } from "#src/language/finding.ts";
import type { Call } from "#src/planning/binding/source.ts";
import type { CatalogEntry } from "#src/planning/catalog/entry.ts";
import { withApprovals } from "#src/planning/request/approvals.ts";
import { checkedRest, type Around } from "#src/planning/request/plan-rest.ts";
import { planSource } from "#src/planning/writing/plan-source.ts";

// Calls as the rest of a plan, by the planner's own writer, approvals and check: the same for what is planned with a model and without.

export type CheckedCalls = {
  /** Ids of the steps of the calls. */
  readonly steps: readonly string[];
} & (
  | { readonly ok: true; readonly rest: RestOfPlan; readonly definition: PlanDefinition }
  | { readonly ok: false; readonly findings: readonly Complaint[] }
);

export type CallsCheck = (calls: readonly Call[]) => CheckedCalls;

/** `entries` has all tools of the calls. */
export function callsCheck(entries: readonly CatalogEntry[], around: Around): CallsCheck {
  const taken = Object.keys(around.done);
  return (calls) => {
    const { steps, outputs } = planSource({ name: REQUEST_PLAN, taken }, calls, entries);
    const checked = checkedRest({ steps: withApprovals(steps, around.tools), outputs }, around);
    return { ...checked, steps: Object.keys(steps) };
  };
}
