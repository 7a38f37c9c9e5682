import { checkExpression, elementType } from "#machines/expressions/check.ts";
import type { Expression, ExpressionOf } from "#machines/expressions/expression-tree.ts";
import * as types from "#machines/expressions/expression-type.ts";
import type { ExpressionType } from "#machines/expressions/expression-type.ts";
import type { TypeScope } from "#machines/expressions/type-scope.ts";
import { isSome, keyOf, knowing, type Known } from "#src/planning/validation/known.ts";

// The type of an expression with what is known where it stands: `x == null ? "" : x` is never null, and neither is an element of
// `list.filter(x, x != null)`.

/** Null because of the plan's own words (`tolerate`, `when`, the first iteration), not because a schema allows it. */
const PLAN_NULL: ExpressionType = { kind: "null" };

/** Anything, or null because of the plan's words: joining the two would only say anything. */
export const ANYTHING_OR_PLAN_NULL: ExpressionType = {
  kind: "union",
  members: [PLAN_NULL, types.DYN],
};

export function orPlanNull(type: ExpressionType): ExpressionType {
  return types.members(type).some(({ kind }) => kind === "dyn") ? ANYTHING_OR_PLAN_NULL : types.join(PLAN_NULL, type);
}

export interface Reading {
  readonly scope: TypeScope;
  readonly known: Known;
  /** Steps whose output may not be there. */
  readonly absent: ReadonlySet<string>;
  /** Types of macro variables, by slot. */
  readonly locals: readonly ExpressionType[];
}

export function narrowedType(expression: Expression, reading: Reading): ExpressionType {
  if (expression.kind === "conditional") return typeOfEither(expression, reading);
  if (expression.kind === "macro" && expression.macro === "filter") return typeOfFiltered(expression, reading);
  if (expression.kind === "macro" && expression.macro === "map") return typeOfMapped(expression, reading);
  const { type } = checkExpression(expression, reading.scope, reading.locals);
  return isSome(reading.known, keyOf(expression)) ? withoutNull(type) : type;
}

/** Inside of a macro, where its condition holds. */
export function insideMacro(expression: ExpressionOf<"macro">, reading: Reading): Reading {
  const { range, slot, condition } = expression;
  const element = elementType(narrowedType(range, reading)) ?? types.DYN;
  const locals = [...reading.locals];
  locals[slot] = element;
  return {
    ...reading,
    locals,
    known: knowing(knownOfElements(expression, reading.known), condition, true),
  };
}

/** Nothing is known of what was made so far. */
export function insideReduce({ range, slot, accumulated }: ExpressionOf<"reduce">, reading: Reading): Reading {
  const locals = [...reading.locals];
  locals[accumulated] = types.DYN;
  locals[slot] = elementType(narrowedType(range, reading)) ?? types.DYN;
  return { ...reading, locals, known: fresh(fresh(reading.known, slot), accumulated) };
}

/** What the filters say that a list has gone through: their variable has the same slot. */
export function knownOfElements({ range, slot }: ExpressionOf<"macro">, known: Known): Known {
  if (range.kind !== "macro" || range.macro !== "filter") return fresh(known, slot);
  return knowing(knownOfElements(range, known), range.condition, true);
}

/** Nothing is known of a variable whose macro begins. */
function fresh(known: Known, slot: number): Known {
  const isOfSlot = (fact: string): boolean => fact.endsWith(` #${slot}`) || fact.includes(` #${slot}.`);
  return new Set([...known].filter((fact) => !isOfSlot(fact)));
}

export function mayBeNull(type: ExpressionType): boolean {
  return types.members(type).some(({ kind }) => kind === "null");
}

/** Whether the plan's own words make it null. */
export function isPlanNull(type: ExpressionType): boolean {
  return types.members(type).includes(PLAN_NULL);
}

function typeOfEither({ condition, whenTrue, whenFalse }: ExpressionOf<"conditional">, reading: Reading) {
  const branch = (part: Expression, holds: boolean): ExpressionType =>
    narrowedType(part, {
      ...reading,
      known: knowing(reading.known, condition, holds),
    });
  return types.join(branch(whenTrue, true), branch(whenFalse, false));
}

function typeOfFiltered(expression: ExpressionOf<"macro">, reading: Reading): ExpressionType {
  const inner = insideMacro(expression, reading);
  const element = inner.locals[expression.slot] ?? types.DYN;
  return types.listOf(() => (isSome(inner.known, `#${expression.slot}`) ? withoutNull(element) : element));
}

function typeOfMapped(expression: ExpressionOf<"macro">, reading: Reading): ExpressionType {
  const { value } = expression;
  const type = value === undefined ? types.DYN : narrowedType(value, insideMacro(expression, reading));
  return types.listOf(() => type);
}

function withoutNull(type: ExpressionType): ExpressionType {
  return types.joinAll(types.members(type).filter(({ kind }) => kind !== "null"));
}
