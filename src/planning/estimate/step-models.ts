import type { StepDefinition, WaitStep } from "#events/definition.ts";
import type { JsonObject } from "#events/json.ts";
import {
  answerModel,
  fixedModel,
  toolModel,
  type Known,
  type StepModel,
} from "#src/planning/estimate/attempt-model.ts";
import { waitOf } from "#src/planning/estimate/fan-out.ts";
import type { Limits } from "#src/ports/limits.ts";

// What one run of a step takes, by the kind of the step.
// Time that only a run can tell counts as none, and is said to be assumed.

export interface Circumstances extends Known {
  readonly limits: Limits;
  /** Attempts that run at once. */
  readonly slots: number;
  readonly inputs: JsonObject | undefined;
  /** In ms since the epoch; for waits until a time. */
  readonly now: number | undefined;
}

export interface Modelled {
  readonly model: StepModel;
  /** When a wait ends only a run can tell. */
  readonly isUnknownTime: boolean;
}

/** A step with others inside is asked for only where it is not opened. */
export function modelOf(step: StepDefinition, circumstances: Circumstances): Modelled {
  if (step.kind === "wait") return waitModel(step, circumstances);
  return { model: plainModel(step, circumstances), isUnknownTime: false };
}

function plainModel(step: Exclude<StepDefinition, WaitStep>, circumstances: Circumstances): StepModel {
  if (step.kind === "tool") return toolModel(step, circumstances);
  if (step.kind === "approve") return answerModel(step, step.expiresMs, circumstances);
  if (step.kind === "signal") return answerModel(step, step.deadlineMs, circumstances);
  if (step.kind === "value") return fixedModel(0, "declared");
  return fixedModel(step.estimateMs ?? 0, step.estimateMs === undefined ? "assumed" : "declared");
}

function waitModel(step: WaitStep, circumstances: Circumstances): Modelled {
  const known = waitOf(step, circumstances) ?? step.estimateMs;
  const model = fixedModel(known ?? 0, known === undefined ? "assumed" : "declared");
  return { model, isUnknownTime: known === undefined };
}
