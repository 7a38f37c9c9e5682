import type { RetryPolicy, StepDefinition, ToolCall } from "#events/definition.ts";
import type { ThreePoints } from "#projections/pert.ts";
import { retryDelay } from "#machines/retry.ts";
import { logNormal, normalFrom, quantileAt, type LogNormal } from "#src/planning/estimate/log-normal.ts";
import { tabledQuantile } from "#src/planning/estimate/tabled-quantile.ts";
import type { Basis, Quantiles } from "#src/planning/estimate/plan-estimate.ts";
import type { Costs, Durations, Price, ToolHistory } from "#src/planning/estimate/tool-history.ts";

// What one run of a step takes: its attempts with the delays between them, then its fallbacks in their order.
//
// M1. What runs have shown wins over what the plan says, from MIN_OBSERVED successes on; what nobody said is assumed by kind.
// M2. An attempt never takes longer than its timeout.
// M3. The last attempt of the last alternative succeeds: durations are those of a plan that succeeds.

/** Calls of one tool after each other, or a time that passes. */
export interface Stage {
  readonly duration: LogNormal;
  /** In the place of `duration`, where three points are known. */
  readonly points?: ThreePoints;
  readonly failure: LogNormal;
  /** Of one attempt. */
  readonly success: number;
  readonly attempts: number;
  readonly retry: RetryPolicy | undefined;
  readonly timeoutMs: number;
  /** Of one attempt; undefined where the call has no price. */
  readonly price: Price | undefined;
  readonly isCall: boolean;
}

export interface StepModel {
  readonly basis: Basis;
  /** In the order in which they are tried. */
  readonly stages: readonly Stage[];
  /** Of all stages together, in ms. */
  readonly boundMs: number;
}

export interface Known {
  /** Of steps, by id: they win over what runs have shown, which is of a tool, and over what the plan says. */
  readonly points?: ((step: string) => ThreePoints | undefined) | undefined;
  readonly durations: Durations;
  readonly costs: Costs;
}

/** Successes from which on runs say more than the plan. */
const MIN_OBSERVED = 5;
/** How much longer than what the plan says one run in ten takes. */
const DECLARED_SPREAD = 2;
/** Of a tool that nothing is known of. */
const ASSUMED_TOOL: Quantiles = { p50: 1_000, p90: 5_000 };
/** Until somebody approves, or a signal comes. */
const ASSUMED_ANSWER: Quantiles = {
  p50: 15 * 60_000,
  p90: 4 * 3_600_000,
};
/** Of an attempt, as good as so many attempts that were seen. */
const ASSUMED_SUCCESS = 0.95;
const ASSUMED_WEIGHT = 5;

export function toolModel(step: Extract<StepDefinition, { kind: "tool" }>, known: Known): StepModel {
  const history = known.durations.of(step.call.tool, step.call.version);
  const { basis, quantiles } = durationOf(history, step.estimateMs, ASSUMED_TOOL);
  const points = known.points?.(step.id);
  const own = stageOf(step.call, {
    quantiles,
    history,
    retry: step.retry,
    known,
  });
  return {
    basis: points === undefined ? basis : "declared",
    stages: [points === undefined ? own : { ...own, points }, ...fallbackStages(step, known)],
    boundMs: step.deadlineMs ?? Infinity,
  };
}

/** Of a step that waits for somebody. */
export function answerModel(step: StepDefinition, boundMs: number | undefined, known: Known): StepModel {
  const { basis, quantiles } = durationOf(undefined, step.estimateMs, ASSUMED_ANSWER);
  const own = { ...passing(quantiles), timeoutMs: boundMs ?? Infinity };
  return {
    basis,
    stages: [own, ...fallbackStages(step, known)],
    boundMs: step.deadlineMs ?? Infinity,
  };
}

/** A time that passes, or nothing that takes any. */
export function fixedModel(durationMs: number, basis: Basis): StepModel {
  return {
    basis,
    stages: [passing({ p50: durationMs, p90: durationMs })],
    boundMs: Infinity,
  };
}

/** Of calls in one run. */
export function expectedAttempts({ stages }: StepModel): number {
  let reached = 1;
  return stages.reduce((sum, stage) => {
    const here = stage.isCall ? reached * attemptsExpected(stage) : 0;
    reached *= failureOf(stage);
    return sum + here;
  }, 0);
}

/** Whether one of the stages succeeds. */
export function successOf({ stages }: StepModel): number {
  return 1 - stages.reduce((share, stage) => share * failureOf(stage), 1);
}

/** Calls of each stage that are expected in one run, and the most there can be. */
export function callsOfStages({ stages }: StepModel): readonly { readonly stage: Stage; readonly expected: number }[] {
  let reached = 1;
  return stages.map((stage) => {
    const expected = reached * attemptsExpected(stage);
    reached *= failureOf(stage);
    return { stage, expected };
  });
}

