import type { ArithmeticOperator } from "#machines/expressions/arithmetic.ts";
import type { Pattern } from "#machines/expressions/pattern.ts";

// An expression after its names are resolved: what the checker and the compiler both read. Every node knows its place in
// the expression's text.

interface Forms {
  readonly literal: { readonly value: null | boolean | number | bigint | string };
  readonly inputs: object;
  readonly output: { readonly step: string };
  readonly hasOutput: { readonly step: string };
  /** What went wrong in a step that tolerates failures. */
  readonly errors: { readonly step: string };
  readonly variable: { readonly name: string };
  /** The variable of a macro: `slot` is its depth. */
  readonly local: { readonly name: string; readonly slot: number };
  readonly select: FieldForm;
  readonly has: FieldForm;
  readonly index: { readonly object: Expression; readonly index: Expression };
  readonly call: { readonly name: string; readonly arguments: readonly Expression[] };
  readonly matches: { readonly text: Expression; readonly pattern: Pattern };
  readonly macro: {
    readonly macro: Macro;
    readonly range: Expression;
    readonly slot: number;
    readonly condition?: Expression;
    readonly value?: Expression;
  };
  /** `value` reads what it gave for the element before, or `initial`, as the local `accumulated`. */
  readonly reduce: {
    readonly range: Expression;
    readonly initial: Expression;
    readonly value: Expression;
    readonly accumulated: number;
    readonly slot: number;
  };
  readonly list: { readonly items: readonly Expression[] };
  readonly map: { readonly entries: readonly (readonly [Expression, Expression])[] };
  readonly conditional: {
    readonly condition: Expression;
    readonly whenTrue: Expression;
    readonly whenFalse: Expression;
  };
  readonly logical: { readonly operator: "&&" | "||"; readonly left: Expression; readonly right: Expression };
  readonly not: { readonly operand: Expression };
  readonly negate: { readonly operand: Expression };
  readonly arithmetic: { readonly operator: ArithmeticOperator; readonly left: Expression; readonly right: Expression };
  readonly comparison: { readonly operator: ComparisonOperator; readonly left: Expression; readonly right: Expression };
}

interface FieldForm {
  readonly object: Expression;
  readonly name: string;
  /** Where the name stands. */
  readonly nameStart: number;
}

export type Macro = "all" | "exists" | "exists_one" | "filter" | "map";
export type ComparisonOperator = "==" | "!=" | "<" | "<=" | ">" | ">=" | "in";

export interface Place {
  readonly start: number;
  readonly end: number;
}

export type ExpressionKind = keyof Forms;
export type ExpressionOf<K extends ExpressionKind> = { [P in K]: Place & Forms[P] & { readonly kind: P } }[K];
export type Expression = ExpressionOf<ExpressionKind>;

export type Visitor<Context, Result> = {
  readonly [K in ExpressionKind]: (expression: ExpressionOf<K>, context: Context) => Result;
};

/** Calls the visitor's function for this kind of expression. */
export function visit<Context, Result, K extends ExpressionKind>(
  visitor: Visitor<Context, Result>,
  expression: ExpressionOf<K>,
  context: Context,
): Result {
  return visitor[expression.kind](expression, context);
}

/** The names that an expression uses, also inside macros. */
export interface References {
  /** `*` where all inputs are used at once. */
  readonly inputs: readonly string[];
  readonly steps: readonly string[];
  /** Those of them whose output and errors stand in `size(…)` and `has(…)` only: a list is measured without being read. */
  readonly measured: readonly string[];
  readonly variables: readonly string[];
}
