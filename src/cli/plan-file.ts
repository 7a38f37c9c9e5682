import { readFile, stat } from "node:fs/promises";
import type { PlanDefinition } from "#events/definition.ts";
import { Fault } from "#events/fault.ts";
import { isJsonObject, type JsonObject } from "#events/json.ts";
import { checkPlan } from "#src/language/check.ts";
import type { Complaint, Finding } from "#src/language/finding.ts";
import { checkInputs, inputsFromText } from "#src/language/inputs.ts";
import { MAX_PLAN_BYTES, parsePlan, type PlanSource } from "#src/language/parse.ts";
import type { ToolRegistry } from "#src/tools/registry.ts";

// Files that a person names at the command line, as checked values: what is wrong in them are findings with places,
// what is wrong with the files themselves are faults.

export type Read<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly findings: readonly (Finding | Complaint)[] };

export interface CheckedPlan {
  readonly definition: PlanDefinition;
  readonly warnings: readonly Finding[];
}

/** Fault: `plan-file-unreadable`. */
export async function readPlan(file: string, tools: ToolRegistry): Promise<Read<CheckedPlan>> {
  const source = await readSource(file, "plan-file-unreadable");
  if (!source.ok) return source;
  const checked = checkPlan(source.value, { tools });
  if (!checked.ok) return checked;
  return { ok: true, value: { definition: checked.definition, warnings: checked.warnings } };
}

export interface GivenInputs {
  /** `name=value`, as typed. */
  readonly input: readonly string[];
  /** A file with a mapping of names to values; single inputs win over it. */
  readonly inputs?: string;
}

/** Faults: `bad-input-option`, `inputs-unreadable`. */
export async function readInputs(given: GivenInputs, definition: PlanDefinition): Promise<Read<JsonObject>> {
  const fromFile = given.inputs === undefined ? { ok: true as const, value: {} } : await readMapping(given.inputs);
  if (!fromFile.ok) return fromFile;
  const typed = inputsFromText(definition, Object.fromEntries(given.input.map(splitInput)));
  const checked = checkInputs(definition, { ...fromFile.value, ...typed });
  return checked.ok ? { ok: true, value: checked.inputs } : checked;
}

function splitInput(text: string): [string, string] {
  const at = text.indexOf("=");
  if (at < 1) throw new Fault("bad-input-option", `--input ${JSON.stringify(text)} has no name before an =`);
  return [text.slice(0, at), text.slice(at + 1)];
}

async function readMapping(file: string): Promise<Read<JsonObject>> {
  const source = await readSource(file, "inputs-unreadable");
  if (!source.ok) return source;
  const { value } = source.value.root;
  if (!isJsonObject(value)) throw new Fault("inputs-unreadable", `${file} is not a mapping of names to values`);
  return { ok: true, value };
}

async function readSource(file: string, code: "plan-file-unreadable" | "inputs-unreadable"): Promise<Read<PlanSource>> {
  const text = await readText(file, code);
  const parsed = parsePlan(text, { file });
  return parsed.ok ? { ok: true, value: parsed.source } : parsed;
}

async function readText(file: string, code: string): Promise<string> {
  try {
    const { size } = await stat(file);
    // Known to be too large without reading it; the parser says the same of what it is given.
    if (size > MAX_PLAN_BYTES) {
      throw new Fault("plan-too-large", `${file}:1:1: too-large: ${size} bytes, over the limit of ${MAX_PLAN_BYTES}`);
    }
    return await readFile(file, "utf8");
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Fault(code, `${file} cannot be read: ${why}`, { cause });
  }
}
