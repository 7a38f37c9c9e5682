import type { Join } from "#events/definition.ts";
import type { ErrorInfo } from "#events/errors.ts";
import { Fault } from "#events/fault.ts";
import type { PlanStateName } from "#machines/plan-chart.ts";
import {
  definitionAt,
  hasBegun,
  draftedOf,
  isEnded,
  isPlanStopping,
  needsAt,
  pathAt,
  planStateOf,
  type PlanView,
} from "#machines/state.ts";
import { NO_PARENT } from "#machines/scope.ts";
import type { StepRecord } from "#machines/step-record.ts";
import { stepIndex } from "#machines/step-path.ts";
import type { StepStateName } from "#machines/step-chart.ts";

// Why a step is where it is, from state alone: what a person asks who looks at a plan that does not move.
// A reason carries moments and names, never sentences: doors say it in their own words, and `now` is theirs.

export type Reason =
  /** Steps that have to end first, with the state of each; `any` is enough with `join: any`. */
  | { readonly kind: "needs"; readonly join: Join; readonly open: readonly Need[] }
  /** Everything it needs is there: it starts as soon as an executor has a slot for its tool and pool. */
  | { readonly kind: "slot"; readonly sinceAt: number; readonly tool?: string; readonly pool?: string }
  | { readonly kind: "retry"; readonly dueAt: number; readonly attempt: number; readonly error?: ErrorInfo }
  | { readonly kind: "timer"; readonly dueAt: number }
  | { readonly kind: "signal"; readonly name: string; readonly sinceAt: number }
  | {
      readonly kind: "approval";
      readonly hash: string;
      readonly sinceAt: number;
      readonly role?: string;
      /** The moment at which the question expires. */
      readonly expiresAt?: number;
    }
  /** What is inside has not ended: so many items, iterations or plans of all that there will be. */
  | {
      readonly kind: "members";
      readonly total: number;
      readonly begun: number;
      readonly ended: number;
      readonly failed: number;
    }
  /** Its turn has not come: as many items as may are under way. */
  | { readonly kind: "concurrency"; readonly concurrency: number }
  | {
      readonly kind: "running";
      readonly sinceAt: number;
      readonly attempt: number;
      readonly tool: string;
      readonly timeoutAt: number;
    }
  /** An attempt may or may not have had its effect; only a person can say, unless a tool looks, or takes it back. */
  | {
      readonly kind: "unknown-outcome";
      readonly attempt: number;
      readonly answeredBy: "person" | "tool";
      readonly error?: ErrorInfo;
    }
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
  const record = recordIn(state, index);
  const { value } = record.chart;
  return { step, state: value, reason: REASONS[value](state, index, record) };
}

/** The reason of every step that has not ended, in the order of the definition; at most `limit`. */
export function selectWaiting(state: PlanView, limit: number): readonly Explanation[] {
  const found: Explanation[] = [];
  for (let index = 0; index < state.steps.length && found.length < limit; index++) {
    const record = state.steps[index];
    // Items that wait for their turn are many, and all for the same reason.
    if (record === undefined || !hasBegun(state, record) || isLeftBehind(record)) continue;
    const explanation = selectWhy(state, pathAt(state, index));
    if (explanation.reason.kind !== "ended" && explanation.reason.kind !== "skipped") found.push(explanation);
  }
  return found;
}

/** A step of an item or iteration that has ended without it. */
function isLeftBehind({ scope, chart }: Readonly<StepRecord>): boolean {
  return scope.parent !== NO_PARENT && scope.result !== "open" && chart.value === "pending";
}

function recordIn(state: PlanView, index: number): Readonly<StepRecord> {
  const record = state.steps[index];
  if (record === undefined) throw new Fault("unknown-step", `plan ${state.planId} has no step number ${index}`);
  return record;
}

type Explain = (state: PlanView, index: number, record: Readonly<StepRecord>) => Reason;

