import { EvaluationError } from "#machines/expressions/evaluation-error.ts";
import { MAX_VALUE_DEPTH } from "#machines/expressions/limits.ts";
import { charge, chargeChars } from "#machines/expressions/meter.ts";
import type { Meter } from "#machines/expressions/meter.ts";
import { isDuration, isList, isMap, isNumber, isTimestamp, kindOf, ownValue } from "#machines/expressions/value.ts";
import type { Value, ValueMap } from "#machines/expressions/value.ts";

// Equality and order. Ints and doubles compare by their mathematical value (exactly: no int is rounded to a double);
// values of different kinds are unequal and have no order.

export function equal(meter: Meter, left: Value, right: Value): boolean {
  return equalAt(meter, [left, right], 0);
}

/** Negative, zero or positive; NaN where one of them is NaN. Throws `type-mismatch` for kinds without an order. */
export function compare(meter: Meter, left: Value, right: Value): number {
  if (typeof left === "string" && typeof right === "string") chargeChars(meter, Math.min(left.length, right.length));
  const [a, b] = [orderKey(left), orderKey(right)];
  if (a === undefined || b === undefined || (kindOf(left) !== kindOf(right) && !(isNumber(left) && isNumber(right)))) {
    throw new EvaluationError("type-mismatch", `${kindOf(left)} and ${kindOf(right)} have no order`);
  }
  return order(a, b);
}

type Ordered = number | bigint | string | boolean;

/** What stands for the value in an order; undefined: it has none. */
function orderKey(value: Value): Ordered | undefined {
  if (isTimestamp(value)) return value.epochMs;
  if (isDuration(value)) return value.ms;
  return typeof value === "object" ? undefined : value;
}

function order(left: Ordered, right: Ordered): number {
  if (left < right) return -1;
  if (left > right) return 1;
  return left <= right ? 0 : NaN;
}

function equalAt(meter: Meter, [left, right]: readonly [Value, Value], depth: number): boolean {
  charge(meter, 1);
  if (isNumber(left) && isNumber(right)) return order(left, right) === 0;
  if (typeof left === "string" && typeof right === "string") {
    if (left.length === right.length) chargeChars(meter, left.length);
    return left === right;
  }
  if (left === null || right === null || typeof left !== "object" || typeof right !== "object") return left === right;
  return equalObjects(meter, [left, right], depth + 1);
}

function equalObjects(meter: Meter, [left, right]: Pair<object & Value>, depth: number): boolean {
  if (left === right) return true;
  if (depth > MAX_VALUE_DEPTH) throw new EvaluationError("limit-exceeded", `nested deeper than ${MAX_VALUE_DEPTH}`);
  const key = orderKey(left);
  if (key !== undefined) return kindOf(left) === kindOf(right) && key === orderKey(right);
  if (isList(left)) return isList(right) && equalLists(meter, [left, right], depth);
  return isMap(left) && isMap(right) && equalMaps(meter, [left, right], depth);
}

type Pair<T> = readonly [T, T];

function equalLists(meter: Meter, [left, right]: Pair<readonly Value[]>, depth: number): boolean {
  if (left.length !== right.length) return false;
  return left.every((item, index) => equalAt(meter, [item, right[index] ?? null], depth));
}

function equalMaps(meter: Meter, [left, right]: Pair<ValueMap>, depth: number): boolean {
  const keys = Object.keys(left);
  charge(meter, keys.length);
  if (keys.length !== Object.keys(right).length) return false;
  return keys.every((key) => {
    const [a, b] = [ownValue(left, key), ownValue(right, key)];
    return a !== undefined && b !== undefined && equalAt(meter, [a, b], depth);
  });
}

/** A text that two values share exactly when they are equal. */
export function identityOf(meter: Meter, value: Value, depth = 0): string {
  charge(meter, 2);
  if (depth > MAX_VALUE_DEPTH) throw new EvaluationError("limit-exceeded", `nested deeper than ${MAX_VALUE_DEPTH}`);
  if (isTimestamp(value)) return `t${value.epochMs}`;
  if (isDuration(value)) return `d${value.ms}`;
  if (isNumber(value)) return numberIdentity(value);
  if (isList(value)) return `[${value.map((item) => identityOf(meter, item, depth + 1)).join()}]`;
  if (!isMap(value)) {
    const text = JSON.stringify(value);
    chargeChars(meter, text.length);
    return text;
  }
  const keys = Object.keys(value).toSorted();
  charge(meter, keys.length);
  return `{${keys.map((key) => `${JSON.stringify(key)}:${identityOf(meter, value[key] ?? null, depth + 1)}`).join()}}`;
}

function numberIdentity(value: number | bigint): string {
  return typeof value === "number" && Number.isInteger(value) ? BigInt(value).toString() : value.toString();
}
