import type { ErrorInfo } from "#events/errors.ts";
import type { PlanStateName } from "#machines/plan-chart.ts";
import {
  definitionAt,
  draftedOf,
  isEnded,
  isStopping,
  planStateOf,
  stepIndex,
  type PlanView,
} from "#machines/state.ts";
import type { StepStateName } from "#machines/step-chart.ts";

// Why a step is where it is, from state alone: what a person asks who looks at a plan that does not move.

export type Reason =
  /** Steps that have to end first, with the state of each; `any` is enough with `join: any`. */
  | { readonly kind: "needs"; readonly join: "all" | "any"; readonly open: readonly Need[] }
  /** Everything it needs is there: it starts as soon as an executor has a slot. */
  | { readonly kind: "slot"; readonly sinceAt: number }
  | { readonly kind: "retry"; readonly dueAt: number; readonly attempt: number; readonly error?: ErrorInfo }
  | { readonly kind: "timer"; readonly dueAt: number }
  | {
      readonly kind: "running";
      readonly sinceAt: number;
      readonly attempt: number;
      readonly tool: string;
      readonly timeoutAt: number;
    }
  /** An attempt may or may not have had its effect; only a person can say. */
  | { readonly kind: "unknown-outcome"; readonly attempt: number; readonly error?: ErrorInfo }
  /** The plan starts nothing any more: a step failed for good, it is being cancelled, or it has ended. */
  | { readonly kind: "plan"; readonly plan: PlanStateName; readonly failed: readonly string[] }
  | { readonly kind: "skipped"; readonly because: string }
  | { readonly kind: "ended"; readonly state: StepStateName; readonly at: number; readonly error?: ErrorInfo };

export interface Need {
  readonly step: string;
  readonly state: StepStateName;
}

export interface Explanation {
  readonly step: string;
  readonly state: StepStateName;
  readonly reason: Reason;
}

const MAX_FAILED_NAMED = 10;

/** The reason of one step. Fault: `unknown-step`. */
export function selectWhy(state: PlanView, step: string): Explanation {
  const index = stepIndex(state, step);
  return { step, state: state.steps[index]?.chart.value ?? "pending", reason: reasonOf(state, index) };
}

/** The reason of every step that has not ended, in the order of the definition; at most `limit`. */
export function selectWaiting(state: PlanView, limit: number): readonly Explanation[] {
  const found: Explanation[] = [];
  for (const { id } of draftedOf(state).definition.steps) {
    if (found.length >= limit) break;
    const explanation = selectWhy(state, id);
    if (explanation.reason.kind !== "ended" && explanation.reason.kind !== "skipped") found.push(explanation);
  }
  return found;
}

function reasonOf(state: PlanView, index: number): Reason {
  const record = state.steps[index];
  const { value, context } = record?.chart ?? { value: "pending" as const, context: undefined };
  const error = record?.error === undefined ? {} : { error: record.error };
  switch (value) {
    case "pending":
      return pendingReason(state, index);
    case "between":
      return betweenReason(state, index);
    case "running": {
      const { attempt, dispatchedAt, timeoutMs } = context ?? { attempt: 0, dispatchedAt: 0, timeoutMs: 0 };
      const tool = record?.attempts.at(-1)?.tool ?? "";
      return { kind: "running", sinceAt: dispatchedAt, attempt, tool, timeoutAt: dispatchedAt + timeoutMs };
    }
    case "waiting":
      return { kind: "timer", dueAt: context?.dueAt ?? 0 };
    case "unknown":
      return { kind: "unknown-outcome", attempt: context?.attempt ?? 0, ...error };
    case "skipped":
      return { kind: "skipped", because: skippedBecause(state, index) };
    case "succeeded":
      return { kind: "ended", state: value, at: record?.endedAt ?? 0 };
    case "failed":
    case "cancelled":
      return { kind: "ended", state: value, at: record?.endedAt ?? 0, ...error };
  }
}

function pendingReason(state: PlanView, index: number): Reason {
  const halted = haltedReason(state);
  if (halted !== undefined) return halted;
  const record = state.steps[index];
  if (record !== undefined && record.openNeeds === 0 && state.header.context.startedAt > 0) {
    return { kind: "slot", sinceAt: record.readyAt };
  }
  const { join } = definitionAt(state, index);
  const needs = draftedOf(state).graph.needs[index] ?? [];
  const open = needs
    .map((need) => ({ step: definitionAt(state, need).id, state: state.steps[need]?.chart.value ?? "pending" }))
    .filter((need) => need.state !== "succeeded");
  return { kind: "needs", join, open };
}

function betweenReason(state: PlanView, index: number): Reason {
  const halted = haltedReason(state);
  if (halted !== undefined) return halted;
  const record = state.steps[index];
  const { dueAt = 0, attempt = 0 } = record?.chart.context ?? {};
  const error = record?.error === undefined ? {} : { error: record.error };
  return dueAt === 0
    ? { kind: "slot", sinceAt: record?.attempts.at(-1)?.endedAt ?? 0 }
    : { kind: "retry", dueAt, attempt: attempt + 1, ...error };
}

function haltedReason(state: PlanView): Reason | undefined {
  const plan = planStateOf(state);
  const goesOn = plan !== "cancelling" && !isEnded(state) && !isStopping(state);
  if (goesOn) return undefined;
  const failed = draftedOf(state)
    .definition.steps.filter((_, index) => state.steps[index]?.chart.value === "failed")
    .slice(0, MAX_FAILED_NAMED)
    .map(({ id }) => id);
  return { kind: "plan", plan, failed };
}

function skippedBecause(state: PlanView, index: number): string {
  const reason = state.steps[index]?.skipped;
  return reason?.kind === "need" ? `${reason.step}, which it needs, was skipped` : "its condition `when` was false";
}
