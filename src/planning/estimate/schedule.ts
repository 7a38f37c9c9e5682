import { EventHeap } from "#src/planning/estimate/event-heap.ts";
import type { Amount, Task, TaskGraph } from "#src/planning/estimate/task-graph.ts";

// When tasks begin and end with given durations: each as soon as its needs have ended and there is room for it, those of higher priority
// first, then in the order in which they became ready, as the coordinator does. Serial list scheduling (Kolisch & Hartmann, "Heuristic
// algorithms for the resource-constrained project scheduling problem", 1999); without limits it is the forward pass of the critical
// path method (Kelley & Walker, "Critical-path planning and scheduling", 1959).
//
// S1. A resource that all tasks together cannot exhaust holds up nobody and is left out.
// S2. Tasks that want the same wait in one lane; a lane whose first task finds no room waits for that resource, and is passed over.

export interface Schedule {
  readonly makespan: number;
  /** The task that ends last, of those that the plan's end waits for. */
  readonly last: number;
  readonly start: Float64Array;
  readonly finish: Float64Array;
  /** The task whose end let each begin; NO_CAUSE at the beginning. */
  readonly cause: Int32Array;
}

export const NO_CAUSE = -1;

/** Of one task, mostly. */
export function numberAt(numbers: ArrayLike<number>, index: number): number {
  return numbers[index] ?? 0;
}

interface Lane {
  readonly priority: number;
  readonly takes: readonly Amount[];
  /** Its tasks in the order in which they became ready: those from `head` to `tail` wait. What is behind is of the schedule before. */
  readonly queue: number[];
  head: number;
  tail: number;
  /** When each of the queue became ready, as a count. */
  readonly arrivals: number[];
  isActive: boolean;
}

/** Makes schedules of one graph: what does not depend on durations is worked out once. */
export class Scheduler {
  readonly #tasks: readonly Task[];
  readonly #ends: readonly number[];
  readonly #capacities: readonly number[];
  readonly #dependents: Dependents;
  readonly #lanes: readonly Lane[];
  readonly #laneOf: readonly (Lane | undefined)[];
  readonly #gives: readonly (readonly Amount[])[];
  readonly #open: Int32Array;
  readonly #free: Float64Array;
  /** By resource; a lane waits for one at a time. */
  readonly #waiting: readonly Lane[][];
  readonly #events = new EventHeap();
  readonly #active: Lane[] = [];
  readonly start: Float64Array;
  readonly finish: Float64Array;
  readonly cause: Int32Array;
  #now = 0;
  #current = NO_CAUSE;
  #arrivals = 0;

  /** `isUnbounded`: only what the plan itself limits counts. */
  constructor({ tasks, resources, ends }: Pick<TaskGraph, "tasks" | "resources" | "ends">, isUnbounded = false) {
    this.#tasks = tasks;
    this.#ends = ends;
    this.#capacities = resources.map(({ capacity, isOwn }) => (isUnbounded && !isOwn ? Infinity : capacity));
    this.#dependents = new Dependents(tasks);
    const scarce = scarceAmong(tasks, this.#capacities);
    const lanes = new Map<string, Lane>();
    this.#laneOf = tasks.map(({ takes, priority }) => {
      const wanted = takes.filter(({ resource }) => scarce.has(resource));
      return wanted.length === 0 ? undefined : laneIn(lanes, priority, wanted);
    });
    this.#gives = tasks.map(({ gives }) => gives.filter(({ resource }) => scarce.has(resource)));
    this.#lanes = [...lanes.values()];
    this.#open = new Int32Array(tasks.length);
    this.#free = new Float64Array(resources.length);
    this.#waiting = resources.map(() => []);
    this.start = new Float64Array(tasks.length);
    this.finish = new Float64Array(tasks.length);
    this.cause = new Int32Array(tasks.length);
  }

  /** The arrays of the schedule are overwritten by the next one. */
  run(durations: Float64Array): Schedule {
    if (this.#lanes.length === 0) this.#forward(durations);
    else this.#simulate(durations);
    const { start, finish, cause } = this;
    const last = lastOf(this.#ends, finish);
    return {
      makespan: last === NO_CAUSE ? 0 : numberAt(finish, last),
      last,
      start,
      finish,
      cause,
    };
  }

  /** Nothing is scarce: tasks begin with the end of their needs, which come before them. */
  #forward(durations: Float64Array): void {
    const { start, finish, cause } = this;
    for (const [task, { needs, needed }] of this.#tasks.entries()) {
      const last = needed < needs.length ? nthOf(needs, needed, finish) : lastOf(needs, finish);
      const begin = last === NO_CAUSE ? 0 : numberAt(finish, last);
      start[task] = begin;
      finish[task] = begin + numberAt(durations, task);
      cause[task] = last;
    }
  }

  #simulate(durations: Float64Array): void {
    this.#reset();
    this.#tasks.forEach(({ needed }, task) => {
      if (needed === 0) this.#ready(task, durations);
    });
    this.#startWaiting(durations);
    const { from, list } = this.#dependents;
    const open = this.#open;
    for (let task = this.#events.pop(); task !== undefined; task = this.#events.pop()) {
      this.#now = numberAt(this.finish, task);
      this.#current = task;
      this.#giveBack(task);
      const to = numberAt(from, task + 1);
      for (let at = numberAt(from, task); at < to; at += 1) {
        const dependent = numberAt(list, at);
        const left = numberAt(open, dependent) - 1;
        open[dependent] = left;
        if (left === 0) this.#ready(dependent, durations);
      }
      if (this.#active.length > 0) this.#startWaiting(durations);
    }
  }

  #reset(): void {
    this.#tasks.forEach(({ needed }, task) => {
      this.#open[task] = needed;
    });
    this.#capacities.forEach((capacity, resource) => {
      this.#free[resource] = capacity;
    });
    for (const lane of this.#lanes) {
      lane.head = 0;
      lane.tail = 0;
      lane.isActive = false;
    }
    for (const waiting of this.#waiting) waiting.length = 0;
    this.#active.length = 0;
    this.#now = 0;
    this.#current = NO_CAUSE;
    this.#arrivals = 0;
  }

  #ready(task: number, durations: Float64Array): void {
    const lane = this.#laneOf[task];
    if (lane === undefined) {
      this.#begin(task, durations);
      return;
    }
    if (lane.head === lane.tail) this.#activate(lane);
    lane.queue[lane.tail] = task;
    lane.arrivals[lane.tail] = this.#arrivals++;
    lane.tail += 1;
  }

  #activate(lane: Lane): void {
    if (lane.isActive) return;
    lane.isActive = true;
    this.#active.push(lane);
  }

  #startWaiting(durations: Float64Array): void {
    while (this.#active.length > 0) {
      const lane = this.#takeFirst();
      const blocked = this.#blocking(lane);
      if (blocked !== undefined) {
        this.#waiting[blocked]?.push(lane);
        continue;
      }
      const task = lane.queue[lane.head] ?? 0;
      lane.head += 1;
      for (const { resource, amount } of lane.takes) this.#free[resource] = numberAt(this.#free, resource) - amount;
      this.#begin(task, durations);
      if (lane.head < lane.tail) this.#activate(lane);
    }
  }

  /** The lane whose turn it is, out of those that are active. */
  #takeFirst(): Lane {
    let best = 0;
    for (let index = 1; index < this.#active.length; index += 1) {
      if (isBefore(this.#active[index], this.#active[best])) best = index;
    }
    const lane = this.#active[best];
    const other = this.#active.pop();
    if (other !== undefined && best < this.#active.length) this.#active[best] = other;
    if (lane === undefined) throw new RangeError("no lane is active");
    lane.isActive = false;
    return lane;
  }

  #blocking({ takes }: Lane): number | undefined {
    for (const { resource, amount } of takes) if (numberAt(this.#free, resource) < amount) return resource;
    return undefined;
  }

  #begin(task: number, durations: Float64Array): void {
    const finish = this.#now + numberAt(durations, task);
    this.start[task] = this.#now;
    this.finish[task] = finish;
    this.cause[task] = this.#current;
    this.#events.push(finish, task);
  }

  #giveBack(task: number): void {
    for (const { resource, amount } of this.#gives[task] ?? []) {
      this.#free[resource] = numberAt(this.#free, resource) + amount;
      const waiting = this.#waiting[resource];
      for (let lane = waiting?.pop(); lane !== undefined; lane = waiting?.pop()) this.#activate(lane);
    }
  }
}

