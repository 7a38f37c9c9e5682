import type { PlanDefinition } from "#events/definition.ts";
import { Fault } from "#events/fault.ts";
import type { JsonObject } from "#events/json.ts";
import { limitsFrom, type DeclaredLimits } from "#src/config/limits.ts";
import { calledPlans } from "#src/builders/plan.ts";
import { planLibrary, type PlanLibrary } from "#src/language/called-plans.ts";
import { checkPlan } from "#src/language/check.ts";
import { formatFindings } from "#src/language/format.ts";
import { checkInputs } from "#src/language/inputs.ts";
import { parsePlan, type PlanSource } from "#src/language/parse.ts";
import type { ToolRegistry } from "#src/tools/registry.ts";
import { isScripted } from "#src/testing/scripted-tool.ts";
import { withoutIsolation } from "#src/testing/without-isolation.ts";

// The border between what a test hands over and a definition that can run: checked as every plan is before it runs.
//
// Q1. A scripted tool has no module that a thread or process could load: where a plan isolates one, it runs in the loop.

/** YAML or JSON, as it stands in a file, or the value that such a text stands for: what `definePlan` gives. */
export type WrittenPlan = string | JsonObject;

export interface CheckSurroundings {
  readonly tools: ToolRegistry;
  readonly inputs?: JsonObject;
  /** Where plans are found that are called. */
  readonly library?: PlanLibrary;
  readonly limits?: DeclaredLimits;
}

export interface CheckedPlan {
  readonly definition: PlanDefinition;
  readonly inputs: JsonObject;
}

/** Faults: `plan-invalid`, `inputs-invalid`, each with all findings as text. */
export function checkedPlan(source: WrittenPlan | PlanDefinition, around: CheckSurroundings): CheckedPlan {
  const checked = isWritten(source) ? definitionOf(source, around) : source;
  const definition = withoutIsolation(checked, ({ tool }) => {
    const known = around.tools.get(tool);
    return known !== undefined && isScripted(known);
  });
  const given = checkInputs(definition, around.inputs ?? {});
  if (!given.ok) throw new Fault("inputs-invalid", formatFindings(given.findings));
  return { definition, inputs: given.inputs };
}

/** A definition has another word for its name. */
function isWritten(source: WrittenPlan | PlanDefinition): source is WrittenPlan {
  return typeof source === "string" || "plan" in source;
}

function definitionOf(written: WrittenPlan, { tools, library, limits }: CheckSurroundings): PlanDefinition {
  const source = sourceOf(written);
  const called = typeof written === "string" ? [] : calledPlans(written).map(sourceOf);
  const plans = planLibrary(called, library);
  const checked = checkPlan(source, { tools, limits: limitsFrom(limits), plans });
  if (!checked.ok) throw new Fault("plan-invalid", formatFindings(checked.findings));
  return checked.definition;
}

function sourceOf(written: WrittenPlan): PlanSource {
  const parsed = parsePlan(written, { file: "plan.yaml" });
  if (!parsed.ok) throw new Fault("plan-invalid", formatFindings(parsed.findings));
  return parsed.source;
}
