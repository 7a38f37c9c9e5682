import type { JsonObject } from "#events/json.ts";
import type { PlanDefinition } from "#events/definition.ts";
import { planLibrary, type PlanLibrary } from "#src/language/called-plans.ts";
import { checkPlan } from "#src/language/check.ts";
import type { Complaint, Finding } from "#src/language/finding.ts";
import { checkInputs, inputsFromText } from "#src/language/inputs.ts";
import { parsePlan, type Parsed, type PlanSource } from "#src/language/parse.ts";
import type { ToolRegistry } from "#src/tools/registry.ts";

// A plan as it comes through a door: a text or a value, with the plans that it calls and its inputs, all of which are
// checked here before anything is durable.

export interface Submission extends SourceText {
  /** Plans that steps call. */
  readonly plans?: readonly SourceText[] | undefined;
  readonly inputs?: JsonObject | undefined;
  /** Inputs as texts, read by the plan's schemas: `3` for an integer is the number. They win over `inputs`. */
  readonly texts?: Readonly<Record<string, string>> | undefined;
}

interface SourceText {
  /** YAML or JSON as text, or the value that such a text stands for. */
  readonly source: string | JsonObject;
  /** As findings name it. */
  readonly file?: string | undefined;
  readonly format?: "yaml" | "json" | undefined;
}

export type CheckedSubmission =
  | {
      readonly ok: true;
      readonly definition: PlanDefinition;
      readonly inputs: JsonObject;
      readonly warnings: readonly Finding[];
    }
  | { readonly ok: false; readonly findings: readonly (Finding | Complaint)[] };

export interface Surroundings {
  readonly tools: ToolRegistry;
  /** Where plans are found that steps call, beside those that came along. */
  readonly library: PlanLibrary;
}

/** With `inputs: "later"` only the plan is checked. */
export function checkSubmission(
  submission: Submission,
  { tools, library }: Surroundings,
  inputs: "now" | "later" = "now",
): CheckedSubmission {
  const parsed = sourceOf(submission);
  if (!parsed.ok) return parsed;
  const called: PlanSource[] = [];
  for (const one of (submission.plans ?? []).map(sourceOf)) {
    if (!one.ok) return one;
    called.push(one.source);
  }
  const checked = checkPlan(parsed.source, { tools, plans: planLibrary(called, library) });
  if (!checked.ok) return checked;
  const { definition, warnings } = checked;
  if (inputs === "later") return { ok: true, definition, inputs: {}, warnings };
  const typed = inputsFromText(definition, submission.texts ?? {});
  const given = checkInputs(definition, { ...submission.inputs, ...typed });
  return given.ok ? { ok: true, definition, inputs: given.inputs, warnings } : given;
}

const DEFAULT_FILE = "plan";

function sourceOf({ source, file = DEFAULT_FILE, format }: SourceText): Parsed {
  return parsePlan(source, { file, ...(format === undefined ? {} : { format }) });
}
