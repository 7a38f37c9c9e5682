import type { Compilation, Evaluate } from "#machines/expressions/evaluation.ts";
import { EvaluationError } from "#machines/expressions/evaluation-error.ts";
import type { ExpressionOf } from "#machines/expressions/expression-tree.ts";
import { overloadsOf } from "#machines/expressions/functions/table.ts";
import { charge } from "#machines/expressions/meter.ts";
import { kindOf } from "#machines/expressions/value.ts";

// A call takes the first overload whose parameters fit the values: chosen when it runs, because types may not be known.

/** What any call costs at least; parsing of a short text (a time, a number) is the dearest. */
const CALL_UNITS = 20;

export function compileCall(expression: ExpressionOf<"call">, compilation: Compilation): Evaluate {
  const { name } = expression;
  const overloads = overloadsOf(name, expression.arguments.length);
  const evaluators = expression.arguments.map((argument) => compilation.compile(argument));
  return (frame) => {
    charge(frame, CALL_UNITS);
    const values = evaluators.map((evaluate) => evaluate(frame));
    for (const overload of overloads) {
      const result = overload.attempt(values, frame);
      if (result !== undefined) return result;
    }
    throw new EvaluationError("type-mismatch", `there is no ${name}(${values.map(kindOf).join(", ")})`);
  };
}
