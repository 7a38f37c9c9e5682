import type { StepModel } from "#src/planning/estimate/attempt-model.ts";

// A plan unrolled into tasks with a duration each: the items of an `each` beside each other, the iterations of a `repeat` after each
// other, a called plan in the place of its call. Beginnings and ends of what is inside of a step are tasks that take no time.

/** Something of which there is so much. */
export interface Resource {
  readonly name: string;
  readonly capacity: number;
  /** Of the plan itself (`concurrency`), not of slots and limits. */
  readonly isOwn: boolean;
}

export interface Amount {
  readonly resource: number;
  readonly amount: number;
}

export interface Task {
  /** Number of the step that it is a run of; NO_NODE for a beginning or an end. */
  readonly node: number;
  /** Undefined for one that takes no time. */
  readonly model: StepModel | undefined;
  /** What its duration is multiplied by: one task may stand for several. */
  readonly scale: number;
  /** Numbers of tasks, all before this one. */
  readonly needs: readonly number[];
  /** How many of them have to end. */
  readonly needed: number;
  /** Taken when it starts, given back when it ends. */
  readonly takes: readonly Amount[];
  readonly gives: readonly Amount[];
  readonly priority: number;
  /** The iteration that it is in; NO_ROUND outside of all. */
  readonly round: number;
}

export const NO_ROUND = -1;
export const NO_NODE = -1;

/** One iteration of one opening of a `repeat`. */
export interface Round {
  /** Number of the opening. */
  readonly repeat: number;
  readonly iteration: number;
  /** The iteration around it. */
  readonly around: number;
}

export interface TaskGraph {
  readonly tasks: readonly Task[];
  readonly resources: readonly Resource[];
  readonly rounds: readonly Round[];
  /** Iterations at most, by opening. */
  readonly repeats: readonly number[];
  readonly nodes: readonly StepNode[];
  /** The tasks that the plan's end waits for. */
  readonly ends: readonly number[];
}

/** A step of the definition, wherever it stands. */
export interface StepNode {
  /** `notes/do`. */
  readonly label: string;
  readonly model: StepModel | undefined;
  /** Expected, and at most. */
  readonly runs: number;
  readonly mostRuns: number;
  /** Of its first run. */
  readonly first: number;
  readonly last: number;
  /** What is inside was not looked into: the plan is too large. */
  readonly isClosed: boolean;
}