const REASONS: Readonly<Record<StepStateName, Explain>> = {
  pending: pendingReason,
  between: betweenReason,
  running: (_state, _index, { chart, attempts }) => {
    const { attempt, dispatchedAt, timeoutMs } = chart.context;
    const tool = attempts.at(-1)?.tool ?? "";
    return { kind: "running", sinceAt: dispatchedAt, attempt, tool, timeoutAt: dispatchedAt + timeoutMs };
  },
  open: (_state, _index, { expansion }) => {
    const { total = 0, begun = 0, ended = 0, failed = 0 } = expansion ?? {};
    return { kind: "members", total, begun, ended, failed };
  },
  waiting: (_state, _index, { chart, wait }) => waitReason(chart.context.dueAt, wait),
  unknown: (_state, _index, record) => ({
    kind: "unknown-outcome",
    attempt: record.chart.context.attempt,
    answeredBy: record.answering > 0 ? "tool" : "person",
    ...errorOf(record),
  }),
  skipped: (_state, _index, { skipped }) => ({ kind: "skipped", because: skippedBecause(skipped) }),
  succeeded: (_state, _index, { endedAt }) => ({ kind: "ended", state: "succeeded", at: endedAt }),
  failed: (_state, _index, record) => ({ kind: "ended", state: "failed", at: record.endedAt, ...errorOf(record) }),
  cancelled: (_state, _index, record) => ({
    kind: "ended",
    state: "cancelled",
    at: record.endedAt,
    ...errorOf(record),
  }),
};

function waitReason(dueAt: number, wait: StepRecord["wait"]): Reason {
  if (wait?.signal !== undefined) return { kind: "signal", name: wait.signal, sinceAt: wait.since };
  if (wait?.approval === undefined) return { kind: "timer", dueAt };
  const { hash, role } = wait.approval;
  return {
    kind: "approval",
    hash,
    sinceAt: wait.since,
    ...(role === undefined ? {} : { role }),
    ...(dueAt === 0 ? {} : { expiresAt: dueAt }),
  };
}

function pendingReason(state: PlanView, index: number, record: Readonly<StepRecord>): Reason {
  const { openNeeds, readyAt } = record;
  const halted = haltedReason(state);
  if (halted !== undefined) return halted;
  const concurrency = state.steps[record.scope.parent]?.expansion?.concurrency;
  if (concurrency !== undefined && !hasBegun(state, record)) return { kind: "concurrency", concurrency };
  if (openNeeds === 0 && state.header.context.startedAt > 0) return slotReason(state, index, readyAt);
  const { join } = definitionAt(state, index);
  const open = needsAt(state, index)
    .map((need) => ({ step: pathAt(state, need), state: state.steps[need]?.chart.value ?? "pending" }))
    .filter((need) => need.state !== "succeeded");
  return { kind: "needs", join, open };
}

function betweenReason(state: PlanView, index: number, record: Readonly<StepRecord>): Reason {
  const halted = haltedReason(state);
  if (halted !== undefined) return halted;
  const { dueAt, attempt } = record.chart.context;
  if (dueAt === 0) return slotReason(state, index, record.attempts.at(-1)?.endedAt ?? record.readyAt);
  return { kind: "retry", dueAt, attempt: attempt + 1, ...errorOf(record) };
}

/** With what an executor has to have for the call that comes next. */
function slotReason(state: PlanView, index: number, sinceAt: number): Reason {
  const step = definitionAt(state, index);
  if (step.kind !== "tool") return { kind: "slot", sinceAt };
  const { alternative = -1 } = state.steps[index]?.chart.context ?? {};
  const fallback = step.fallback[alternative];
  const { tool } = fallback !== undefined && "tool" in fallback ? fallback : step.call;
  return { kind: "slot", sinceAt, tool, ...(step.pool === undefined ? {} : { pool: step.pool }) };
}

function errorOf({ error }: Readonly<StepRecord>): { readonly error?: ErrorInfo } {
  return error === undefined ? {} : { error };
}

function haltedReason(state: PlanView): Reason | undefined {
  const plan = planStateOf(state);
  const goesOn = plan !== "cancelling" && plan !== "paused" && !isEnded(state) && !isPlanStopping(state);
  if (goesOn) return undefined;
  const failed = draftedOf(state)
    .definition.steps.filter((_, local) => state.steps[(state.root?.base ?? 0) + local]?.chart.value === "failed")
    .slice(0, MAX_FAILED_NAMED)
    .map(({ id }) => id);
  return { kind: "plan", plan, failed };
}

function skippedBecause(reason: StepRecord["skipped"]): string {
  if (reason?.kind === "given") return "a person said so";
  return reason?.kind === "need" ? `${reason.step}, which it needs, was skipped` : "its condition `when` was false";
}
