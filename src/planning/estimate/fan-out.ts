import type { EachStep, WaitStep } from "#events/definition.ts";
import { isJsonObject, type Json, type JsonObject } from "#events/json.ts";
import { compileTemplate } from "#machines/expressions/template.ts";

// What the plan's own text says of how much there is to do: the length of a list, the end of a wait. Only constants and given inputs are
// known before anything runs.

/** Items of a list whose length is not known. */
export const ASSUMED_ITEMS = 10;

/** Undefined where only a run can tell. */
export function itemsOf({ items }: EachStep, inputs: JsonObject | undefined): number | undefined {
  const value = valueOf(items, inputs);
  return Array.isArray(value) ? value.length : undefined;
}

/** Milliseconds from `now`; undefined where only a run can tell. */
export function waitOf(
  { wait }: WaitStep,
  at: {
    readonly inputs: JsonObject | undefined;
    readonly now: number | undefined;
  },
) {
  if ("forMs" in wait) return wait.forMs;
  const value = valueOf(wait.until, at.inputs);
  const due = typeof value === "string" ? Date.parse(value) : value;
  return typeof due === "number" && !Number.isNaN(due) && at.now !== undefined ? Math.max(0, due - at.now) : undefined;
}

function valueOf(source: Json, inputs: JsonObject | undefined): Json | undefined {
  const compiled = compileTemplate(source);
  if (!compiled.ok) return undefined;
  const { references } = compiled.template;
  const isKnown = references.inputs.length === 0 || inputs !== undefined;
  if (!isKnown || references.steps.length + references.variables.length > 0) return undefined;
  const result = compiled.template.evaluate({
    inputs: isJsonObject(inputs) ? inputs : {},
    steps: () => undefined,
  });
  return result.ok ? result.value : undefined;
}
