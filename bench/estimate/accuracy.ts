import type { PlanDefinition, StepDefinition } from "#events/definition.ts";
import { estimated } from "#src/planning/estimate/estimate.ts";
import { quantileOf } from "#src/planning/estimate/log-normal.ts";
import type { Quantiles } from "#src/planning/estimate/plan-estimate.ts";
import { Scheduler } from "#src/planning/estimate/schedule.ts";
import { NO_NODE, NO_ROUND, type Task } from "#src/planning/estimate/task-graph.ts";
import type { ToolHistory } from "#src/planning/estimate/tool-history.ts";
import type { WorkflowRun, WorkflowTask } from "./workflows.ts";

// A run of a workflow estimated from the other runs of its application, and what it took: as its tasks would have run on so many slots,
// and as the workflow system ran it.

export interface Compared {
  readonly estimate: Quantiles;
  /** The same from SURE_SAMPLES schedules: what the method itself is held against. */
  readonly surely: Quantiles;
  /** Along the critical path, means and variances added (PERT; Malcolm et al. 1959). */
  readonly pert: Quantiles;
  /** The real durations in the same order on the same slots. */
  readonly scheduledMs: number;
  readonly recordedMs: number;
}

const LONG_MS = 30 * 24 * 3_600_000;
const SURE_SAMPLES = 3_000;
const OTHER_SEED = 99;
const Z_P90 = 1.2816;

/** `known`: the tasks whose durations are the history. */
export function compared(run: WorkflowRun, known: readonly WorkflowTask[]): Compared {
  const history = historyOf(known);
  const definition = planOf(run);
  const options = { durations: { of: (tool: string) => history.get(tool) }, slots: run.cores };
  const { durationMs, steps, criticalPath } = estimated(definition, options);
  const onPath = new Set(criticalPath);
  const path = steps.filter(({ step }) => onPath.has(step));
  const mean = path.reduce((sum, { p50 }) => sum + p50, 0);
  const deviation = Math.sqrt(path.reduce((sum, { p50, p90 }) => sum + ((p90 - p50) / Z_P90) ** 2, 0));
  return {
    estimate: durationMs,
    surely: estimated(definition, { ...options, seed: OTHER_SEED, samples: SURE_SAMPLES }).durationMs,
    pert: { p50: mean, p90: mean + Z_P90 * deviation },
    scheduledMs: scheduled(run),
    recordedMs: run.makespanMs,
  };
}

function planOf({ name, tasks }: WorkflowRun): PlanDefinition {
  const retry = { attempts: 1, delayMs: 0, maxDelayMs: 0, backoff: "fixed" as const, jitter: "none" as const };
  const steps = tasks.map(({ program, parents }, number): StepDefinition => ({
    kind: "tool",
    id: `t${number}`,
    needs: parents.map((parent) => `t${parent}`),
    join: "all",
    fallback: [],
    call: { tool: program, version: "1.0.0", idempotent: true, timeoutMs: LONG_MS },
    retry,
    unknown: "ask",
  }));
  return { name, version: "1.0.0", inputs: {}, steps, onFailure: "stop" };
}

/** What the programs took. */
function historyOf(known: readonly WorkflowTask[]): ReadonlyMap<string, ToolHistory> {
  const tasks = Map.groupBy(known, ({ program }) => program);
  return new Map(
    [...tasks].map(([program, same]) => {
      const times = same.map(({ durationMs }) => durationMs).sort((a, b) => a - b);
      const duration = { p50: quantileOf(times, 0.5), p90: quantileOf(times, 0.9) };
      return [program, { attempts: SURE, succeeded: SURE, duration }];
    }),
  );
}

/** Traces have no failures. */
const SURE = 1e9;

function scheduled({ tasks, cores }: WorkflowRun): number {
  const order = inOrder(tasks.map(({ parents }) => parents));
  const place = new Map(order.map((task, index) => [task, index]));
  const takes = [{ resource: 0, amount: 1 }];
  const graph = order.map((task): Task => {
    const needs = (tasks[task]?.parents ?? []).map((parent) => place.get(parent) ?? 0);
    const plain = { model: undefined, node: NO_NODE, scale: 1, priority: 0, round: NO_ROUND };
    return { ...plain, needs, needed: needs.length, takes, gives: takes };
  });
  const resources = [{ name: "slots", capacity: cores, isOwn: false }];
  const scheduler = new Scheduler({ tasks: graph, resources, ends: graph.map((_, index) => index) });
  return scheduler.run(Float64Array.from(order, (task) => tasks[task]?.durationMs ?? 0)).makespan;
}

function inOrder(parents: readonly (readonly number[])[]): readonly number[] {
  const order: number[] = [];
  const seen = new Set<number>();
  const visit = (task: number): void => {
    if (seen.has(task)) return;
    seen.add(task);
    for (const parent of parents[task] ?? []) visit(parent);
    order.push(task);
  };
  parents.forEach((_, task) => {
    visit(task);
  });
  return order;
}
