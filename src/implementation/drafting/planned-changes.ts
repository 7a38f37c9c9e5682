import type { PlanDefinition } from "#events/definition.ts";
import type { JsonObject } from "#events/json.ts";
import { checkPlan } from "#src/language/check.ts";
import type { Complaint } from "#src/language/finding.ts";
import { parsePlan } from "#src/language/parse.ts";
import { validated } from "#src/planning/validation/validate.ts";
import type { ToolRegistry } from "#src/tools/registry.ts";
import { changePlan, type PlanWords } from "./change-plan.ts";
import type { Draft } from "./drafted.ts";
import { totalsOf, type Totals } from "./totals.ts";

// A draft as a plan that can run, with what it is expected to take: the ordinary check and the ordinary validation decide whether it is one.
//
// V1. What comes out has passed both; nothing else is ever submitted.

export interface PlannedChanges {
  readonly source: JsonObject;
  readonly definition: PlanDefinition;
  readonly totals: Totals;
}

export type PlannedOrNot =
  | { readonly ok: true; readonly planned: PlannedChanges | undefined }
  | { readonly ok: false; readonly findings: readonly Complaint[] };

export interface PlanningAround extends PlanWords {
  readonly tools: ToolRegistry;
  /** Attempts that run at once. */
  readonly slots: number;
}

/** Undefined where there is nothing to do. */
export function plannedChanges(draft: Draft, { tools, slots, ...words }: PlanningAround): PlannedOrNot {
  const source = changePlan(draft, words);
  if (source === undefined) return { ok: true, planned: undefined };
  const parsed = parsePlan(source, {
    file: `${draft.name}.plan.json`,
    format: "json",
  });
  if (!parsed.ok) return parsed;
  const checked = checkPlan(parsed.source, { tools });
  if (!checked.ok) return checked;
  const { definition } = checked;
  // Policies say what needs an approval, and those who are to run the plan are granted what its tools ask for when they run it.
  const granted = { approveIrreversible: false, permissions: ["*"] };
  const findings = validated(definition, { catalog: tools, granted }).filter(({ severity }) => severity === "error");
  if (findings.length > 0) return { ok: false, findings };
  return {
    ok: true,
    planned: {
      source,
      definition,
      totals: totalsOf(draft, definition, { slots }),
    },
  };
}
