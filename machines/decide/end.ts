import { fact, type Fact } from "#events/catalog.ts";
import { errorOf, type ErrorInfo } from "#events/errors.ts";
import { inline } from "#events/payload.ts";
import type { Advance, Surroundings } from "#machines/decide/decision.ts";
import { evaluate } from "#machines/evaluate.ts";
import { draftedOf, isStopping, planStateOf, type PlanState } from "#machines/state.ts";

// How a plan ends. It has ended when nothing runs and nothing can start any more; steps that never started get no fact
// of their own.

/** Steps named in PlanFailed. */
const MAX_FAILED_NAMED = 100;

export function endPlan(state: PlanState, around: Surroundings): Advance | undefined {
  if (planStateOf(state) === "cancelling") return endCancelled(state, around);
  if (state.running.size > 0 || state.unknown.size > 0) return undefined;
  if (isStopping(state)) return failed(state, around, stepsFailed(state));
  const isBusy = state.ready.size > 0 || state.skippable.size > 0 || state.in.between > 0 || state.in.waiting > 0;
  if (isBusy) return undefined;
  return state.in.failed > 0 ? failed(state, around, stepsFailed(state)) : succeed(state, around);
}

function endCancelled(state: PlanState, around: Surroundings): Advance | undefined {
  if (state.running.size > 0) return undefined;
  if (state.header.context.cancelCause === "deadline") {
    return failed(state, around, errorOf("timeout", "plan-deadline", "the plan's deadline passed"));
  }
  return facts(fact("PlanCancelled", { epoch: around.moment.epoch }));
}

function succeed(state: PlanState, around: Surroundings): Advance {
  const { outputs, respond } = draftedOf(state).definition;
  const result = evaluate(state, { key: "outputs", source: outputs ?? null }, around.blobs);
  if (result.kind === "needs-blobs") return result;
  if (result.kind === "error") return failed(state, around, result.error);
  const response = evaluate(state, { key: "respond", source: respond ?? null }, around.blobs);
  if (response.kind === "needs-blobs") return response;
  if (response.kind === "error") return failed(state, around, response.error);
  return facts(
    fact("PlanSucceeded", {
      epoch: around.moment.epoch,
      ...(outputs === undefined ? {} : { outputs: inline(result.value) }),
      ...(respond === undefined ? {} : { response: inline(response.value) }),
    }),
  );
}

function stepsFailed(state: PlanState): ErrorInfo {
  const names = failedSteps(state);
  const first = state.steps.find((record) => record.chart.value === "failed")?.error;
  const because = first === undefined ? "" : `: ${first.message}`;
  return errorOf(first?.category ?? "unknown", "steps-failed", `${names.join(", ")} failed${because}`);
}

function failed(state: PlanState, around: Surroundings, error: ErrorInfo): Advance {
  return facts(fact("PlanFailed", { epoch: around.moment.epoch, error, failed: failedSteps(state) }));
}

function failedSteps(state: PlanState): string[] {
  const { steps } = draftedOf(state).definition;
  const named = steps.filter((_, index) => state.steps[index]?.chart.value === "failed");
  return named.slice(0, MAX_FAILED_NAMED).map((step) => step.id);
}

function facts(...decided: readonly Fact[]): Advance {
  return { kind: "facts", facts: decided };
}
