import type { PlanDefinition } from "#events/definition.ts";
import { UNLIMITED } from "#src/ports/limits.ts";
import { bindingFindings } from "#src/planning/validation/bindings.ts";
import { boundFindings } from "#src/planning/validation/bounds.ts";
import { claimFindings } from "#src/planning/validation/concurrency.ts";
import type { Grounds, ValidationFinding } from "#src/planning/validation/grounds.ts";
import { irreversibleFindings } from "#src/planning/validation/irreversible.ts";
import { permissionFindings } from "#src/planning/validation/permissions.ts";
import { placedSteps } from "#src/planning/validation/places.ts";

// Whether a plan that can run may run, and does so on every branch: what the check of the language does not know.
//
// V1. Pure: the same plan on the same grounds has the same findings, in the order of the rules.
// V2. Every finding has a code, a place in the plan as it was written, and says what to do where one thing is clear.
// V3. At most MAX_FINDINGS are given; the last one says when there were more.

const MAX_FINDINGS = 200;

/** The definition is one that `checkPlan` has given; it may be from another time than the tools and limits. */
export function validated(definition: PlanDefinition, grounds: Grounds): readonly ValidationFinding[] {
  const { catalog, granted, limits = UNLIMITED, estimate } = grounds;
  const steps = placedSteps(definition);
  const found = [
    ...permissionFindings(steps, catalog, granted),
    ...irreversibleFindings(steps, catalog, granted),
    ...claimFindings(steps, limits),
    ...bindingFindings(definition, catalog),
    ...(estimate === undefined ? [] : boundFindings(definition, granted, estimate)),
  ];
  if (found.length <= MAX_FINDINGS) return found;
  const message = `${found.length - MAX_FINDINGS} more findings are not listed`;
  return [...found.slice(0, MAX_FINDINGS), { code: "too-many-findings", severity: "error", message, path: ["steps"] }];
}
