import type { StepDefinition } from "#events/definition.ts";
import { isJsonObject, type Json } from "#events/json.ts";
import { compileTemplate } from "#machines/expressions/template.ts";
import { draftedOf, type PlanView } from "#machines/state.ts";
import { MAKE_TOOL, MERGE_TOOL, RESOLVE_TOOL } from "#projections/changes-view.ts";
import { change, type Change } from "#src/implementation/changes/change.ts";

// The changes of a plan: each with the plan's own steps that make and merge it, those that a revision added for it included.
//
// C1. A change is in the arguments of the step that makes it, as constants; what does not read as one is no change.
// C2. The last step that makes it says what it is.
// C3. A step that makes a change anew, because it did not go together with what came before, merges it as well.

export interface PlannedChange {
  readonly change: Change;
  /** Numbers among the plan's own steps, in the order of the definition. */
  readonly makes: readonly number[];
  readonly merges: readonly number[];
}

/** The numbers of all its steps, each once. */
export function numbersOf({ makes, merges }: PlannedChange): readonly number[] {
  return [...new Set([...makes, ...merges])];
}

export function changesIn(state: PlanView): readonly PlannedChange[] {
  const { steps } = draftedOf(state).definition;
  const found = new Map<string, { change: Change; makes: number[]; merges: number[] }>();
  steps.forEach((step, local) => {
    const anew = argumentOf(step, RESOLVE_TOOL);
    const read = anew ?? argumentOf(step, MAKE_TOOL);
    const parsed = read === undefined ? undefined : change.safeParse(read);
    if (parsed?.success !== true) return;
    const known = found.get(parsed.data.id) ?? { change: parsed.data, makes: [], merges: [] };
    found.set(parsed.data.id, known);
    known.change = parsed.data;
    known.makes.push(local);
    if (anew !== undefined) known.merges.push(local);
  });
  steps.forEach((step, local) => {
    const id = argumentOf(step, MERGE_TOOL);
    if (typeof id === "string") found.get(id)?.merges.push(local);
  });
  return [...found.values()];
}

function argumentOf(step: StepDefinition, tool: string): Json | undefined {
  if (step.kind !== "tool" || step.call.tool !== tool) return undefined;
  const written = step.call.with?.["change"];
  const compiled = written === undefined ? undefined : compileTemplate(written);
  if (compiled?.ok !== true || !compiled.template.isConstant) return undefined;
  const result = compiled.template.evaluate({ inputs: {}, steps: () => undefined });
  return result.ok ? result.value : undefined;
}

/** What a merge or a made change gave, read without taking anything for granted. */
export function memberOf(value: Json | undefined, name: string): Json | undefined {
  return isJsonObject(value) ? value[name] : undefined;
}
