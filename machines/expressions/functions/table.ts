import { collectionFunctions } from "#machines/expressions/functions/collections.ts";
import { combiningFunctions } from "#machines/expressions/functions/combining.ts";
import { conversionFunctions } from "#machines/expressions/functions/conversions.ts";
import type { FunctionDeclaration } from "#machines/expressions/functions/declaration.ts";
import { textFunctions } from "#machines/expressions/functions/text.ts";
import { timeFunctions } from "#machines/expressions/functions/time.ts";

// All functions of the language, found by name and number of arguments (a method's receiver is its first argument).
// What is here is in docs/expressions.md, each with an example that a test evaluates.

const declarations = [
  ...textFunctions,
  ...collectionFunctions,
  ...combiningFunctions,
  ...conversionFunctions,
  ...timeFunctions,
];
const overloads = Map.groupBy(declarations, ({ name, parameters }) => key(name, parameters.length));
const names = Map.groupBy(declarations, ({ name }) => name);

/** What the parser turns into something else than a call; the pattern of `matches` is compiled with the expression. */
const specialForms: readonly string[] = [
  "has(path.field)",
  "list.all(x, condition)",
  "list.exists(x, condition)",
  "list.exists_one(x, condition)",
  "list.filter(x, condition)",
  "list.map(x, value)",
  "list.map(x, condition, value)",
  "list.reduce(acc, x, initial, value)",
  "matches(string, pattern)",
];

export function overloadsOf(name: string, argumentCount: number): readonly FunctionDeclaration[] {
  return overloads.get(key(name, argumentCount)) ?? [];
}

/** The numbers of arguments that functions of that name take; empty: there is none. */
export function argumentCountsOf(name: string): readonly number[] {
  return [...new Set((names.get(name) ?? []).map(({ parameters }) => parameters.length))];
}

export function functionNames(): readonly string[] {
  return [...names.keys()];
}

/** Every signature once, for the documentation: the forms and then the functions. */
export function signatures(): readonly string[] {
  return [...specialForms, ...declarations.map(({ signature }) => signature)];
}

function key(name: string, argumentCount: number): string {
  return `${name}/${argumentCount}`;
}
