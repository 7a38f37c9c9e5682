import { criticalPath } from "#machines/graph.ts";
import { draftedOf, type PlanView } from "#machines/state.ts";
import type { StepRecord } from "#machines/step-record.ts";

// Which chain of steps decides when the plan ends: measured times where steps have run, estimates where they have not.
// Waiting for a slot or for a retry counts as the step's own time, because it moves the end just the same.

export interface CriticalStep {
  readonly step: string;
  readonly durationMs: number;
  /** `measured`: it has ended; `running`: so far, or its estimate if that is more; `estimated`; `unknown`: nobody said. */
  readonly basis: "measured" | "running" | "estimated" | "unknown";
}

export interface SelectedPath {
  readonly lengthMs: number;
  readonly steps: readonly CriticalStep[];
  /** What is left of it, as far as estimates say. */
  readonly remainingMs: number;
}

/** O(steps + needs). */
export function selectCriticalPath(state: PlanView, now: number): SelectedPath {
  // What is inside of one of the plan's own steps counts as its time.
  const { definition, graph } = draftedOf(state);
  const base = state.root?.base ?? 0;
  const measures = definition.steps.map(({ estimateMs }, local) => {
    const record = state.steps[base + local];
    return record === undefined ? NOTHING : measure(record, estimateMs, now);
  });
  const { length, steps } = criticalPath(graph, (step) => measures[step]?.durationMs ?? 0);
  const path = steps.map((local) => ({ step: definition.steps[local]?.id ?? "", ...(measures[local] ?? NOTHING) }));
  const elapsed = (index: number): number => measures[index]?.elapsedMs ?? 0;
  const remainingMs = steps.reduce((sum, index) => sum + (measures[index]?.durationMs ?? 0) - elapsed(index), 0);
  return {
    lengthMs: length,
    steps: path.map(({ step, durationMs, basis }) => ({ step, durationMs, basis })),
    remainingMs,
  };
}

interface Measure {
  readonly durationMs: number;
  readonly elapsedMs: number;
  readonly basis: CriticalStep["basis"];
}

const NOTHING: Measure = { durationMs: 0, elapsedMs: 0, basis: "unknown" };

function measure(record: Readonly<StepRecord>, estimateMs: number | undefined, now: number): Measure {
  const { value } = record.chart;
  if (value === "skipped") return { durationMs: 0, elapsedMs: 0, basis: "measured" };
  const startedAt = record.attempts[0]?.startedAt ?? record.readyAt;
  if (record.endedAt > 0 && startedAt > 0) {
    const durationMs = Math.max(0, record.endedAt - startedAt);
    return { durationMs, elapsedMs: durationMs, basis: "measured" };
  }
  if (value !== "pending" && startedAt > 0) {
    const elapsedMs = Math.max(0, now - startedAt);
    return { durationMs: Math.max(elapsedMs, estimateMs ?? 0), elapsedMs, basis: "running" };
  }
  return estimateMs === undefined ? NOTHING : { durationMs: estimateMs, elapsedMs: 0, basis: "estimated" };
}