/** One run, by chance, in ms. */
export function sampleOf({ stages, boundMs }: StepModel, random: () => number): number {
  let total = 0;
  for (const stage of stages) {
    // Most runs succeed at the first attempt.
    if (stage.success >= 1 || random() < stage.success) {
      return Math.min(boundMs, total + Math.min(stage.timeoutMs, drawnFrom(stage, random)));
    }
    const { durationMs, succeeded } = sampleFailed(stage, stage === stages.at(-1), random);
    total += durationMs;
    if (succeeded) break;
  }
  return Math.min(total, boundMs);
}

/** At the medians, where nothing fails. */
export function medianOf({ stages: [first] }: StepModel): number {
  if (first === undefined) return 0;
  const { points, duration, timeoutMs } = first;
  return Math.min(points === undefined ? duration.median : tabledQuantile(points, 0.5), timeoutMs);
}

function drawnFrom({ points, duration }: Stage, random: () => number): number {
  return points === undefined ? quantileAt(duration, normalFrom(random)) : tabledQuantile(points, random());
}

/** From a first attempt that fails on. */
function sampleFailed(stage: Stage, isLast: boolean, random: () => number) {
  const { attempts, success, timeoutMs, failure, retry } = stage;
  const draw = (succeeds: boolean): number =>
    Math.min(timeoutMs, succeeds ? drawnFrom(stage, random) : quantileAt(failure, normalFrom(random)));
  if (isLast && attempts === 1) return { durationMs: draw(true), succeeded: true };
  let total = draw(false);
  let [lastDelayMs, delayedMs] = [0, 0];
  for (let tries = 1; tries < attempts; tries += 1) {
    const failed = {
      category: "unavailable" as const,
      tries,
      delayedMs,
      lastDelayMs,
    };
    lastDelayMs = retry === undefined ? 0 : (retryDelay(retry, failed, random()) ?? 0);
    delayedMs += lastDelayMs;
    const succeeded = random() < success || (isLast && tries === attempts - 1);
    total += lastDelayMs + draw(succeeded);
    if (succeeded) return { durationMs: total, succeeded };
  }
  return { durationMs: total, succeeded: false };
}

function attemptsExpected({ success, attempts }: Stage): number {
  return success <= 0 ? attempts : (1 - (1 - success) ** attempts) / success;
}

function failureOf({ success, attempts }: Stage): number {
  return (1 - success) ** attempts;
}

function durationOf(history: ToolHistory | undefined, estimateMs: number | undefined, assumed: Quantiles) {
  const observed = history?.duration;
  const isSure = observed !== undefined && (history?.succeeded ?? 0) >= MIN_OBSERVED;
  if (observed !== undefined && (isSure || estimateMs === undefined)) {
    return { basis: "observed" as const, quantiles: observed };
  }
  if (estimateMs === undefined) return { basis: "assumed" as const, quantiles: assumed };
  return {
    basis: "declared" as const,
    quantiles: { p50: estimateMs, p90: estimateMs * DECLARED_SPREAD },
  };
}

interface CallFacts {
  readonly quantiles: Quantiles;
  readonly history: ToolHistory | undefined;
  readonly retry: RetryPolicy | undefined;
  readonly known: Known;
}

function stageOf(call: ToolCall, { quantiles, history, retry, known }: CallFacts): Stage {
  const { attempts = 0, succeeded = 0, failureDuration } = history ?? {};
  return {
    duration: logNormal(quantiles),
    failure: logNormal(failureDuration ?? quantiles),
    success: (succeeded + ASSUMED_SUCCESS * ASSUMED_WEIGHT) / (attempts + ASSUMED_WEIGHT),
    attempts: retry?.attempts ?? 1,
    retry,
    timeoutMs: call.timeoutMs,
    price: known.costs.of(call.tool),
    isCall: true,
  };
}

/** A fallback of a step that has no retries of its own has one attempt. */
function fallbackStages(step: StepDefinition, known: Known): readonly Stage[] {
  return step.fallback.map((alternative) => {
    if ("value" in alternative) return passing({ p50: 0, p90: 0 });
    const history = known.durations.of(alternative.tool, alternative.version);
    const { quantiles } = durationOf(history, undefined, ASSUMED_TOOL);
    const retry = step.kind === "tool" ? step.retry : undefined;
    return stageOf(alternative, { quantiles, history, retry, known });
  });
}

function passing(quantiles: Quantiles): Stage {
  const duration = logNormal(quantiles);
  return {
    duration,
    failure: duration,
    success: 1,
    attempts: 1,
    retry: undefined,
    timeoutMs: Infinity,
    price: undefined,
    isCall: false,
  };
}
