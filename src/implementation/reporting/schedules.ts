import { topologicalOrder } from "#machines/graph.ts";
import { draftedOf, type PlanView } from "#machines/state.ts";
import { logNormal, normalFrom, quantileAt, quantileOf, type LogNormal } from "#src/planning/estimate/log-normal.ts";
import type { Quantiles } from "#src/planning/estimate/plan-estimate.ts";
import { Scheduler } from "#src/planning/estimate/schedule.ts";
import { NO_ROUND, type Task } from "#src/planning/estimate/task-graph.ts";
import { mulberry32 } from "#src/planning/seeded-numbers.ts";
import { isOver, lostSteps, ownSteps, type OwnStep } from "./own-steps.ts";
import type { StepModels } from "./step-models.ts";

// When a plan's own steps were to run, and when those that are left will: the schedule of plans, once as it was planned and many times
// for what is left (Monte Carlo).
//
// S1. The same state, moment and seed give the same numbers.
// S2. What runs has run for so long already: its rest is drawn from durations that are longer than that.
// S3. What will not run any more takes no time, and neither does what people have to answer.

export interface Schedules {
  /** From the plan's start, in ms. */
  readonly planned: Times;
  readonly plannedMs: number;
  /** From now; of steps that are over nothing is meant. */
  readonly left: Times;
  readonly remaining: Quantiles;
}

interface Times {
  readonly start: Float64Array;
  readonly end: Float64Array;
}

export interface ScheduleOptions {
  readonly now: number;
  readonly slots: number;
  readonly seed: number;
}

const SAMPLED_TASKS = 200_000;
const MIN_SAMPLES = 50;
const MAX_SAMPLES = 1_000;
/** Draws whose median stands for the rest of what runs. */
const MEDIAN_DRAWS = 101;

export function schedules(state: PlanView, models: StepModels, options: ScheduleOptions): Schedules {
  const steps = ownSteps(state);
  const sorted = topologicalOrder(draftedOf(state).graph);
  const order = "order" in sorted ? sorted.order : [];
  const scheduler = new Scheduler({ ...tasksOf(steps, order, options.slots), ends: order.map((_, task) => task) });
  const lost = lostSteps(state, steps);
  const rests = steps.map((step) =>
    isOver(step) || lost.has(step.local) ? NOTHING : restOf(step, models, options.now),
  );
  const run = (duration: (local: number) => number) => scheduler.run(Float64Array.from(order, duration));
  const plannedRun = run((local) => models.planned[local]?.p50 ?? 0);
  const plannedMs = plannedRun.makespan;
  const planned = byStep(plannedRun, order);
  const left = byStep(
    run((local) => medianOf(rests[local] ?? NOTHING, options.seed + local)),
    order,
  );
  const random = mulberry32(options.seed);
  const samples = Math.min(MAX_SAMPLES, Math.max(MIN_SAMPLES, Math.floor(SAMPLED_TASKS / Math.max(1, order.length))));
  const isFixed = rests.every(({ sigma, after }) => sigma === 0 && after === 0);
  const makespans = new Float64Array(isFixed ? 1 : samples).map(
    () => run((local) => drawn(rests[local] ?? NOTHING, random)).makespan,
  );
  makespans.sort();
  return { planned, plannedMs, left, remaining: { p50: quantileOf(makespans, 0.5), p90: quantileOf(makespans, 0.9) } };
}

function tasksOf(steps: readonly OwnStep[], order: readonly number[], slots: number) {
  const taskOf = new Map(order.map((local, task) => [local, task]));
  const slot = Number.isFinite(slots) ? [{ resource: 0, amount: 1 }] : [];
  const tasks = order.flatMap((local): Task[] => {
    const step = steps[local];
    if (step === undefined) return [];
    const needs = step.needs.flatMap((need) => taskOf.get(need) ?? []);
    const takes = step.definition.kind === "tool" ? slot : [];
    const priority = step.definition.priority ?? 0;
    const needed = neededOf(step);
    return [{ node: local, model: undefined, scale: 1, needs, needed, takes, gives: takes, priority, round: NO_ROUND }];
  });
  return { tasks, resources: slot.length === 0 ? [] : [{ name: "slots", capacity: slots, isOwn: false }] };
}

