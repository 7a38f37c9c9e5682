import { isJsonObject, type JsonObject } from "#events/json.ts";
import type { PlanDefinition } from "#events/definition.ts";
import type { PlanLibrary } from "#src/language/called-plans.ts";
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

export interface SourceText {
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
  const checked = checkPlan(parsed.source, { tools, plans: libraryOf(called, library) });
  if (!checked.ok) return checked;
  const { definition, warnings } = checked;
  if (inputs === "later") return { ok: true, definition, inputs: {}, warnings };
  const typed = inputsFromText(definition, submission.texts ?? {});
  const given = checkInputs(definition, { ...submission.inputs, ...typed });
  return given.ok ? { ok: true, definition, inputs: given.inputs, warnings } : given;
}

const DEFAULT_FILE = "plan";

function sourceOf({ source, file = DEFAULT_FILE, format }: SourceText): Parsed {
  if (typeof source !== "string") return parsePlan(JSON.stringify(source, null, 2), { file, format: "json" });
  return parsePlan(source, { file, ...(format === undefined ? {} : { format }) });
}

/** What came along wins over what is found elsewhere under the same name. */
function libraryOf(sources: readonly PlanSource[], others: PlanLibrary): PlanLibrary {
  const named = sources.map((source) => ({ source, name: nameOf(source) }));
  return {
    find: (name) => {
      const own = named.filter((one) => one.name === name).map(({ source }) => source);
      return own.length > 0 ? own : others.find(name);
    },
    names: () => [...named.map(({ name }) => name), ...others.names()],
  };
}

function nameOf({ root }: PlanSource): string {
  const name = isJsonObject(root.value) ? root.value.plan : undefined;
  return typeof name === "string" ? name : "";
}
