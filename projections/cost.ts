import { definitionAt, isEnded, type PlanView } from "#machines/state.ts";
import type { AttemptRecord, StepRecord } from "#machines/step-record.ts";

// What a plan has taken so far: time that tools worked, attempts, and how that compares with what was estimated.
//
// C1. Time is counted from the dispatch of an attempt to its recorded end: with the way there and back, on one clock.
// C2. Only what is in memory counts. `leftMemory` says how many members of steps have left it, whose attempts the state
//     does not hold any more; where it is 0 the figures are whole.

export interface Cost {
  readonly attempts: number;
  /** Attempts after the first of their step. */
  readonly repeated: number;
  /** Time of all attempts together; more than the plan took where steps ran beside each other. */
  readonly workMs: number;
  /** The part of it that came to nothing: attempts that failed, fell silent or were stopped. */
  readonly wastedMs: number;
  /** The part of it that took something back. */
  readonly undoMs: number;
  /** From the plan's start to its end, or to now. */
  readonly elapsedMs: number;
  readonly estimates: Estimates;
  /** The most expensive first. */
  readonly tools: readonly ToolCost[];
  /** Members of `each` and `repeat` steps whose records have left memory. */
  readonly leftMemory: number;
}

/** Of tool steps; those inside of steps that have not been opened do not exist yet and are in none of the numbers. */
export interface Estimates {
  /** What was estimated for steps that have succeeded, and what they took. */
  readonly succeededMs: number;
  readonly tookMs: number;
  /** What is estimated for steps that may still run. */
  readonly remainingMs: number;
  /** Steps that may still run and have no estimate. */
  readonly unestimated: number;
}

export interface ToolCost {
  readonly tool: string;
  readonly attempts: number;
  readonly wasted: number;
  readonly workMs: number;
}

/** O(attempts + steps). */
export function selectCost(state: PlanView, now: number): Cost {
  const attempts = state.steps.flatMap((record) => (record === undefined ? [] : attemptsOf(record, now)));
  const { startedAt, endedAt } = state.header.context;
  const until = endedAt === 0 ? now : endedAt;
  return {
    attempts: attempts.length,
    repeated: attempts.filter(({ number }) => number > 1).length,
    workMs: sumOf(attempts, ({ ms }) => ms),
    wastedMs: sumOf(attempts, ({ ms, isWasted }) => (isWasted ? ms : 0)),
    undoMs: sumOf(attempts, ({ ms, isUndo }) => (isUndo ? ms : 0)),
    elapsedMs: startedAt === 0 ? 0 : Math.max(0, until - startedAt),
    estimates: estimatesOf(state, now),
    tools: byTool(attempts),
    leftMemory: sumOf(state.steps, (record) => sumOf(record?.expansion?.closed ?? [], ({ from, to }) => to - from)),
  };
}

interface Spent {
  readonly tool: string;
  readonly number: number;
  readonly ms: number;
  readonly isWasted: boolean;
  readonly isUndo: boolean;
}

function attemptsOf({ attempts, undoes }: Readonly<StepRecord>, now: number): Spent[] {
  return attempts.map((attempt) => ({
    tool: attempt.tool,
    number: attempt.attempt,
    ms: durationOf(attempt, now),
    isWasted: isWasted(attempt),
    isUndo: undoes !== undefined,
  }));
}

/** A late success that was adopted was worth its time after all. */
function isWasted({ result, late }: AttemptRecord): boolean {
  return result !== "running" && result !== "succeeded" && late?.adopted !== true;
}

function durationOf({ startedAt, endedAt }: AttemptRecord, now: number): number {
  return Math.max(0, (endedAt === 0 ? now : endedAt) - startedAt);
}

function estimatesOf(state: PlanView, now: number): Estimates {
  let [succeededMs, tookMs, remainingMs, unestimated] = [0, 0, 0, 0];
  state.steps.forEach((record, index) => {
    if (record === undefined || record.undoes !== undefined) return;
    const { kind, estimateMs } = definitionAt(state, index);
    if (kind !== "tool") return;
    if (record.chart.value === "succeeded" && estimateMs !== undefined) {
      succeededMs += estimateMs;
      tookMs += sumOf(record.attempts, (attempt) => durationOf(attempt, now));
    } else if (mayRun(state, record)) {
      remainingMs += estimateMs ?? 0;
      unestimated += estimateMs === undefined ? 1 : 0;
    }
  });
  return { succeededMs, tookMs, remainingMs, unestimated };
}

const OPEN: ReadonlySet<string> = new Set(["pending", "running", "between", "waiting", "unknown"]);

function mayRun(state: PlanView, { chart }: Readonly<StepRecord>): boolean {
  return !isEnded(state) && OPEN.has(chart.value);
}

function byTool(attempts: readonly Spent[]): ToolCost[] {
  const tools = new Map<string, ToolCost>();
  for (const { tool, ms, isWasted: wasted } of attempts) {
    const known = tools.get(tool) ?? { tool, attempts: 0, wasted: 0, workMs: 0 };
    tools.set(tool, {
      tool,
      attempts: known.attempts + 1,
      wasted: known.wasted + (wasted ? 1 : 0),
      workMs: known.workMs + ms,
    });
  }
  return [...tools.values()].sort((a, b) => b.workMs - a.workMs || (a.tool < b.tool ? -1 : 1));
}

function sumOf<T>(list: readonly T[], amount: (one: T) => number): number {
  return list.reduce((sum, one) => sum + amount(one), 0);
}