function lastOf(tasks: readonly number[], finish: Float64Array): number {
  let last = NO_CAUSE;
  for (const task of tasks) if (last === NO_CAUSE || numberAt(finish, task) > numberAt(finish, last)) last = task;
  return last;
}

/** The one with which so many of them have ended. */
function nthOf(tasks: readonly number[], count: number, finish: Float64Array): number {
  return tasks.toSorted((a, b) => numberAt(finish, a) - numberAt(finish, b))[count - 1] ?? NO_CAUSE;
}

/** Of task t: `list` from `from[t]` to `from[t + 1]`. */
class Dependents {
  readonly from: Int32Array;
  readonly list: Int32Array;

  constructor(tasks: readonly Task[]) {
    this.from = new Int32Array(tasks.length + 1);
    for (const { needs } of tasks) for (const need of needs) this.from[need + 1] = numberAt(this.from, need + 1) + 1;
    for (let task = 0; task < tasks.length; task += 1)
      this.from[task + 1] = numberAt(this.from, task + 1) + numberAt(this.from, task);
    this.list = new Int32Array(numberAt(this.from, tasks.length));
    const next = this.from.slice();
    tasks.forEach(({ needs }, task) => {
      for (const need of needs) {
        this.list[numberAt(next, need)] = task;
        next[need] = numberAt(next, need) + 1;
      }
    });
  }
}

function isBefore(one: Lane | undefined, other: Lane | undefined): boolean {
  if (one === undefined || other === undefined) return other === undefined;
  if (one.priority !== other.priority) return one.priority > other.priority;
  return (one.arrivals[one.head] ?? 0) < (other.arrivals[other.head] ?? 0);
}

function laneIn(lanes: Map<string, Lane>, priority: number, takes: readonly Amount[]): Lane {
  const name = `${priority} ${takes.map(({ resource, amount }) => `${resource}:${amount}`).join(" ")}`;
  const known = lanes.get(name) ?? {
    priority,
    takes,
    queue: [],
    head: 0,
    tail: 0,
    arrivals: [],
    isActive: false,
  };
  lanes.set(name, known);
  return known;
}

/** Resources that tasks could exhaust. */
function scarceAmong(tasks: readonly Task[], capacities: readonly number[]): ReadonlySet<number> {
  const wanted = new Float64Array(capacities.length);
  for (const { takes } of tasks) {
    for (const { resource, amount } of takes) wanted[resource] = (wanted[resource] ?? 0) + amount;
  }
  return new Set(capacities.flatMap((capacity, index) => ((wanted[index] ?? 0) > capacity ? [index] : [])));
}
