import type { Task } from "./workflow.ts";

// How long a workflow may take at least and at most, from its tasks alone.
//
// List scheduling, whatever the order of the list, takes at most work/m + (1 - 1/m) * critical path on m slots (R. L. Graham,
// "Bounds on Multiprocessing Timing Anomalies", SIAM J. Appl. Math. 17, 1969): while a slot is idle, a longest chain shrinks.

/** The longest chain of tasks, in ms. Tasks of which `isLeft` is false take no time. Throws where they wait in a circle. */
export function criticalPathMs(tasks: readonly Task[], isLeft: (task: number) => boolean = () => true): number {
  const endsAt = new Map<number, number>();
  for (const task of inOrder(tasks)) {
    const { parents, durationMs } = taskAt(tasks, task);
    const startsAt = Math.max(0, ...parents.map((parent) => endsAt.get(parent) ?? 0));
    endsAt.set(task, startsAt + (isLeft(task) ? durationMs : 0));
  }
  return Math.max(0, ...endsAt.values());
}

function workMs(tasks: readonly Task[], isLeft: (task: number) => boolean = () => true): number {
  return tasks.reduce((sum, { durationMs }, task) => sum + (isLeft(task) ? durationMs : 0), 0);
}

export function leastMs(tasks: readonly Task[], slots: number): number {
  return Math.max(criticalPathMs(tasks), workMs(tasks) / slots);
}

export function grahamMs(tasks: readonly Task[], slots: number, isLeft?: (task: number) => boolean): number {
  return workMs(tasks, isLeft) / slots + (1 - 1 / slots) * criticalPathMs(tasks, isLeft);
}

/** The tasks' numbers, each after those that it waits for. */
function inOrder(tasks: readonly Task[]): number[] {
  const open = tasks.map(({ parents }) => parents.length);
  const children = tasks.map((): number[] => []);
  tasks.forEach(({ parents }, task) => parents.forEach((parent) => children[parent]?.push(task)));
  const order = open.flatMap((count, task) => (count === 0 ? [task] : []));
  for (const task of order) {
    for (const child of children[task] ?? []) {
      const left = (open[child] ?? 0) - 1;
      open[child] = left;
      if (left === 0) order.push(child);
    }
  }
  if (order.length < tasks.length) throw new Error("tasks of the workflow wait for each other in a circle");
  return order;
}

function taskAt(tasks: readonly Task[], number: number): Task {
  const task = tasks[number];
  if (task === undefined) throw new Error(`the workflow has no task ${number}`);
  return task;
}
