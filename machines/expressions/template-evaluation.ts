import type { Json } from "#events/json.ts";
import { EvaluationError } from "#machines/expressions/evaluation-error.ts";
import type { EvaluationErrorCode } from "#machines/expressions/evaluation-error.ts";
import type { Evaluate, ExpressionValues, Frame } from "#machines/expressions/evaluation.ts";
import type { Expression } from "#machines/expressions/expression-tree.ts";
import type { Path } from "#machines/expressions/finding.ts";
import { MAX_WORK_UNITS } from "#machines/expressions/limits.ts";
import { chargeChars } from "#machines/expressions/meter.ts";
import type { Value } from "#machines/expressions/value.ts";
import { toJson, toText } from "#machines/expressions/value-output.ts";

// One evaluation of a template: one budget for all its expressions, and the place of the one that is at work.
// Here errors become values: nothing that an expression does is thrown beyond this file.

export type Evaluated<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: TemplateError };

export interface TemplateError {
  readonly code: EvaluationErrorCode;
  readonly message: string;
  /** Where the string is inside the template. */
  readonly path: Path;
}

interface TemplateFrame extends Frame {
  at: ExpressionPlace;
}

interface ExpressionPlace {
  readonly path: Path;
  /** The expression's text. */
  readonly text: string;
}

export type Produce<T> = (frame: TemplateFrame) => T;

const NOWHERE: ExpressionPlace = { path: [], text: "" };
const MAX_QUOTED_CHARS = 80;

export function evaluateSafely<T>(values: ExpressionValues, produce: Produce<T>): Evaluated<T> {
  const frame: TemplateFrame = { values, locals: [], unitsLeft: MAX_WORK_UNITS, at: NOWHERE };
  try {
    return { ok: true, value: produce(frame) };
  } catch (error) {
    const code = error instanceof EvaluationError ? error.code : "internal";
    const reason = error instanceof Error ? error.message : String(error);
    const { path, text } = frame.at;
    const quoted = text.length > MAX_QUOTED_CHARS ? `${text.slice(0, MAX_QUOTED_CHARS)}…` : text;
    return { ok: false, error: { code, message: `${reason} (in ${quoted.trim()})`, path } };
  }
}

export interface PlacedExpression extends ExpressionPlace {
  readonly tree: Expression;
  readonly evaluate: Evaluate;
}

export function produceValue(expression: PlacedExpression): Produce<Json> {
  const isData = readsDataOnly(expression.tree);
  const { evaluate } = expression;
  return (frame) => {
    frame.at = expression;
    const value = evaluate(frame);
    return isUnchanged(value, isData) ? value : toJson(frame, value);
  };
}

export function produceText(parts: readonly (string | PlacedExpression)[]): Produce<string> {
  return (frame) => {
    const texts = parts.map((part) => {
      if (typeof part === "string") return part;
      frame.at = part;
      return toText(frame, part.evaluate(frame));
    });
    chargeChars(
      frame,
      texts.reduce((chars, text) => chars + text.length, 0),
    );
    return texts.join("");
  };
}

/** Nothing but a path into what the expression was given: so the value is JSON, and need not be walked. */
function readsDataOnly(tree: Expression): boolean {
  if (tree.kind === "select" || tree.kind === "index") return readsDataOnly(tree.object);
  return tree.kind === "output" || tree.kind === "inputs" || tree.kind === "variable";
}

function isUnchanged(_value: Value, isData: boolean): _value is Json {
  return isData;
}
