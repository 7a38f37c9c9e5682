import type { Expression, ExpressionOf } from "#machines/expressions/expression-tree.ts";

// What a condition says of the values that it reads, where it holds and where it does not: that an output or a property is there, that
// a value is not null. Whatever stands behind the condition may rely on it.
//
// K1. Only what a condition surely says is known: of `a || b` what both say.
// K2. `index > 0` says of an iteration that it is not the first, so that `previous` is not null.

/** Facts as texts: `there KEY` (it can be read), `some KEY` (it is not null). */
export type Known = ReadonlySet<string>;

export const NOTHING_KNOWN: Known = new Set();

export function isThere(known: Known, key: string | undefined): boolean {
  return key !== undefined && known.has(`there ${key}`);
}

export function isSome(known: Known, key: string | undefined): boolean {
  return key !== undefined && known.has(`some ${key}`);
}

/** The same place has the same key, however it is written; undefined for what is computed. */
export function keyOf(expression: Expression): string | undefined {
  const { kind } = expression;
  if (kind === "inputs") return "inputs";
  if (kind === "output") return `steps ${expression.step}`;
  if (kind === "variable") return `$${expression.name}`;
  if (kind === "local") return `#${expression.slot}`;
  if (kind === "select") return inside(expression.object, expression.name);
  const isNamed = kind === "index" && expression.index.kind === "literal";
  return isNamed ? inside(expression.object, String(expression.index.value)) : undefined;
}

/** What is known besides where the condition holds, or where it does not. */
export function knowing(known: Known, condition: Expression | undefined, holds: boolean): Known {
  const more = condition === undefined ? [] : saidBy(condition, holds);
  return more.length === 0 ? known : new Set([...known, ...more]);
}

/** Without what was known of variables that mean something else from here on. */
export function forgetting(known: Known, names: readonly string[]): Known {
  const keys = names.map((name) => `$${name}`);
  const isOf = (fact: string): boolean =>
    keys.some((key) => {
      const place = fact.slice(fact.indexOf(" ") + 1);
      return place === key || place.startsWith(`${key}.`);
    });
  return new Set([...known].filter((fact) => !isOf(fact)));
}

function saidBy(condition: Expression, holds: boolean): readonly string[] {
  const { kind } = condition;
  if (kind === "not") return saidBy(condition.operand, !holds);
  if (kind === "logical") return saidByBoth(condition, holds);
  if (kind === "comparison") {
    return [...saidOfNull(condition, holds), ...saidOfKey(condition, holds), ...saidOfIndex(condition, holds)];
  }
  if (kind === "hasOutput") return holds ? [`there steps ${condition.step}`] : [];
  if (kind !== "has" || !holds) return [];
  return [...there(inside(condition.object, condition.name)), ...some(condition.object)];
}

function saidByBoth({ operator, left, right }: ExpressionOf<"logical">, holds: boolean): readonly string[] {
  const [one, other] = [saidBy(left, holds), saidBy(right, holds)];
  return (operator === "&&") === holds ? [...one, ...other] : one.filter((fact) => other.includes(fact));
}

/** `x != null`, `x == "text"`. */
function saidOfNull({ operator, left, right }: ExpressionOf<"comparison">, holds: boolean): readonly string[] {
  if (operator !== "==" && operator !== "!=") return [];
  const [literal, other] = left.kind === "literal" ? [left, right] : [right, left];
  if (literal.kind !== "literal") return [];
  const areEqual = (operator === "==") === holds;
  return areEqual === (literal.value !== null) ? some(other) : [];
}

/** `"name" in x`. */
function saidOfKey({ operator, left, right }: ExpressionOf<"comparison">, holds: boolean): readonly string[] {
  if (operator !== "in" || !holds || left.kind !== "literal") return [];
  return typeof left.value === "string" ? [...there(inside(right, left.value)), ...some(right)] : [];
}

/** The least number for which the comparison with `index` says that there was an iteration before; by operator and outcome. */
const LEAST: Readonly<Record<string, number>> = {
  "> true": 0,
  ">= true": 1,
  "== true": 1,
  "<= false": 0,
  "< false": 1,
};

function saidOfIndex({ operator, left, right }: ExpressionOf<"comparison">, holds: boolean): readonly string[] {
  if (left.kind !== "variable" || left.name !== "index" || right.kind !== "literal") return [];
  const number = Number(right.value);
  const isOther = number === 0 && (operator === "==" || operator === "!=") && (operator === "!=") === holds;
  const least = LEAST[`${operator} ${holds}`] ?? Infinity;
  return isOther || number >= least ? ["some $previous"] : [];
}

function there(key: string | undefined): readonly string[] {
  return key === undefined ? [] : [`there ${key}`];
}

function some(expression: Expression): readonly string[] {
  const key = keyOf(expression);
  return key === undefined ? [] : [`some ${key}`];
}

function inside(object: Expression, name: string): string | undefined {
  const key = keyOf(object);
  return key === undefined ? undefined : `${key}.${name}`;
}
