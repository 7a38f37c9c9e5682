import type { Json, JsonObject } from "#events/json.ts";
import type { Expression } from "#machines/expressions/expression-tree.ts";
import type { Meter } from "#machines/expressions/meter.ts";
import type { Value } from "#machines/expressions/value.ts";

// What the parts of the compiler share.

/** What an expression reads. `steps` gives the output of a step that has one. */
export interface ExpressionValues {
  readonly inputs: JsonObject;
  readonly steps: (id: string) => Json | undefined;
  /** What went wrong in a step that tolerates failures: a list, one entry a failed item. */
  readonly errors?: (id: string) => Json | undefined;
  readonly variables?: JsonObject;
}

/** One evaluation: the values, the budget, and the current element of each macro around the node. */
export interface Frame extends Meter {
  readonly values: ExpressionValues;
  readonly locals: Value[];
}

export type Evaluate = (frame: Frame) => Value;

export interface Compilation {
  /** Nodes compiled so far. */
  nodes: number;
  readonly compile: (expression: Expression) => Evaluate;
}
