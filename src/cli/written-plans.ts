import { existsSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { Fault } from "#events/fault.ts";
import { isJsonObject, type JsonObject } from "#events/json.ts";
import { calledPlans } from "#src/builders/plan.ts";
import type { Finding } from "#src/language/finding.ts";
import { parsePlan, type PlanSource } from "#src/language/parse.ts";
import { causeOf } from "#src/cli/tool-modules.ts";
import { readSource } from "#src/plan-files/source-file.ts";
import { loadModule } from "#src/tools/module.ts";

// The plan that a file is about: a YAML or JSON file is one, a module exports one as `plan`, or as its only one.
//
// W1. The plans that it calls, as code, come along; those that it calls by name are found as always.
// W2. Findings about a plan of a module have places in the JSON that the plan is, not in the code that made it.

export type WrittenPlans =
  | { readonly ok: true; readonly source: PlanSource; readonly beside: readonly PlanSource[] }
  | { readonly ok: false; readonly findings: readonly Finding[] };

const MODULE = /\.[cm]?[jt]s$/;

/** Faults: `plan-file-unreadable`, `plan-too-large`, `plan-module-failed`, `plan-module-empty`, `plan-module-unclear`. */
export async function readWrittenPlans(file: string): Promise<WrittenPlans> {
  if (!MODULE.test(file)) {
    const parsed = readSource(file, "plan-file-unreadable");
    return parsed.ok ? { ...parsed, beside: [] } : parsed;
  }
  const exported = await plansOf(file);
  const named = exported.plan ?? theOnly(file, exported);
  const parsed = parsePlan(named, { file: `${file} (as JSON)` });
  if (!parsed.ok) return parsed;
  const beside: PlanSource[] = [];
  for (const called of calledPlans(named)) {
    const other = parsePlan(called, { file: `${file} (a plan that it calls, as JSON)` });
    if (!other.ok) return other;
    beside.push(other.source);
  }
  return { ok: true, source: parsed.source, beside };
}

function theOnly(file: string, exported: Readonly<Record<string, JsonObject>>): JsonObject {
  const [plan, ...others] = Object.values(exported);
  if (plan === undefined) throw new Fault("plan-module-empty", `${file} exports no plan`);
  if (others.length === 0) return plan;
  const names = Object.keys(exported).join(", ");
  throw new Fault("plan-module-unclear", `${file} exports several plans (${names}), none of them as plan`);
}

/** By the names of the exports. */
async function plansOf(file: string): Promise<Readonly<Record<string, JsonObject>>> {
  if (!existsSync(file)) throw new Fault("plan-file-unreadable", `${file} cannot be read: there is no such file`);
  const exported = await loadModule(pathToFileURL(path.resolve(file)).href).catch((cause: unknown) => {
    throw new Fault("plan-module-failed", `${file} failed while it was loaded: ${causeOf(cause)}`, { cause });
  });
  const plans: Record<string, JsonObject> = {};
  for (const [name, value] of Object.entries(exported)) if (isPlan(value)) plans[name] = value;
  return plans;
}

function isPlan(value: unknown): value is JsonObject {
  return isJsonObject(value) && typeof value.plan === "string" && isJsonObject(value.steps);
}