function neededOf({ needs, definition: { join } }: OwnStep): number {
  if (join === "all") return needs.length;
  return Math.min(needs.length, join === "any" ? 1 : join.first);
}

/** Copies: the scheduler's arrays are overwritten by its next run. */
function byStep(
  { start, finish }: { readonly start: Float64Array; readonly finish: Float64Array },
  order: readonly number[],
): Times {
  const times = { start: new Float64Array(order.length), end: new Float64Array(order.length) };
  order.forEach((local, task) => {
    times.start[local] = start[task] ?? 0;
    times.end[local] = finish[task] ?? 0;
  });
  return times;
}

/** What is left of a step: a time that passes for sure, and a share of a duration of which so much is over. */
interface Rest extends LogNormal {
  readonly after: number;
  readonly elapsed: number;
  readonly share: number;
}

const NOTHING: Rest = { median: 0, sigma: 0, after: 0, elapsed: 0, share: 1 };

function restOf({ local, record }: OwnStep, { expected }: StepModels, now: number): Rest {
  const whole: Rest = { ...NOTHING, ...logNormal(expected[local] ?? { p50: 0, p90: 0 }) };
  if (record === undefined) return whole;
  const { value } = record.chart;
  const left = LEFT[value];
  return left === undefined ? NOTHING : left({ record, whole, now });
}

interface Underway {
  readonly record: NonNullable<OwnStep["record"]>;
  readonly whole: Rest;
  readonly now: number;
}

/** By state; in any other nothing is left. */
const LEFT: Readonly<Record<string, (underway: Underway) => Rest>> = {
  pending: ({ whole }) => whole,
  running: ({ record, whole, now }) => ({ ...whole, elapsed: Math.max(0, now - record.chart.context.dispatchedAt) }),
  between: ({ record, whole, now }) => ({ ...whole, after: Math.max(0, record.chart.context.dueAt - now) }),
  open: ({ record, whole }) => ({ ...whole, share: shareLeft(record.expansion) }),
  waiting: ({ record, whole, now }) => waitLeft(record, whole, now),
};

/** S3: of a wait for somebody only what the plan says itself counts. */
function waitLeft({ wait, chart, readyAt }: NonNullable<OwnStep["record"]>, whole: Rest, now: number): Rest {
  const isAsking = wait?.signal !== undefined || wait?.approval !== undefined;
  if (isAsking) return { ...whole, elapsed: Math.max(0, now - readyAt) };
  return { ...NOTHING, after: Math.max(0, chart.context.dueAt - now) };
}

function shareLeft(expansion: { readonly total: number; readonly ended: number } | undefined): number {
  return expansion === undefined || expansion.total === 0 ? 1 : 1 - expansion.ended / expansion.total;
}

/** S2. */
function drawn({ median, sigma, after, elapsed, share }: Rest, random: () => number): number {
  if (sigma === 0 || median === 0) return after + Math.max(0, median * share - elapsed);
  if (elapsed === 0) return after + share * quantileAt({ median, sigma }, normalFrom(random));
  const least = Math.log(elapsed / median) / sigma;
  return after + Math.max(0, quantileAt({ median, sigma }, normalAbove(least, random)) - elapsed);
}

/** From the standard normal distribution above a bound (Robert, "Simulation of truncated normal variables", 1995). */
function normalAbove(bound: number, random: () => number): number {
  if (bound <= 0) {
    for (;;) {
      const normal = normalFrom(random);
      if (normal >= bound) return normal;
    }
  }
  const rate = (bound + Math.sqrt(bound * bound + 4)) / 2;
  for (;;) {
    const normal = bound - Math.log(1 - random()) / rate;
    if (random() <= Math.exp(-((normal - rate) ** 2) / 2)) return normal;
  }
}

function medianOf(rest: Rest, seed: number): number {
  if (rest.sigma === 0 || rest.elapsed === 0) return rest.after + Math.max(0, rest.median * rest.share - rest.elapsed);
  const random = mulberry32(seed);
  return quantileOf(new Float64Array(MEDIAN_DRAWS).map(() => drawn(rest, random)).sort(), 0.5);
}
