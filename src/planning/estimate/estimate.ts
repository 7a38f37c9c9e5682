import type { PlanDefinition } from "#events/definition.ts";
import type { JsonObject } from "#events/json.ts";
import { UNLIMITED, type Limits } from "#src/ports/limits.ts";
import { expectedAttempts, successOf, type Known } from "#src/planning/estimate/attempt-model.ts";
import { costOf, currencyOf, nodeCost } from "#src/planning/estimate/cost.ts";
import { criticalSteps, slackOf, widthOf } from "#src/planning/estimate/critical.ts";
import type { PlanEstimate, StepEstimate } from "#src/planning/estimate/plan-estimate.ts";
import { medianDurations, sampled, type Sampled } from "#src/planning/estimate/sampling.ts";
import { Scheduler, type Schedule } from "#src/planning/estimate/schedule.ts";
import type { TaskGraph } from "#src/planning/estimate/task-graph.ts";
import { NO_HISTORY, NO_PRICES, type Costs, type Durations } from "#src/planning/estimate/tool-history.ts";
import { unrolled } from "#src/planning/estimate/unrolled.ts";

// What a plan takes, before it runs: its definition unrolled into tasks, scheduled many times with durations by chance (the Monte Carlo
// method of PERT networks: Van Slyke, "Monte Carlo methods and the PERT problem", 1963), and once at the medians.
//
// E1. The same definition, history, limits and seed give the same estimate.
// E2. Every `when` holds and the plan succeeds: it is what the plan takes where everything that is written in it is done.

export interface EstimateOptions {
  readonly durations?: Durations;
  readonly costs?: Costs;
  /** Durations of steps by three points, by id. */
  readonly points?: Known["points"];
  readonly limits?: Limits;
  /** Attempts that run at once. Default: as many as want to. */
  readonly slots?: number;
  /** For the lengths of lists and the times of waits that follow from them. */
  readonly inputs?: JsonObject;
  /** In ms since the epoch, for waits until a time. */
  readonly now?: number;
  readonly seed?: number;
  /** Default: as many as SAMPLED_TASKS allow. */
  readonly samples?: number;
}

/** The definition is one that `checkPlan` has given. */
export function estimated(definition: PlanDefinition, options: EstimateOptions = {}): PlanEstimate {
  const { durations = NO_HISTORY, costs = NO_PRICES, limits = UNLIMITED, slots = Infinity } = options;
  const { points, inputs, now } = options;
  const { graph, assumptions } = unrolled(definition, {
    ...{ durations, costs, points, limits, slots, inputs, now },
  });
  const { tasks } = graph;
  const medians = medianDurations(graph);
  const unbounded = widthOf(new Scheduler(graph, true).run(medians), tasks);
  const scheduler = new Scheduler(graph);
  const samples = sampled(graph, scheduler, options);
  const schedule = scheduler.run(medians);
  return {
    durationMs: samples.makespan,
    successShare: graph.nodes.reduce((share, { model, runs }) => (model ? share * successOf(model) ** runs : share), 1),
    cost: costOf(graph.nodes),
    criticalPath: criticalSteps(graph, schedule),
    parallelWidth: { unbounded, withLimits: widthOf(schedule, tasks) },
    steps: stepsOf(graph, schedule, samples),
    assumptions,
  };
}

function stepsOf(graph: TaskGraph, schedule: Schedule, samples: Sampled): readonly StepEstimate[] {
  const slack = slackOf(graph.tasks, schedule);
  const currency = currencyOf(graph.nodes);
  return graph.nodes.map((node, index): StepEstimate => {
    const { label, model, runs, first, last } = node;
    const { expected, most } = nodeCost(node, currency);
    return {
      step: label,
      basis: samples.basis[index] ?? "assumed",
      p50: samples.p50[index] ?? 0,
      p90: samples.p90[index] ?? 0,
      expectedAttempts: model === undefined ? 0 : expectedAttempts(model),
      runs,
      cost: { expected, most },
      start: schedule.start[first] ?? 0,
      slack: slack[last] ?? 0,
    };
  });
}
