import type { ArithmeticOperator } from "#machines/expressions/arithmetic.ts";
import * as types from "#machines/expressions/expression-type.ts";
import type { ExpressionType } from "#machines/expressions/expression-type.ts";
import type { ComparisonOperator } from "#machines/expressions/expression-tree.ts";

// The types of operators. Undefined = the operator cannot work on such operands, whichever members their unions turn out
// to be.

export function arithmeticType(
  operator: ArithmeticOperator,
  left: ExpressionType,
  right: ExpressionType,
): ExpressionType | undefined {
  return overMembers(left, right, (a, b) => {
    if (isOpen(a) || isOpen(b)) return openResult(operator, isOpen(a) ? b : a);
    if (isNumeric(a) && isNumeric(b)) return numberResult(operator, a, b);
    return (operator === "+" ? joinedType(a, b) : undefined) ?? timeResults.get(`${a.kind} ${operator} ${b.kind}`);
  });
}

function joinedType(left: ExpressionType, right: ExpressionType): ExpressionType | undefined {
  if (left.kind === "string" && right.kind === "string") return types.STRING;
  if (left.kind !== "list" || right.kind !== "list") return undefined;
  return types.listOf(types.lazily(() => types.join(left.element(), right.element())));
}

/** Whether the comparison can ever be made, or for equality ever be true. */
export function isComparable(operator: ComparisonOperator, left: ExpressionType, right: ExpressionType): boolean {
  if (operator === "in") return isMember(left, right);
  const isPair = operator === "==" || operator === "!=" ? mayBeEqual : mayBeOrdered;
  return overMembers(left, right, (a, b) => (isPair(a, b) ? types.BOOL : undefined)) !== undefined;
}

export function negatedType(operand: ExpressionType): ExpressionType | undefined {
  const negatable = types.members(operand).filter((one) => isOpen(one) || isNumeric(one) || one.kind === "duration");
  return negatable.length === 0 ? undefined : types.joinAll(negatable);
}

type PairType = (left: ExpressionType, right: ExpressionType) => ExpressionType | undefined;

function overMembers(left: ExpressionType, right: ExpressionType, pairType: PairType): ExpressionType | undefined {
  const results = types.members(left).flatMap((a) => types.members(right).map((b) => pairType(a, b)));
  const possible = results.filter((result) => result !== undefined);
  return possible.length === 0 ? undefined : types.joinAll(possible);
}

const timeResults: ReadonlyMap<string, ExpressionType> = new Map<string, ExpressionType>([
  ["timestamp + duration", types.TIMESTAMP],
  ["duration + timestamp", types.TIMESTAMP],
  ["duration + duration", types.DURATION],
  ["timestamp - duration", types.TIMESTAMP],
  ["timestamp - timestamp", types.DURATION],
  ["duration - duration", types.DURATION],
]);

function numberResult(operator: ArithmeticOperator, left: ExpressionType, right: ExpressionType): ExpressionType {
  const type = types.join(left, right);
  return operator === "/" && type.kind === "double" ? types.DOUBLE : type;
}

/** One operand may be anything: the other says what can work. */
function openResult(operator: ArithmeticOperator, other: ExpressionType): ExpressionType | undefined {
  if (isOpen(other)) return types.DYN;
  return isNumeric(other) ? types.DOUBLE : openResults.get(`${operator} ${other.kind}`);
}

const openResults: ReadonlyMap<string, ExpressionType> = new Map<string, ExpressionType>([
  ["+ string", types.STRING],
  ["+ list", types.listOf(() => types.DYN)],
  ["+ timestamp", types.DYN],
  ["- timestamp", types.DYN],
  ["+ duration", types.DYN],
  ["- duration", types.DYN],
]);

function mayBeEqual(left: ExpressionType, right: ExpressionType): boolean {
  if (isOpen(left) || isOpen(right) || left.kind === "null" || right.kind === "null") return true;
  if (left.kind === "string" && right.kind === "string") return haveCommonValue(left.values, right.values);
  return left.kind === right.kind || (isNumeric(left) && isNumeric(right));
}

function haveCommonValue(left?: readonly string[], right?: readonly string[]): boolean {
  return left === undefined || right === undefined || left.some((value) => right.includes(value));
}

const ORDERED: readonly types.Kind[] = ["int", "double", "string", "bool", "timestamp", "duration"];

function mayBeOrdered(left: ExpressionType, right: ExpressionType): boolean {
  if (!types.mayBe(left, ORDERED) || !types.mayBe(right, ORDERED)) return false;
  return isOpen(left) || isOpen(right) || left.kind === right.kind || (isNumeric(left) && isNumeric(right));
}

function isMember(left: ExpressionType, right: ExpressionType): boolean {
  return types.members(right).some((container) => {
    if (container.kind === "list") return isComparable("==", left, container.element());
    return isOpen(container) || (container.kind === "map" && types.mayBe(left, ["string"]));
  });
}

function isOpen(type: ExpressionType): boolean {
  return type.kind === "dyn" || type.kind === "never";
}

function isNumeric(type: ExpressionType): boolean {
  return type.kind === "int" || type.kind === "double";
}
