// Rules about what the compiler is told to believe: `as`, `any` and `!` end type checking, so each has a place and a reason.
//
// T1. Free are `as const`, XState's `setup({ types: {} as … })` (its documented way to state types), and
//     `JSON.parse(…) as Json`, which says less than the `any` before it.
// T2. Everything else stands in TRUSTED, by file, with the exact number and the reason; a number that is too high is a
//     problem too, so that the list never grows stale.
import ts from "typescript";
import { lineOf, nodesOf, type Source } from "./tree.ts";

/** Files that may assert a type: how often, and why nothing weaker does. */
export type Trusted = Readonly<Record<string, { readonly count: number; readonly reason: string }>>;

export function assertionProblems(source: Source, trusted: Trusted): string[] {
  const lines = assertionLines(source);
  const { count, reason } = trusted[source.path] ?? { count: 0, reason: "" };
  if (lines.length === count) return [];
  if (lines.length < count)
    return [`${source.path}: trusted with ${count} assertions (${reason}), has ${lines.length}`];
  return [`${source.path}:${lines.join(",")}: ${lines.length} type assertions, trusted with ${count}`];
}

/** `any` anywhere, and `!` on an expression. */
export function escapeProblems(source: Source): string[] {
  return [...nodesOf(source.tree)].flatMap((node) => {
    const place = `${source.path}:${lineOf(source, node.getStart())}`;
    if (node.kind === ts.SyntaxKind.AnyKeyword) return [`${place}: any`];
    return ts.isNonNullExpression(node) ? [`${place}: non-null assertion`] : [];
  });
}

function assertionLines(source: Source): number[] {
  return [...nodesOf(source.tree)]
    .filter((node) => ts.isAsExpression(node) || ts.isTypeAssertionExpression(node))
    .filter((node) => !ts.isConstTypeReference(node.type) && !isStatedTypes(node) && !isParsedJson(node))
    .map((node) => lineOf(source, node.getStart()));
}

function isStatedTypes(node: ts.Node): boolean {
  for (let outer = node.parent; !ts.isSourceFile(outer); outer = outer.parent) {
    if (ts.isPropertyAssignment(outer) && outer.name.getText() === "types") {
      const call = outer.parent.parent;
      return ts.isCallExpression(call) && call.expression.getText() === "setup";
    }
  }
  return false;
}

function isParsedJson({ expression, type }: ts.AssertionExpression): boolean {
  const isParse = ts.isCallExpression(expression) && expression.expression.getText() === "JSON.parse";
  return isParse && ["Json", "unknown"].includes(type.getText());
}
