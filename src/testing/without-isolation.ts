import type { PlanDefinition, StepDefinition, ToolCall } from "#events/definition.ts";

/** The plan with calls in the loop that it would have made in a thread or process of their own. */
export function withoutIsolation(definition: PlanDefinition, isMeant: (call: ToolCall) => boolean): PlanDefinition {
  const loosened = (call: ToolCall): ToolCall => {
    const { isolate: _isolate, ...inLoop } = call;
    return isMeant(call) ? inLoop : call;
  };
  const steps = (all: readonly StepDefinition[]): StepDefinition[] =>
    all.map((step) => loosenedStep(step, loosened, steps));
  const calls: NonNullable<PlanDefinition["calls"]> = {};
  for (const [name, plan] of Object.entries(definition.calls ?? {}))
    calls[name] = { ...plan, steps: steps(plan.steps) };
  return {
    ...definition,
    steps: steps(definition.steps),
    ...(definition.calls === undefined ? {} : { calls }),
  };
}

type Loosen = (call: ToolCall) => ToolCall;
type Inside = (steps: readonly StepDefinition[]) => StepDefinition[];

function loosenedStep(step: StepDefinition, loosen: Loosen, inside: Inside): StepDefinition {
  const fallback = step.fallback.map((alternative) => ("tool" in alternative ? loosen(alternative) : alternative));
  if (step.kind === "each" || step.kind === "repeat") {
    return { ...step, fallback, body: { ...step.body, steps: inside(step.body.steps) } };
  }
  if (step.kind !== "tool") return { ...step, fallback };
  const { undo, unknown } = step;
  return {
    ...step,
    fallback,
    call: loosen(step.call),
    unknown: typeof unknown === "string" ? unknown : { ...unknown, verify: loosen(unknown.verify) },
    ...(undo === undefined ? {} : { undo: { ...undo, call: loosen(undo.call) } }),
  };
}
