import type { ASTNode } from "@marcbachmann/cel-js";
import type { Macro } from "#machines/expressions/expression-tree.ts";

// CEL's macros over lists and maps: `range.all(x, condition)` and its kin, by name and number of arguments.

export interface MacroForm {
  readonly macro: Macro;
  readonly variable: { readonly name: string; readonly node: ASTNode };
  readonly condition?: ASTNode;
  readonly value?: ASTNode;
}

export const macroNames: readonly Macro[] = ["all", "exists", "exists_one", "filter", "map"];

/** Undefined: a call of another kind. */
export function macroForm(name: string, args: readonly ASTNode[]): MacroForm | undefined {
  const macro = macroNames.find((known) => known === name);
  const [variable, second, third] = args;
  if (macro === undefined || variable?.op !== "id" || second === undefined || args.length > 3) return undefined;
  const head = { macro, variable: { name: variable.args, node: variable } };
  if (third !== undefined) return macro === "map" ? { ...head, condition: second, value: third } : undefined;
  return macro === "map" ? { ...head, value: second } : { ...head, condition: second };
}
