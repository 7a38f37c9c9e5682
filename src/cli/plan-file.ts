import path from "node:path";
import type { PlanDefinition } from "#events/definition.ts";
import { Fault } from "#events/fault.ts";
import { isJsonObject, type JsonObject } from "#events/json.ts";
import { readWrittenPlans } from "#src/cli/written-plans.ts";
import { planLibrary } from "#src/language/called-plans.ts";
import { checkPlan } from "#src/language/check.ts";
import type { Complaint, Finding } from "#src/language/finding.ts";
import type { PlanSource } from "#src/language/parse.ts";
import { checkInputs, inputsFromText } from "#src/language/inputs.ts";
import { folderLibrary } from "#src/plan-files/folder-library.ts";
import { readSource } from "#src/plan-files/source-file.ts";
import type { Limits } from "#src/ports/limits.ts";
import type { ToolRegistry } from "#src/tools/registry.ts";

// Files that a person names at the command line, as checked values: what is wrong in them are findings with places,
// what is wrong with the files themselves are faults.

export type Read<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly findings: readonly (Finding | Complaint)[] };

export interface CheckedPlan {
  readonly definition: PlanDefinition;
  /** Where it was written, for what is found later. */
  readonly source: PlanSource;
  readonly warnings: readonly Finding[];
}

export interface PlanSurroundings {
  readonly tools: ToolRegistry;
  /** Directories and files where plans are found that this one calls, beside its own directory. */
  readonly plans: readonly string[];
  readonly limits: Limits;
}

/** Faults: those of `readWrittenPlans`, `plans-unreadable`, `plan-twice`, `too-many-plan-files`. */
export async function readPlan(
  file: string,
  { tools, limits, plans: places }: PlanSurroundings,
): Promise<Read<CheckedPlan>> {
  const written = await readWrittenPlans(file);
  if (!written.ok) return written;
  const folders = folderLibrary([path.dirname(file), ...places]);
  const checked = checkPlan(written.source, { tools, plans: planLibrary(written.beside, folders), limits });
  if (checked.ok) return { ok: true, value: { ...checked, source: written.source } };
  // A plan that is missed may be in a file that could not be read.
  const isMissing = checked.findings.some(({ code }) => code === "unknown-plan");
  return { ok: false, findings: [...checked.findings, ...(isMissing ? folders.problems() : [])] };
}

export interface GivenInputs {
  /** `name=value`, as typed. */
  readonly input: readonly string[];
  /** A file with a mapping of names to values; single inputs win over it. */
  readonly inputs?: string;
}

/** Faults: `bad-input-option`, `inputs-unreadable`. */
export async function readInputs(given: GivenInputs, definition: PlanDefinition): Promise<Read<JsonObject>> {
  const read = givenInputs(given);
  if (!read.ok) return read;
  const { inputs, texts } = read.value;
  const checked = checkInputs(definition, { ...inputs, ...inputsFromText(definition, texts) });
  return checked.ok ? { ok: true, value: checked.inputs } : checked;
}

/** A plan and the inputs that it is to run with: first what is wrong with the plan, then with them. Faults: those of both. */
export async function readPlanWithInputs(
  file: string,
  given: GivenInputs,
  around: PlanSurroundings,
): Promise<Read<CheckedPlan & { readonly inputs: JsonObject }>> {
  const plan = await readPlan(file, around);
  if (!plan.ok) return plan;
  const inputs = await readInputs(given, plan.value.definition);
  return inputs.ok ? { ok: true, value: { ...plan.value, inputs: inputs.value } } : inputs;
}

/** As they were given, for whoever knows the plan. Faults: `bad-input-option`, `inputs-unreadable`. */
export function givenInputs({
  input,
  inputs,
}: GivenInputs): Read<{ readonly inputs: JsonObject; readonly texts: Readonly<Record<string, string>> }> {
  const fromFile = inputs === undefined ? { ok: true as const, value: {} } : readMapping(inputs);
  if (!fromFile.ok) return fromFile;
  return { ok: true, value: { inputs: fromFile.value, texts: Object.fromEntries(input.map(splitInput)) } };
}

function splitInput(text: string): [string, string] {
  const at = text.indexOf("=");
  if (at < 1) throw new Fault("bad-input-option", `--input ${JSON.stringify(text)} has no name before an =`);
  return [text.slice(0, at), text.slice(at + 1)];
}

function readMapping(file: string): Read<JsonObject> {
  const parsed = readSource(file, "inputs-unreadable");
  if (!parsed.ok) return parsed;
  const { value } = parsed.source.root;
  if (!isJsonObject(value)) throw new Fault("inputs-unreadable", `${file} is not a mapping of names to values`);
  return { ok: true, value };
}
