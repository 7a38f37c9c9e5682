import type { StepDefinition } from "#events/definition.ts";
import { draftedOf, type PlanView } from "#machines/state.ts";
import { MERGE_TOOL } from "#projections/changes-view.ts";
import { quantilesOf, type ThreePoints } from "#projections/pert.ts";
import { forecast, type ClassHistory } from "#projections/reference-class.ts";
import { classOf } from "#projections/change-class.ts";
import type { Change } from "#src/implementation/changes/change.ts";
import { estimated } from "#src/planning/estimate/estimate.ts";
import type { Quantiles } from "#src/planning/estimate/plan-estimate.ts";
import { NO_HISTORY, type Durations } from "#src/planning/estimate/tool-history.ts";
import type { PlannedChange } from "./changes-in.ts";

// What each of a plan's own steps is expected to take: changes by their three points, everything else as plans are estimated.
//
// E1. What is planned stands on what the plan says of itself alone, so that it does not move while the plan runs; what is left
//     also on what finished changes have shown.
// E2. People take what they take: a step that asks somebody counts as nothing unless the plan says otherwise.

export interface StepModels {
  readonly planned: readonly Quantiles[];
  readonly expected: readonly Quantiles[];
}

export interface Known {
  readonly durations: Durations;
  readonly finished: readonly ClassHistory[];
}

const SAMPLES = 60;
/** How much longer than what a plan says one run in ten takes, as for steps of every kind. */
const DECLARED_SPREAD = 2;
const NO_TIME: Quantiles = { p50: 0, p90: 0 };
/** Bringing a commit into a branch, where the plan says nothing of it. */
const MERGING: Quantiles = { p50: 500, p90: 2_000 };

export function stepModels(
  state: PlanView,
  changes: readonly PlannedChange[],
  { durations, finished }: Known,
): StepModels {
  const { definition } = draftedOf(state);
  const made = new Map(changes.flatMap(({ change, makes }) => makes.map((local) => [local, change] as const)));
  const models = (history: Durations, pointsOf: (change: Change) => ThreePoints): readonly Quantiles[] => {
    const estimate = estimated(definition, { durations: history, samples: SAMPLES });
    const found = new Map(estimate.steps.map(({ step, p50, p90 }) => [step, { p50, p90 }]));
    return definition.steps.map((step, local) => {
      const change = made.get(local);
      return change === undefined ? modelOf(step, found.get(step.id)) : quantilesOf(pointsOf(change));
    });
  };
  return {
    planned: models(NO_HISTORY, ({ estimate }) => estimate),
    expected: models(durations, (change) => forecast(classOf(change), finished, change.estimate).estimate),
  };
}

/** E2; of steps with others inside, what the plan says of them goes before what is estimated of those. */
function modelOf(step: StepDefinition, found: Quantiles = NO_TIME): Quantiles {
  const { estimateMs } = step;
  if (estimateMs === undefined) return isAsking(step) ? NO_TIME : isMerge(step) ? MERGING : found;
  const isOpened = step.kind === "each" || step.kind === "repeat" || step.kind === "call";
  return isOpened ? { p50: estimateMs, p90: estimateMs * DECLARED_SPREAD } : found;
}

function isMerge(step: StepDefinition): boolean {
  return step.kind === "tool" && step.call.tool === MERGE_TOOL;
}

export function isAsking({ kind }: StepDefinition): boolean {
  return kind === "approve" || kind === "signal";
}
