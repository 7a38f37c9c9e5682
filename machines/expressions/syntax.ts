import { Environment, ParseError } from "@marcbachmann/cel-js";
import type { ASTNode } from "@marcbachmann/cel-js";
import type { Remark } from "#machines/expressions/finding.ts";
import {
  MAX_CALL_ARGUMENTS,
  MAX_EXPRESSION_CHARS,
  MAX_EXPRESSION_DEPTH,
  MAX_EXPRESSION_NODES,
  MAX_NESTING,
} from "#machines/expressions/limits.ts";

// The grammar of CEL: text to syntax tree, by the library. Only its parser is used: its evaluator has no budget and cannot
// be given one (operators and `matches` cannot be replaced), its types cannot say what a schema says, and some of its date
// functions read the machine's time zone.

export type Syntax = { readonly ok: true; readonly tree: ASTNode } | { readonly ok: false; readonly remark: Remark };

const grammar = new Environment({
  limits: { maxAstNodes: MAX_EXPRESSION_NODES, maxDepth: MAX_NESTING, maxCallArguments: MAX_CALL_ARGUMENTS },
});

export function parseSyntax(text: string): Syntax {
  if (text.length > MAX_EXPRESSION_CHARS) {
    return refused("expression-too-complex", `the expression is above ${MAX_EXPRESSION_CHARS} characters`, [0, 1]);
  }
  if (text.trim() === "") return refused("syntax-error", "the expression is empty", [0, text.length]);
  try {
    const tree = grammar.parse(text).ast;
    if (!isDeeper(tree, MAX_EXPRESSION_DEPTH)) return { ok: true, tree };
    return refused("expression-too-complex", "too many operations within each other", [tree.start, tree.end]);
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    const { start, end } = error.range ?? { start: 0, end: text.length };
    const isLimit = error.code === "limit_exceeded";
    return refused(isLimit ? "expression-too-complex" : "syntax-error", error.summary, [start, end]);
  }
}

/** The direct parts of a node. */
function childrenOf(node: ASTNode): readonly ASTNode[] {
  if (node.op === "value" || node.op === "id") return [];
  if (node.op === "." || node.op === ".?") return [node.args[0]];
  if (node.op === "call") return node.args[1];
  if (node.op === "rcall") return [node.args[1], ...node.args[2]];
  if (node.op === "map") return node.args.flat();
  return node.op === "!_" || node.op === "-_" ? [node.args] : node.args;
}

function isDeeper(node: ASTNode, levels: number): boolean {
  return levels === 0 || childrenOf(node).some((child) => isDeeper(child, levels - 1));
}

function refused(code: string, message: string, [start, end]: readonly [number, number]): Syntax {
  return { ok: false, remark: { code, message, start, end } };
}
