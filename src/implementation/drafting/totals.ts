import type { PlanDefinition, StepDefinition } from "#events/definition.ts";
import { estimated } from "#src/planning/estimate/estimate.ts";
import { meanOf, varianceOf } from "#projections/pert.ts";
import type { Draft } from "./drafted.ts";

// What all changes together are expected to take once they are approved and begun: the task graph with its slots, scheduled many times with
// durations drawn from their three points. Merging takes next to nothing, and people take what they take: neither is in it.

export interface Totals {
  /** Wall clock, of half of all runs and of nine of ten. */
  readonly p50Ms: number;
  readonly p90Ms: number;
  /** Of all changes one after the other (PERT: the sum of means, and of variances as if they were independent). */
  readonly workMs: number;
  readonly workDeviationMs: number;
  /** Ids of changes that decide when the last one ends. */
  readonly criticalPath: readonly string[];
  /** Changes that are made at once at most. */
  readonly parallel: number;
  /** By id of the change, at the medians. */
  readonly schedule: ReadonlyMap<string, Slot>;
}

interface Slot {
  readonly startMs: number;
  readonly endMs: number;
  /** How much later it could end without the whole ending later. */
  readonly slackMs: number;
}

interface TotalsOptions {
  readonly slots: number;
  readonly seed?: number;
}

/** Durations that are drawn, all schedules together: what bounds the time of this. */
const DRAWN = 60_000;
/** Priorities that are told apart here: the scheduler looks through as many queues whenever something ends. */
const URGENCIES = 8;
const MIN_SAMPLES = 40;
const MAX_SAMPLES = 1_000;

/** `definition` is that of the draft's plan. */
export function totalsOf({ changes }: Draft, definition: PlanDefinition, { slots, seed }: TotalsOptions): Totals {
  const byId = new Map(changes.map((one) => [one.change.id, one]));
  const most = Math.max(1, ...changes.map(({ change }) => change.priority));
  const steps = definition.steps.flatMap((step): readonly StepDefinition[] => {
    const drafted = byId.get(step.id);
    if (drafted === undefined) return [];
    const priority = Math.ceil((drafted.change.priority * URGENCIES) / most);
    return [
      {
        ...step,
        priority,
        needs: [...new Set(drafted.needs.map(({ on }) => on))],
      },
    ];
  });
  const points = (step: string) => byId.get(step)?.change.estimate;
  const samples = Math.min(MAX_SAMPLES, Math.max(MIN_SAMPLES, Math.floor(DRAWN / Math.max(1, changes.length))));
  const estimate = estimated(
    { ...definition, steps },
    { points, slots, samples, ...(seed === undefined ? {} : { seed }) },
  );
  const { durationMs, criticalPath, parallelWidth } = estimate;
  const sum = (of: (one: (typeof changes)[number]) => number): number => changes.reduce((all, one) => all + of(one), 0);
  return {
    p50Ms: durationMs.p50,
    p90Ms: durationMs.p90,
    workMs: sum(({ change }) => meanOf(change.estimate)),
    workDeviationMs: Math.sqrt(sum(({ change }) => varianceOf(change.estimate))),
    criticalPath,
    parallel: parallelWidth.withLimits,
    schedule: new Map(
      estimate.steps.map(({ step, start, p50, slack }) => [
        step,
        { startMs: start, endMs: start + p50, slackMs: slack },
      ]),
    ),
  };
}
