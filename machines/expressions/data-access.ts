import { EvaluationError } from "#machines/expressions/evaluation-error.ts";
import type { EvaluationErrorCode } from "#machines/expressions/evaluation-error.ts";
import type { ExpressionValues } from "#machines/expressions/evaluation.ts";
import { itemAt } from "#machines/expressions/functions/collections.ts";
import { INTEGER } from "#machines/expressions/functions/declaration.ts";
import { isList, isMap, kindOf, ownValue } from "#machines/expressions/value.ts";
import type { Value } from "#machines/expressions/value.ts";

// Reading of what an expression is given. Own properties only: `constructor` and `__proto__` are names like any other.

export function readOutput(values: ExpressionValues, step: string): Value {
  const output = values.steps(step);
  if (output !== undefined) return output;
  throw new EvaluationError("missing-output", `the step ${step} has no output`);
}

export function readVariable({ variables }: ExpressionValues, name: string): Value {
  const value = variables === undefined ? undefined : ownValue(variables, name);
  if (value !== undefined) return value;
  throw new EvaluationError("missing-variable", `there is no ${name}`);
}

export function readField(object: Value, name: string, missing: EvaluationErrorCode): Value {
  if (!isMap(object)) throw new EvaluationError("type-mismatch", `a ${kindOf(object)} has no property ${name}`);
  const value = ownValue(object, name);
  if (value !== undefined) return value;
  throw new EvaluationError(missing, `there is no property ${name}`);
}

export function readIndex(object: Value, index: Value): Value {
  const position = isList(object) ? INTEGER.read(index) : undefined;
  if (isList(object) && position !== undefined) return itemAt(object, position);
  if (isMap(object) && typeof index === "string") return readField(object, index, "no-such-key");
  throw new EvaluationError("type-mismatch", `a ${kindOf(object)} has no index of kind ${kindOf(index)}`);
}
