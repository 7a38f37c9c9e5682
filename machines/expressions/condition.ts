import { EvaluationError } from "#machines/expressions/evaluation-error.ts";
import type { ExpressionValues } from "#machines/expressions/evaluation.ts";
import type { References } from "#machines/expressions/expression-tree.ts";
import { describeType, mayBe } from "#machines/expressions/expression-type.ts";
import type { Finding } from "#machines/expressions/finding.ts";
import type { TemplateOptions } from "#machines/expressions/template.ts";
import { evaluateSafely } from "#machines/expressions/template-evaluation.ts";
import type { Evaluated } from "#machines/expressions/template-evaluation.ts";
import { StringCompiler } from "#machines/expressions/template-string.ts";
import type { TypedExpression } from "#machines/expressions/template-string.ts";
import { splitTemplate } from "#machines/expressions/template-text.ts";
import { kindOf } from "#machines/expressions/value.ts";

// A string that is one expression and gives true or false, as a step's `when`. The `${ … }` around it may be left out.
// Text with an expression inside is no condition: a text that happens to be "true" is not a decision.

export interface Condition {
  readonly references: References;
  evaluate(values: ExpressionValues): Evaluated<boolean>;
}

export type ConditionResult =
  { readonly ok: true; readonly condition: Condition } | { readonly ok: false; readonly findings: readonly Finding[] };

/** The path of findings is empty: the place is in `text` itself. */
export function compileCondition(text: string, options: TemplateOptions = {}): ConditionResult {
  const strings = new StringCompiler(options.scope);
  const compiled = strings.compileExpression(expressionIn(text), { path: [], text });
  if (compiled !== undefined && !mayBe(compiled.type, ["bool"])) {
    const message = `a condition is true or false, this is ${describeType(compiled.type)}`;
    strings.refuse({ path: [], text }, { code: "not-a-condition", message, start: 0, end: text.length });
  }
  const { findings, references } = strings;
  if (compiled === undefined || findings.length > 0) return { ok: false, findings };
  return { ok: true, condition: { references, evaluate: (values) => evaluateCondition(compiled, values) } };
}

/** What is between the braces, or all of it. */
function expressionIn(text: string): { text: string; offset: number } {
  const split = splitTemplate(text.trimEnd());
  const [only] = split.ok && split.parts.length === 1 ? split.parts : [];
  return only?.kind === "expression" ? only : { text, offset: 0 };
}

function evaluateCondition(compiled: TypedExpression, values: ExpressionValues): Evaluated<boolean> {
  return evaluateSafely(values, (frame) => {
    frame.at = compiled;
    const value = compiled.evaluate(frame);
    if (typeof value === "boolean") return value;
    throw new EvaluationError("type-mismatch", `a condition is true or false, this is ${kindOf(value)}`);
  });
}
