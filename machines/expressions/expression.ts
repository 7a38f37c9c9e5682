import { compileExpressionTree } from "#machines/expressions/compile.ts";
import type { Evaluate } from "#machines/expressions/evaluation.ts";
import type { Expression, References } from "#machines/expressions/expression-tree.ts";
import type { Remark } from "#machines/expressions/finding.ts";
import { MAX_CACHED_CHARS } from "#machines/expressions/limits.ts";
import { RecentTexts } from "#machines/expressions/recent-texts.ts";
import { resolveNames } from "#machines/expressions/resolve.ts";
import { parseSyntax } from "#machines/expressions/syntax.ts";

// One expression's text, parsed, resolved and compiled once. No types: those depend on where it stands.

interface CompiledExpression {
  readonly tree: Expression;
  readonly references: References;
  readonly evaluate: Evaluate;
}

export type ExpressionResult =
  | { readonly ok: true; readonly compiled: CompiledExpression }
  | { readonly ok: false; readonly remarks: readonly Remark[] };

const known = new RecentTexts<ExpressionResult>(MAX_CACHED_CHARS);

export function parseExpression(text: string): ExpressionResult {
  return known.get(text, parse);
}

function parse(text: string): ExpressionResult {
  const syntax = parseSyntax(text);
  if (!syntax.ok) return { ok: false, remarks: [syntax.remark] };
  const { expression, remarks, references } = resolveNames(syntax.tree);
  if (expression === undefined) return { ok: false, remarks };
  return { ok: true, compiled: { tree: expression, references, evaluate: compileExpressionTree(expression) } };
}
