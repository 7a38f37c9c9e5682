import { contentHash } from "#events/canonical.ts";
import type { PlanDefinition, StepDefinition } from "#events/definition.ts";
import type { Json } from "#events/json.ts";
import type { StepChange } from "#events/plan-facts.ts";
import { essenceOf } from "#machines/essence.ts";

// What is different between two definitions of one plan: for the decision whether it may be, for the fact that says so, and
// for whoever looks before and after.

/** Steps by id, in the order of the new definition, those that are gone last. */
export function changesBetween(before: PlanDefinition, after: PlanDefinition): readonly StepChange[] {
  const old = new Map(before.steps.map((step) => [step.id, step]));
  const changes = after.steps.flatMap((step): StepChange[] => {
    const was = old.get(step.id);
    old.delete(step.id);
    if (was === undefined) return [{ step: step.id, change: "added", words: [] }];
    const words = wordsBetween(was, step);
    const doesElse = doesOtherwise({ step: was, plan: before }, { step, plan: after });
    if (words.length === 0 && !doesElse) return [];
    // The step is written as it was; a plan that it calls is not.
    return [{ step: step.id, change: "changed", words: words.length === 0 ? ["plan"] : words }];
  });
  return [...changes, ...[...old.keys()].map((step): StepChange => ({ step, change: "removed", words: [] }))];
}

interface StepOf {
  readonly step: StepDefinition;
  readonly plan: PlanDefinition;
}

/** Whether the step does something else than before: more than its name, its place or its estimate is different. */
export function doesOtherwise(before: StepOf, after: StepOf): boolean {
  return contentHash(essenceOf(before.step, before.plan)) !== contentHash(essenceOf(after.step, after.plan));
}

/** Whether the step's success says how its plan goes on. */
export function isRevising(step: StepDefinition): boolean {
  return step.kind === "tool" && step.revises === true;
}

/** Words of the plan itself, its steps and the plans that they call aside. */
export function planWordsBetween(before: PlanDefinition, after: PlanDefinition): readonly string[] {
  return wordsBetween(before, after).filter((word) => word !== "steps" && word !== "calls");
}

function wordsBetween(before: object, after: object): string[] {
  const [was, is] = [membersOf(before), membersOf(after)];
  return [...new Set([...was.keys(), ...is.keys()])].filter((word) => was.get(word) !== is.get(word)).sort();
}

function membersOf(source: object): ReadonlyMap<string, string> {
  return new Map(Object.entries(source).map(([word, value]) => [word, contentHash((value ?? null) as Json)]));
}
