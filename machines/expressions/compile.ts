import { calculate, negate } from "#machines/expressions/arithmetic.ts";
import { compare, equal } from "#machines/expressions/comparison.ts";
import { EvaluationError, isForgivable } from "#machines/expressions/evaluation-error.ts";
import type { Compilation, Evaluate, Frame } from "#machines/expressions/evaluation.ts";
import { visit } from "#machines/expressions/expression-tree.ts";
import type { ComparisonOperator, Expression, ExpressionOf, Visitor } from "#machines/expressions/expression-tree.ts";
import { includes } from "#machines/expressions/functions/collections.ts";
import { compileCall } from "#machines/expressions/function-call.ts";
import { readField, readIndex, readOutput, readVariable } from "#machines/expressions/data-access.ts";
import { compileMacro, compileReduce } from "#machines/expressions/macro.ts";
import { charge } from "#machines/expressions/meter.ts";
import type { Meter } from "#machines/expressions/meter.ts";
import { isList, isMap, kindOf, ownValue } from "#machines/expressions/value.ts";
import type { Value } from "#machines/expressions/value.ts";

// From the resolved expression to a closure that computes it.
//
// C1. An expression pays for all its nodes at once, and a macro for the nodes of its body at every element; what depends on
//     the size of a value is paid where it happens.
// C2. Operands are evaluated from left to right; `&&`, `||`, `all` and `exists` forgive an error where another operand
//     decides, as CEL defines.

/** The closure throws EvaluationError. */
export function compileExpressionTree(expression: Expression): Evaluate {
  const compilation: Compilation = {
    nodes: 0,
    compile: (part) => {
      compilation.nodes += 1;
      return visit(compilers, part, compilation);
    },
  };
  const evaluate = compilation.compile(expression);
  const { nodes } = compilation;
  return (frame) => {
    charge(frame, nodes);
    return evaluate(frame);
  };
}

const compilers: Visitor<Compilation, Evaluate> = {
  literal:
    ({ value }) =>
    () =>
      value,
  inputs: () => (frame) => frame.values.inputs,
  output:
    ({ step }) =>
    (frame) =>
      readOutput(frame.values, step),
  hasOutput:
    ({ step }) =>
    (frame) =>
      frame.values.steps(step) !== undefined,
  errors:
    ({ step }) =>
    (frame) =>
      frame.values.errors?.(step) ?? [],
  variable:
    ({ name }) =>
    (frame) =>
      readVariable(frame.values, name),
  local:
    ({ slot }) =>
    (frame) =>
      frame.locals[slot] ?? null,
  select: compileSelect,
  has: compileHas,
  index: (expression, compilation) => {
    const [object, index] = [compilation.compile(expression.object), compilation.compile(expression.index)];
    return (frame) => readIndex(object(frame), index(frame));
  },
  call: compileCall,
  matches: ({ text, pattern }, compilation) => {
    const evaluate = compilation.compile(text);
    return (frame) => pattern.test(frame, want(evaluate(frame), "string"));
  },
  macro: compileMacro,
  reduce: compileReduce,
  list: ({ items }, compilation) => {
    const evaluators = items.map((item) => compilation.compile(item));
    return (frame) => evaluators.map((evaluate) => evaluate(frame));
  },
  map: compileMap,
  conditional: (expression, compilation) => {
    const condition = compilation.compile(expression.condition);
    const whenTrue = compilation.compile(expression.whenTrue);
    const whenFalse = compilation.compile(expression.whenFalse);
    return (frame) => (want(condition(frame), "bool") ? whenTrue(frame) : whenFalse(frame));
  },
  logical: compileLogical,
  not: ({ operand }, compilation) => {
    const evaluate = compilation.compile(operand);
    return (frame) => !want(evaluate(frame), "bool");
  },
  negate: ({ operand }, compilation) => {
    const evaluate = compilation.compile(operand);
    return (frame) => negate(evaluate(frame));
  },
  arithmetic: (expression, compilation) => {
    const { operator } = expression;
    const [left, right] = [compilation.compile(expression.left), compilation.compile(expression.right)];
    return (frame) => calculate(frame, operator, { left: left(frame), right: right(frame) });
  },
  comparison: (expression, compilation) => {
    const holds = comparers[expression.operator];
    const [left, right] = [compilation.compile(expression.left), compilation.compile(expression.right)];
    return (frame) => holds(frame, left(frame), right(frame));
  },
};

const comparers: Readonly<Record<ComparisonOperator, (meter: Meter, left: Value, right: Value) => boolean>> = {
  "==": equal,
  "!=": (meter, left, right) => !equal(meter, left, right),
  "<": (meter, left, right) => compare(meter, left, right) < 0,
  "<=": (meter, left, right) => compare(meter, left, right) <= 0,
  ">": (meter, left, right) => compare(meter, left, right) > 0,
  ">=": (meter, left, right) => compare(meter, left, right) >= 0,
  in: (meter, left, right) => {
    if (isList(right)) return includes(meter, right, left);
    if (isMap(right)) return ownValue(right, want(left, "string")) !== undefined;
    throw new EvaluationError("type-mismatch", `in wants a list or a map, this is ${kindOf(right)}`);
  },
};

interface Wanted {
  readonly bool: boolean;
  readonly string: string;
}

/** The value as that kind, or throws `type-mismatch`. */
function want<K extends keyof Wanted>(value: Value, kind: K): Wanted[K];
function want(value: Value, kind: keyof Wanted): Value {
  if (kindOf(value) === kind) return value;
  throw new EvaluationError("type-mismatch", `a ${kind} is wanted, this is ${kindOf(value)}`);
}

function compileSelect({ object, name }: ExpressionOf<"select">, compilation: Compilation): Evaluate {
  const evaluate = compilation.compile(object);
  const code = object.kind === "inputs" ? "missing-input" : "no-such-key";
  return (frame) => readField(evaluate(frame), name, code);
}

function compileHas({ object, name }: ExpressionOf<"has">, compilation: Compilation): Evaluate {
  const evaluate = compilation.compile(object);
  return (frame) => {
    const value = evaluate(frame);
    return isMap(value) && ownValue(value, name) !== undefined;
  };
}

function compileMap({ entries }: ExpressionOf<"map">, compilation: Compilation): Evaluate {
  const evaluators = entries.map(([key, value]) => [compilation.compile(key), compilation.compile(value)] as const);
  return (frame) => Object.fromEntries(evaluators.map(([key, value]) => [want(key(frame), "string"), value(frame)]));
}

function compileLogical(expression: ExpressionOf<"logical">, compilation: Compilation): Evaluate {
  const deciding = expression.operator === "||";
  const [left, right] = [compilation.compile(expression.left), compilation.compile(expression.right)];
  const decide = (frame: Frame, failure: unknown): boolean => {
    if (want(right(frame), "bool") === deciding) return deciding;
    throw failure;
  };
  return (frame) => {
    let first: boolean;
    try {
      first = want(left(frame), "bool");
    } catch (error) {
      if (!isForgivable(error)) throw error;
      return decide(frame, error);
    }
    return first === deciding ? deciding : want(right(frame), "bool");
  };
}
