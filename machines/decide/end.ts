import { fact, type Fact } from "#events/catalog.ts";
import { errorOf, type ErrorInfo } from "#events/errors.ts";
import { inline } from "#events/payload.ts";
import type { Advance, Surroundings } from "#machines/decide/decision.ts";
import { irreversibleOf } from "#machines/decide/rollback.ts";
import { failureIn, failedSteps, MAX_FAILED_NAMED } from "#machines/decide/failures.ts";
import { replanning } from "#machines/decide/replan.ts";
import { evaluate } from "#machines/evaluate.ts";
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
  return replanned === undefined ? failed(state, around, failureIn(state, root)) : facts(replanned);
}

function endCancelled(state: PlanState, around: Surroundings): Advance | undefined {
  if (state.running.size > 0) return undefined;
  if (state.header.context.cancelCause === "deadline") {
    return failed(state, around, errorOf("timeout", "plan-deadline", "the plan's deadline passed"));
  }
  return facts(fact("PlanCancelled", { epoch: around.moment.epoch }));
}

function succeed(state: PlanState, scope: Scope, around: Surroundings): Advance {
  const { outputs, respond } = draftedOf(state).definition;
  const result = evaluate(state, { scope, key: "outputs", source: outputs ?? null }, around.blobs);
  if (result.kind === "needs-blobs") return result;
  if (result.kind === "error") return failed(state, around, result.error);
  const response = evaluate(state, { scope, key: "respond", source: respond ?? null }, around.blobs);
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

/** A rollback is over when every undo call has had its attempts; one that failed leaves the plan failed. */
function endRollback(state: PlanState, { moment: { epoch } }: Surroundings): Advance | undefined {
  const scope = state.rollbacks.at(-1)?.scope;
  if (state.running.size > 0 || scope === undefined || !isSettled(scope)) return undefined;
  const { chart, expansion } = recordAt(state, scope.base);
  if (chart.value === "failed") {
    return facts(fact("PlanFailed", { epoch, error: failureIn(state, scope), failed: failedSteps(state, scope) }));
  }
  if (expansion === undefined || expansion.failed === 0) return facts(fact("PlanRolledBack", { epoch }));
  const text = `${expansion.failed} of ${expansion.total} undo calls failed; roll back again when their cause is gone`;
  const names = [...expansion.scopes.values()].flatMap((inner) => failedSteps(state, inner));
  const error = errorOf("conflict", "undo-failed", text);
  return facts(fact("PlanFailed", { epoch, error, failed: names.slice(0, MAX_FAILED_NAMED) }));
}

function failed(state: PlanState, around: Surroundings, error: ErrorInfo): Advance {
  const { root } = state;
  if (draftedOf(state).definition.onFailure === "rollback") return rollBack(state, around, error);
  const names = root === undefined ? [] : failedSteps(state, root);
  return facts(fact("PlanFailed", { epoch: around.moment.epoch, error, failed: names }));
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
