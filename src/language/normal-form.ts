import type { PlanDefinition } from "#events/definition.ts";
import { isJsonObject, type JsonObject } from "#events/json.ts";
import type { Dependencies } from "./dependencies.ts";
import type { InputDefinitions } from "./inputs-draft.ts";
import { replanOf } from "./normal-call.ts";
import { normalSteps } from "./normal-step.ts";
import type { Around } from "./normal-step.ts";
import type { PlanSourceFields } from "./plan-fields.ts";
import type { StepDraft } from "./step-draft.ts";

// From a checked source to the definition that facts carry: every default is filled in here, once, so that replay needs
// neither the registry nor the defaults of another day.

const DEFAULT_VERSION = "0.0.0";

export interface CheckedSource {
  readonly plan: PlanSourceFields;
  readonly inputs: InputDefinitions;
  readonly drafts: readonly StepDraft[];
  readonly dependencies: Dependencies;
}

/** Undefined only where something is missing that the checks report. */
export function normalForm(source: CheckedSource, around: Around): PlanDefinition | undefined {
  const { plan, inputs, drafts, dependencies } = source;
  const steps = normalSteps(drafts, { ...around, dependencies, priority: undefined });
  const replan = plan.replan === undefined ? {} : replanOf(plan.replan, around.tools);
  if (steps === undefined || replan === undefined) return undefined;
  const { description, deadline, pauseStopsClock } = plan;
  return {
    name: plan.plan,
    version: plan.version ?? DEFAULT_VERSION,
    ...(description === undefined ? {} : { description }),
    inputs,
    steps,
    ...answersOf(plan),
    onFailure: plan.onFailure,
    ...(deadline === undefined ? {} : { deadlineMs: deadline }),
    ...(pauseStopsClock === true ? { pauseStopsClock } : {}),
    ...replan,
  };
}

function answersOf({
  outputs,
  returns,
  respond,
}: PlanSourceFields): Pick<PlanDefinition, "outputs" | "returns" | "respond"> {
  return {
    ...(outputs === undefined ? {} : { outputs }),
    ...(returns === undefined ? {} : { returns: schemasIn(returns) }),
    ...(respond === undefined ? {} : { respond }),
  };
}

/** What is no schema has been refused. */
function schemasIn(returns: JsonObject): NonNullable<PlanDefinition["returns"]> {
  return Object.fromEntries(
    Object.entries(returns).flatMap(([name, schema]) => (isJsonObject(schema) ? [[name, schema]] : [])),
  );
}
