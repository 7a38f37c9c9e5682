import type { PlanDefinition, StepDefinition } from "#events/definition.ts";
import type { Json, JsonObject } from "#events/json.ts";

// What a step does, by its definition alone: the versions of its tools, the steps inside it and the plans that it calls are
// part of it; what people call it, when it comes and how long it is expected to take are not. Approvals and revisions ask
// whether that is still the same.

/** Equal for steps that do the same. */
export function essenceOf(step: StepDefinition, { calls = {} }: Pick<PlanDefinition, "calls">): JsonObject {
  return { step: essentialOf(step), calls: callsOf(step, calls) };
}

/** Without what changes nothing about what the step does. */
function essentialOf(step: StepDefinition): JsonObject {
  const { description: _d, estimateMs: _e, priority: _p, needs: _n, ...essential } = step;
  return essential as unknown as JsonObject;
}

/** The plans that a step calls, also through steps inside it. */
function callsOf(step: StepDefinition, calls: Calls, found: Record<string, Json> = {}): JsonObject {
  if (step.kind === "each" || step.kind === "repeat") {
    for (const inner of step.body.steps) callsOf(inner, calls, found);
  }
  const called = step.kind === "call" ? calls[step.plan] : undefined;
  if (step.kind !== "call" || called === undefined || Object.hasOwn(found, step.plan)) return found;
  found[step.plan] = called as unknown as Json;
  for (const inner of called.steps) callsOf(inner, calls, found);
  return found;
}

type Calls = NonNullable<PlanDefinition["calls"]>;
