import fc from "fast-check";
import { functionNames, overloadsOf } from "#machines/expressions/functions/table.ts";

// Texts of expressions for properties: any that the grammar allows, and some whose types fit.

const operators = ["+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "in", "&&", "||"];
const macros = ["all", "exists", "exists_one", "filter", "map"];
const calls = functionNames().flatMap((name) =>
  [1, 2, 3].filter((count) => overloadsOf(name, count).length > 0).map((count) => ({ name, count })),
);

const literal = fc.oneof(
  fc.constantFrom("true", "false", "null", "''", "[]", "{}", "'}'", "r'{'", '"""{"""', "'%s'", "'1.5'", "'high'"),
  fc.integer({ min: -9, max: 99 }).map(String),
  fc.constantFrom("0.5", "2.0", "-1.5", "1e3"),
);

/** Right, wrong by type, and nested a few levels; `paths` are what they read. */
export function anyExpression(paths: readonly string[]): fc.Arbitrary<string> {
  const leaf = fc.oneof(literal, fc.constantFrom(...paths));
  const { expression } = fc.letrec<{ expression: string }>((tie) => {
    const part = tie("expression");
    const parts = (count: number) => fc.array(part, { minLength: count, maxLength: count });
    return {
      expression: fc.oneof(
        { maxDepth: 4, depthSize: "small" },
        leaf,
        fc.tuple(part, fc.constantFrom(...operators), part).map(([a, op, b]) => `(${a} ${op} ${b})`),
        fc.constantFrom(...calls).chain(({ name, count }) => parts(count).map((args) => `${name}(${args.join(", ")})`)),
        fc.tuple(part, fc.constantFrom(...macros), part).map(([a, macro, b]) => `${a}.${macro}(x, ${b})`),
        parts(3).map(([a, b, c]) => `${a}.reduce(y, x, ${b}, ${c})`),
        parts(3).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
        parts(2).map(([a, b]) => `${a}[${b}]`),
        fc.tuple(part, fc.constantFrom("a", "size", "__proto__")).map(([a, name]) => `${a}.${name}`),
        parts(2).map((items) => `[${items.join(", ")}]`),
        parts(2).map(([a, b]) => `{'a': ${a}, 'b': ${b}}`),
        fc.tuple(fc.constantFrom("!", "-"), part).map(([operator, a]) => `${operator}${a}`),
      ),
    };
  });
  return expression;
}

/** What the leaves of well-typed expressions are, by type. */
export interface Leaves {
  readonly number: readonly string[];
  readonly text: readonly string[];
  readonly list: readonly string[];
}

/** Mostly right by type, with the functions that every evaluator of CEL has. */
export function typedExpression(leaves: Leaves): fc.Arbitrary<string> {
  const { any } = fc.letrec<Record<"any" | "number" | "text" | "bool" | "list", string>>((tie) => {
    const [number, text, bool, list] = [tie("number"), tie("text"), tie("bool"), tie("list")];
    const deep = { maxDepth: 4, depthSize: "small" } as const;
    const binary = (part: fc.Arbitrary<string>, ...signs: string[]) =>
      fc.tuple(part, fc.constantFrom(...signs), part).map(([a, sign, b]) => `(${a} ${sign} ${b})`);
    const choice = (part: fc.Arbitrary<string>) =>
      fc.tuple(bool, part, part).map(([a, b, c]) => `(${a} ? ${b} : ${c})`);
    return {
      number: fc.oneof(
        deep,
        fc.constantFrom(...leaves.number),
        binary(number, "+", "-", "*", "/", "%"),
        fc.oneof(text, list).map((part) => `size(${part})`),
        fc.tuple(text, text).map(([a, b]) => `${a}.indexOf(${b})`),
        fc.tuple(list, number).map(([a, index]) => `${a}[${index}]`),
        choice(number),
      ),
      text: fc.oneof(
        deep,
        fc.constantFrom(...leaves.text),
        binary(text, "+"),
        fc.tuple(text, number).map(([a, from]) => `${a}.substring(${from})`),
        list.map((part) => `${part}.map(n, 'i').join('-')`),
        choice(text),
      ),
      bool: fc.oneof(
        deep,
        fc.constantFrom("true", "false"),
        binary(number, "<", "<=", ">", ">=", "==", "!="),
        binary(text, "<", "==", "!="),
        binary(list, "==", "!="),
        binary(bool, "&&", "||"),
        bool.map((part) => `!${part}`),
        fc.tuple(text, text).map(([a, b]) => `${a}.contains(${b})`),
        fc.tuple(number, list).map(([a, b]) => `(${a} in ${b})`),
        fc
          .tuple(list, fc.constantFrom("all", "exists", "exists_one"), number)
          .map(([a, macro, b]) => `${a}.${macro}(n, n < ${b})`),
      ),
      list: fc.oneof(
        deep,
        fc.constantFrom(...leaves.list),
        fc.tuple(number, number).map(([a, b]) => `[${a}, ${b}]`),
        binary(list, "+"),
        fc.tuple(list, number).map(([a, b]) => `${a}.map(n, n * ${b})`),
        fc.tuple(list, number).map(([a, b]) => `${a}.filter(n, n > ${b})`),
        choice(list),
      ),
      any: fc.oneof(
        number,
        text,
        bool,
        list,
        fc.tuple(number, text).map(([a, b]) => `{'a': ${a}, 'b': [${b}]}`),
      ),
    };
  });
  return any;
}
