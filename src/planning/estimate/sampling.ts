import { medianOf, sampleOf } from "#src/planning/estimate/attempt-model.ts";
import { quantileOf } from "#src/planning/estimate/log-normal.ts";
import type { Basis, Quantiles } from "#src/planning/estimate/plan-estimate.ts";
import type { Scheduler } from "#src/planning/estimate/schedule.ts";
import { NO_ROUND, type StepNode, type TaskGraph } from "#src/planning/estimate/task-graph.ts";
import { mulberry32 } from "#src/planning/seeded-numbers.ts";

// Durations by chance, and what comes out of many schedules with them.
// Draws come from a seed and in the order of the tasks, so that an estimate can be repeated.

/** Tasks of all schedules together: what bounds the time of an estimate. */
const SAMPLED_TASKS = 400_000;
const MIN_SAMPLES = 40;
const MAX_SAMPLES = 1_000;
const DEFAULT_SEED = 1;

export interface Sampled {
  readonly makespan: Quantiles;
  /** Of one run of each step, by its number. */
  readonly p50: readonly number[];
  readonly p90: readonly number[];
  /** Of steps with others inside: the least sure of those. */
  readonly basis: readonly (Basis | undefined)[];
}

export interface SamplingOptions {
  readonly seed?: number;
  readonly samples?: number;
}

export function sampled(graph: TaskGraph, scheduler: Scheduler, options: SamplingOptions): Sampled {
  const { tasks, nodes } = graph;
  const fitting = Math.floor(SAMPLED_TASKS / Math.max(1, tasks.length));
  const samples = options.samples ?? Math.min(MAX_SAMPLES, Math.max(MIN_SAMPLES, fitting));
  const random = mulberry32(options.seed ?? DEFAULT_SEED);
  const makespans = new Float64Array(samples);
  const spans = nodes.map(() => new Float32Array(samples));
  for (let sample = 0; sample < samples; sample += 1) {
    const durations = sampledDurations(graph, random);
    const { makespan, start, finish } = scheduler.run(durations);
    makespans[sample] = makespan;
    nodes.forEach((node, index) => {
      const span = spans[index];
      const scale = node.first === node.last ? (tasks[node.first]?.scale ?? 1) : 1;
      if (span !== undefined) span[sample] = ((finish[node.last] ?? 0) - (start[node.first] ?? 0)) / scale;
    });
  }
  makespans.sort();
  for (const span of spans) span.sort();
  return {
    makespan: {
      p50: quantileOf(makespans, 0.5),
      p90: quantileOf(makespans, 0.9),
    },
    p50: spans.map((span) => quantileOf(span, 0.5)),
    p90: spans.map((span) => quantileOf(span, 0.9)),
    basis: basisOf(nodes),
  };
}

/** Without chance; of a `repeat` half of the iterations, rounded up. */
export function medianDurations(graph: TaskGraph): Float64Array {
  const alive = aliveRounds(graph, (most) => Math.ceil(most / 2));
  return durationsOf(graph, alive, (task) => (task.model === undefined ? 0 : medianOf(task.model) * task.scale));
}

/** How often a `repeat` runs nobody knows: each number of iterations is as likely as any other. */
function sampledDurations(graph: TaskGraph, random: () => number): Float64Array {
  const alive = aliveRounds(graph, (most) => 1 + Math.floor(random() * most));
  return durationsOf(graph, alive, ({ model, scale }) => (model === undefined ? 0 : sampleOf(model, random) * scale));
}

function durationsOf(
  { tasks }: TaskGraph,
  alive: Uint8Array,
  duration: (task: TaskGraph["tasks"][number]) => number,
): Float64Array {
  const durations = new Float64Array(tasks.length);
  tasks.forEach((task, at) => {
    if (task.round === NO_ROUND || alive[task.round] === 1) durations[at] = duration(task);
  });
  return durations;
}

/** Which iterations take place; those after the last one take no time. */
function aliveRounds({ rounds, repeats }: TaskGraph, iterations: (most: number) => number): Uint8Array {
  const taken = repeats.map(iterations);
  const alive = new Uint8Array(rounds.length);
  rounds.forEach(({ repeat, iteration, around }, round) => {
    const isAround = around === NO_ROUND || alive[around] === 1;
    alive[round] = isAround && iteration < (taken[repeat] ?? 0) ? 1 : 0;
  });
  return alive;
}

const SURENESS: readonly Basis[] = ["observed", "declared", "assumed"];

function basisOf(nodes: readonly StepNode[]): readonly (Basis | undefined)[] {
  const least = new Map<string, number>();
  for (const { label, model } of nodes.toReversed()) {
    const own = Math.max(least.get(label) ?? 0, model === undefined ? 0 : SURENESS.indexOf(model.basis));
    least.set(label, own);
    const around = label.slice(0, Math.max(0, label.lastIndexOf("/")));
    least.set(around, Math.max(least.get(around) ?? 0, own));
  }
  return nodes.map(({ label }) => SURENESS[least.get(label) ?? 0]);
}
