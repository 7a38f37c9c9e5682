import { fact, type Fact, type FactData } from "#events/catalog.ts";
import { errorOf, type ErrorInfo } from "#events/errors.ts";
import { inline } from "#events/payload.ts";
import type { Advance, Surroundings } from "#machines/decide/decision.ts";
import { irreversibleOf } from "#machines/decide/rollback.ts";
import { failureIn, failedSteps, MAX_FAILED_NAMED } from "#machines/decide/failures.ts";
import { replanning } from "#machines/decide/replan.ts";
import { evaluate } from "#machines/evaluate.ts";
import { planEnding, type PlanEnding } from "#machines/response/plan-ending.ts";
import { respondDone, respondOtherwise, type Response } from "#machines/response/respond.ts";
import { outputsMisfit } from "#machines/returned.ts";
import { isSettled, type Scope } from "#machines/scope.ts";
import { draftedOf, planStateOf, recordAt, type PlanState } from "#machines/state.ts";

// How a plan ends. It has ended when nothing runs and nothing can start any more; steps that never started get no fact
// of their own.

export function endPlan(state: PlanState, around: Surroundings): Advance | undefined {
  if (planStateOf(state) === "cancelling") return endCancelled(state, around);
  if (planStateOf(state) === "rolling-back") return endRollback(state, around);
  const { root } = state;
  if (root === undefined || !isSettled(root)) return undefined;
  if (root.failed === 0) return succeed(state, root, around);
  const replanned = replanning(state, around.moment);
  return replanned === undefined ? failed(state, around, { error: failureIn(state, root) }) : facts(replanned);
}

function endCancelled(state: PlanState, around: Surroundings): Advance | undefined {
  if (state.running.size > 0) return undefined;
  if (state.header.context.cancelCause === "deadline") {
    return failed(state, around, { error: errorOf("timeout", "plan-deadline", "the plan's deadline passed") });
  }
  const { epoch } = around.moment;
  return answered(state, { how: "cancelled", around }, (said) => fact("PlanCancelled", { epoch, ...said }));
}

function succeed(state: PlanState, scope: Scope, around: Surroundings): Advance {
  const { outputs, returns } = draftedOf(state).definition;
  const result = evaluate(state, { scope, key: "outputs", source: outputs ?? null }, around.blobs);
  if (result.kind === "needs-blobs") return result;
  if (result.kind === "error") return failed(state, around, { error: result.error });
  const misfit = outputsMisfit(returns, result.value);
  if (misfit !== undefined) return failed(state, around, { error: misfit, outputs: inline(result.value) });
  const response = respondDone({ state, scope, blobs: around.blobs });
  if (response.kind === "needs-blobs") return response;
  if (response.kind === "error") return failed(state, around, { error: response.error });
  return facts(
    fact("PlanSucceeded", {
      epoch: around.moment.epoch,
      ...(outputs === undefined ? {} : { outputs: inline(result.value) }),
      ...(response.value === undefined ? {} : recorded(response.value)),
    }),
  );
}

/** A rollback is over when every undo call has had its attempts; one that failed leaves the plan failed. */
function endRollback(state: PlanState, around: Surroundings): Advance | undefined {
  const { epoch } = around.moment;
  const scope = state.rollbacks.at(-1)?.scope;
  if (state.running.size > 0 || scope === undefined || !isSettled(scope)) return undefined;
  const { chart, expansion } = recordAt(state, scope.base);
  if (chart.value === "failed") {
    return fail(state, around, { error: failureIn(state, scope), failed: failedSteps(state, scope) });
  }
  if (expansion === undefined || expansion.failed === 0) {
    const { error: cause } = state.rollbacks.at(-1) ?? {};
    return answered(state, { how: "rolled-back", error: cause, around }, (said) =>
      fact("PlanRolledBack", { epoch, ...said }),
    );
  }
  const text = `${expansion.failed} of ${expansion.total} undo calls failed; roll back again when their cause is gone`;
  const names = [...expansion.scopes.values()].flatMap((inner) => failedSteps(state, inner));
  const error = errorOf("conflict", "undo-failed", text);
  return fail(state, around, { error, failed: names.slice(0, MAX_FAILED_NAMED) });
}

type Failure = Pick<FactData<"PlanFailed">, "error" | "failed" | "outputs">;

function fail(state: PlanState, around: Surroundings, failure: Failure): Advance {
  const { epoch } = around.moment;
  return answered(state, { how: "failed", error: failure.error, around }, (said) =>
    fact("PlanFailed", { epoch, ...failure, ...said }),
  );
}

type Reason = Pick<Failure, "error" | "outputs">;

/** `outputs`: those that are the reason. */
function failed(state: PlanState, around: Surroundings, { error, outputs }: Reason): Advance {
  const { root } = state;
  if (draftedOf(state).definition.onFailure === "rollback") return rollBack(state, around, error);
  const names = root === undefined ? [] : failedSteps(state, root);
  return fail(state, around, { error, failed: names, ...(outputs === undefined ? {} : { outputs }) });
}

interface Unsuccessful {
  readonly how: PlanEnding["how"];
  readonly error?: ErrorInfo | undefined;
  readonly around: Surroundings;
}

/** An end that is no success, with the answer to whoever asked. */
function answered(
  state: PlanState,
  { how, error, around }: Unsuccessful,
  made: (said: Partial<ReturnType<typeof recorded>>) => Fact,
): Advance {
  const { root: scope } = state;
  if (scope === undefined) return facts(made({}));
  const response = respondOtherwise(planEnding(state, { how, error }), { state, scope, blobs: around.blobs });
  return "kind" in response ? response : facts(made(recorded(response)));
}

function recorded({ response, provenance }: Response) {
  return { response: inline(response), ...(provenance === undefined ? {} : { provenance }) };
}

/** A plan that rolls back because of its failure names what stays, and goes on with the rest. */
function rollBack(state: PlanState, { moment }: Surroundings, error: ErrorInfo): Advance {
  const number = state.rollbacks.length + 1;
  const irreversible = irreversibleOf(state, {});
  return facts(fact("PlanRollbackStarted", { epoch: moment.epoch, cause: "failure", number, irreversible, error }));
}

function facts(...decided: readonly Fact[]): Advance {
  return { kind: "facts", facts: decided };
}
