import type { Schedule } from "#src/planning/estimate/schedule.ts";
import { NO_CAUSE, numberAt } from "#src/planning/estimate/schedule.ts";
import { NO_NODE, type Task, type TaskGraph } from "#src/planning/estimate/task-graph.ts";

// What decides when a scheduled plan ends: from the task that ends last back to what let it begin, needs and freed slots alike.
// The chain holds of one schedule; with other durations another one may decide.

/** Steps of the definition along the chain, each once, the first one first; those that take no time are left out. */
export function criticalSteps({ nodes, tasks }: TaskGraph, schedule: Schedule): readonly string[] {
  const { start, finish } = schedule;
  const chain: string[] = [];
  for (const task of chainOf(schedule)) {
    const label = nodes[tasks[task]?.node ?? NO_NODE]?.label;
    if (label !== undefined && numberAt(finish, task) > numberAt(start, task)) chain.push(label);
  }
  return [...new Set(chain.reverse())];
}

/**
 * How much later each task could end without the last one ending later: the backward pass of the critical path method, over needs. Of
 * several needs of which one is enough, only those hold that had ended when the task began.
 */
export function slackOf(tasks: readonly Task[], schedule: Schedule): Float64Array {
  const { makespan, start, finish } = schedule;
  const latest = new Float64Array(tasks.length).fill(makespan);
  for (const [task, { needs, needed }] of [...tasks.entries()].toReversed()) {
    const begin = numberAt(latest, task) - (numberAt(finish, task) - numberAt(start, task));
    for (const need of needs) {
      const isHeld = needed === needs.length || numberAt(finish, need) <= numberAt(start, task);
      if (isHeld) latest[need] = Math.min(numberAt(latest, need), begin);
    }
  }
  const slack = latest.map((time, task) => Math.max(0, time - numberAt(finish, task)));
  for (const task of chainOf(schedule)) slack[task] = 0;
  return slack;
}

/** Attempts that run at once at most. */
export function widthOf({ start, finish }: Schedule, tasks: readonly Task[]): number {
  const changes = tasks.flatMap(({ model }, task) => {
    const isAttempt = model?.stages[0]?.isCall === true && numberAt(finish, task) > numberAt(start, task);
    return isAttempt
      ? [
          { at: numberAt(start, task), by: 1 },
          { at: numberAt(finish, task), by: -1 },
        ]
      : [];
  });
  changes.sort((a, b) => a.at - b.at || a.by - b.by);
  let now = 0;
  return changes.reduce((most, { by }) => {
    now += by;
    return Math.max(most, now);
  }, 0);
}

/** From the task that ends last back to the beginning. */
function chainOf({ last, cause }: Schedule): readonly number[] {
  const chain: number[] = [];
  for (let task = last; task !== NO_CAUSE; task = cause[task] ?? NO_CAUSE) chain.push(task);
  return chain;
}
