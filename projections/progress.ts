import type { StepDefinition } from "#events/definition.ts";
import type { ErrorInfo } from "#events/errors.ts";
import type { PlanStateName } from "#machines/plan-chart.ts";
import { definitionAt, pathAt, planStateOf, type PlanView } from "#machines/state.ts";
import type { StepRecord } from "#machines/step-record.ts";
import type { StepStateName } from "#machines/step-chart.ts";

// How far a plan is: one row a step, and counts. What a list, a bar or a tree on a screen needs, and nothing of payloads.
// A watcher that follows facts asks for single rows, so that looking at a plan costs no more than what changed.

export interface StepProgress {
  /** Its path: `notes/3/do` for a step inside of another. */
  readonly step: string;
  readonly kind: StepDefinition["kind"];
  readonly state: StepStateName;
  /** Attempts dispatched so far, over all alternatives. */
  readonly attempt: number;
  /** How many the policy of the current alternative allows; undefined where nothing is attempted. */
  readonly attempts?: number;
  /** The tool of the current or next attempt; undefined for values and waits. */
  readonly tool?: string;
  /** Index of the fallback in use; undefined for the step's own call. */
  readonly fallback?: number;
  readonly startedAt?: number;
  readonly endedAt?: number;
  /** From the first start to the end, or to now. */
  readonly durationMs?: number;
  /** When a retry may start, or a wait ends. */
  readonly dueAt?: number;
  readonly estimateMs?: number;
  /** Items of an `each`, iterations of a `repeat` (`total` is the most there may be), the plan of a `call`. */
  readonly members?: {
    readonly total: number;
    readonly begun: number;
    readonly ended: number;
    readonly failed: number;
  };
  /** The last attempt's failure, while it is not mended by a later success. */
  readonly error?: ErrorInfo;
}

export interface Progress {
  readonly plan: string;
  readonly name: string;
  readonly status: PlanStateName;
  readonly counts: Readonly<Record<StepStateName, number>>;
  /** Steps in all, and those that have ended. */
  readonly total: number;
  readonly ended: number;
  readonly startedAt: number;
  readonly durationMs: number;
  /** The plan's own steps in the order of the definition, then those inside them that are in memory. */
  readonly steps: readonly StepProgress[];
}

export type ProgressHead = Omit<Progress, "steps">;

/** O(steps). */
export function selectProgress(state: PlanView, now: number): Progress {
  const steps = state.steps.flatMap((record, index) => (record === undefined ? [] : [selectStep(state, index, now)]));
  return { ...selectHead(state, now), steps };
}

/** The plan as a whole, in O(1). */
export function selectHead(state: PlanView, now: number): ProgressHead {
  const { name, startedAt, endedAt } = state.header.context;
  const counts = { ...state.in };
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return {
    plan: state.planId,
    name,
    status: planStateOf(state),
    counts,
    total,
    ended: counts.succeeded + counts.failed + counts.skipped + counts.cancelled,
    startedAt,
    durationMs: startedAt === 0 ? 0 : (endedAt === 0 ? now : endedAt) - startedAt,
  };
}

/** One row, in O(1): what a watcher asks for the steps that a fact named. */
export function selectStep(state: PlanView, index: number, now: number): StepProgress {
  const definition = definitionAt(state, index);
  const record = state.steps[index];
  const { kind, estimateMs } = definition;
  const step = pathAt(state, index);
  if (record === undefined) return { step, kind, state: "pending", attempt: 0 };
  const { context, value } = record.chart;
  return {
    step,
    kind,
    state: value,
    attempt: context.attempt,
    ...callOf(definition, context.alternative),
    ...timesOf(record, now),
    ...dueOf(record),
    ...(kind === "tool" ? {} : membersOf(record)),
    ...(estimateMs === undefined ? {} : { estimateMs }),
    ...(record.error === undefined || value === "succeeded" ? {} : { error: record.error }),
  };
}

function membersOf({ expansion }: StepRecord): Pick<StepProgress, "members"> {
  if (expansion === undefined) return {};
  const { total, begun, ended, failed } = expansion;
  return { members: { total, begun, ended, failed } };
}

function dueOf({ chart: { value, context } }: StepRecord): Pick<StepProgress, "dueAt"> {
  const isDue = context.dueAt > 0 && (value === "between" || value === "waiting");
  return isDue ? { dueAt: context.dueAt } : {};
}

function callOf(definition: StepDefinition, alternative: number): Pick<StepProgress, "tool" | "attempts" | "fallback"> {
  const attempts = definition.kind === "tool" ? { attempts: definition.retry.attempts } : {};
  if (alternative < 0) return definition.kind === "tool" ? { tool: definition.call.tool, ...attempts } : {};
  const fallback = definition.fallback[alternative];
  const which = { fallback: alternative };
  return fallback !== undefined && "tool" in fallback ? { ...which, tool: fallback.tool, ...attempts } : which;
}

function timesOf(record: StepRecord, now: number): Pick<StepProgress, "startedAt" | "endedAt" | "durationMs"> {
  const startedAt = record.attempts[0]?.startedAt ?? record.readyAt;
  if (startedAt === 0) return {};
  const { endedAt } = record;
  const isPending = record.chart.value === "pending";
  if (isPending) return {};
  const ended = endedAt === 0 ? {} : { endedAt };
  return { startedAt, ...ended, durationMs: Math.max(0, (endedAt === 0 ? now : endedAt) - startedAt) };
}
