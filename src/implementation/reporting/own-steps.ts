import type { StepDefinition } from "#events/definition.ts";
import { draftedOf, isEnded, isPlanStopping, planStateOf, type PlanView } from "#machines/state.ts";
import type { StepRecord } from "#machines/step-record.ts";

// A plan's own steps as a report sees them: those of its definition, each with its record.
// What is inside of one counts as its.

export interface OwnStep {
  /** Its number among the plan's own. */
  readonly local: number;
  readonly definition: StepDefinition;
  /** Undefined before the plan has started. */
  readonly record: Readonly<StepRecord> | undefined;
  readonly needs: readonly number[];
}

export function ownSteps(state: PlanView): readonly OwnStep[] {
  const { definition, graph } = draftedOf(state);
  const base = state.root?.base ?? 0;
  return definition.steps.map((step, local) => ({
    local,
    definition: step,
    record: state.root === undefined ? undefined : state.steps[base + local],
    needs: graph.needs[local] ?? [],
  }));
}

const OVER: ReadonlySet<string> = new Set(["succeeded", "failed", "skipped", "cancelled"]);

export function isOver({ record }: OwnStep): boolean {
  return record !== undefined && OVER.has(record.chart.value);
}

/** It came to what it was for, and that still stands. */
export function isDone({ record }: OwnStep): boolean {
  return record?.chart.value === "succeeded" && !record.isUndone;
}

/** Steps that will not run any more: the plan starts nothing, or what they need has failed for good. */
export function lostSteps(state: PlanView, steps: readonly OwnStep[]): ReadonlySet<number> {
  const plan = planStateOf(state);
  const isHalted = isEnded(state) || plan === "cancelling" || plan === "rolling-back" || isPlanStopping(state);
  const lost = new Set<number>();
  // Needs may stand behind what needs them: until nothing is added any more.
  for (let before = -1; before < lost.size;) {
    before = lost.size;
    for (const step of steps)
      if (!lost.has(step.local) && isLost(step, { steps, lost, isHalted })) lost.add(step.local);
  }
  return lost;
}

interface Around {
  readonly steps: readonly OwnStep[];
  readonly lost: ReadonlySet<number>;
  readonly isHalted: boolean;
}

function isLost(step: OwnStep, { steps, lost, isHalted }: Around): boolean {
  if (isOver(step)) return false;
  const state = step.record?.chart.value ?? "pending";
  if (isHalted && state !== "running" && state !== "open") return true;
  if (state !== "pending") return false;
  const gone = step.needs.filter((need) => lost.has(need) || isGone(steps[need]));
  const { join } = step.definition;
  if (join === "all") return gone.length > 0;
  const wanted = join === "any" ? 1 : join.first;
  return step.needs.length - gone.length < Math.min(wanted, step.needs.length);
}

function isGone(step: OwnStep | undefined): boolean {
  const value = step?.record?.chart.value;
  return value === "failed" || value === "cancelled";
}

/** When its first attempt, or its waiting, began; undefined before. */
export function startOf({ record }: OwnStep): number | undefined {
  if (record === undefined || record.chart.value === "pending") return undefined;
  const startedAt = record.attempts.at(0)?.startedAt ?? record.readyAt;
  return startedAt === 0 ? undefined : startedAt;
}

/** When it ended; undefined while it has not. */
export function endOf(step: OwnStep): number | undefined {
  const { record } = step;
  return record === undefined || record.endedAt === 0 || !isOver(step) ? undefined : record.endedAt;
}
