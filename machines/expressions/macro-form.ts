import type { ASTNode } from "@marcbachmann/cel-js";
import type { Macro } from "#machines/expressions/expression-tree.ts";

// CEL's macros over lists and maps: `range.all(x, condition)` and its kin, by name and number of arguments. `reduce`, which CEL has not, is
// one of them with two variables.

interface Variable {
  readonly name: string;
  readonly node: ASTNode;
}

export interface MacroForm {
  readonly macro: Macro;
  readonly variable: Variable;
  readonly condition?: ASTNode;
  readonly value?: ASTNode;
}

export const macroNames: readonly Macro[] = ["all", "exists", "exists_one", "filter", "map"];

/** Undefined: a call of another kind. */
export function macroForm(name: string, args: readonly ASTNode[]): MacroForm | undefined {
  const macro = macroNames.find((known) => known === name);
  const [variable, second, third] = args;
  if (macro === undefined || variable?.op !== "id" || second === undefined || args.length > 3) return undefined;
  const head = { macro, variable: variableOf(variable) };
  if (third !== undefined) return macro === "map" ? { ...head, condition: second, value: third } : undefined;
  return macro === "map" ? { ...head, value: second } : { ...head, condition: second };
}

export const REDUCE = "reduce";

/** `range.reduce(accumulated, x, initial, value)`. */
export interface ReduceForm {
  readonly accumulated: Variable;
  readonly variable: Variable;
  readonly initial: ASTNode;
  readonly value: ASTNode;
}

export function reduceForm(name: string, args: readonly ASTNode[]): ReduceForm | undefined {
  const [accumulated, variable, initial, value] = args;
  if (name !== REDUCE || accumulated?.op !== "id" || variable?.op !== "id" || args.length > 4) return undefined;
  if (initial === undefined || value === undefined) return undefined;
  return { accumulated: variableOf(accumulated), variable: variableOf(variable), initial, value };
}

function variableOf(node: Extract<ASTNode, { op: "id" }>): Variable {
  return { name: node.args, node };
}
