import { EvaluationError } from "#machines/expressions/evaluation-error.ts";
import { MAX_VALUE_DEPTH } from "#machines/expressions/limits.ts";
import { charge, chargeChars } from "#machines/expressions/meter.ts";
import type { Meter } from "#machines/expressions/meter.ts";
import { Duration, isList, isMap, isNumber, kindOf, ownValue, Timestamp } from "#machines/expressions/value.ts";
import type { Value, ValueMap } from "#machines/expressions/value.ts";

// Equality and order. Ints and doubles compare by their mathematical value (exactly: no int is rounded to a double);
// values of different kinds are unequal and have no order.

export function equal(meter: Meter, left: Value, right: Value): boolean {
  return equalAt(meter, [left, right], 0);
}

/** Negative, zero or positive; NaN where one of them is NaN. Throws `type-mismatch` for kinds without an order. */
export function compare(meter: Meter, left: Value, right: Value): number {
  if (isNumber(left) && isNumber(right)) return order(left, right);
  if (typeof left === "string" && typeof right === "string") {
    chargeChars(meter, Math.min(left.length, right.length));
    return order(left, right);
  }
  if (left instanceof Timestamp && right instanceof Timestamp) return order(left.epochMs, right.epochMs);
  if (left instanceof Duration && right instanceof Duration) return order(left.ms, right.ms);
  if (typeof left === "boolean" && typeof right === "boolean") return order(left, right);
  throw new EvaluationError("type-mismatch", `${kindOf(left)} and ${kindOf(right)} have no order`);
}

function order<T extends number | bigint | string | boolean>(left: T, right: T): number {
  if (left < right) return -1;
  if (left > right) return 1;
  return left === right || left == right ? 0 : NaN;
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

function equalObjects(meter: Meter, [left, right]: readonly [object & Value, object & Value], depth: number): boolean {
  if (depth > MAX_VALUE_DEPTH) throw new EvaluationError("limit-exceeded", `nested deeper than ${MAX_VALUE_DEPTH}`);
  if (left instanceof Timestamp) return right instanceof Timestamp && left.epochMs === right.epochMs;
  if (left instanceof Duration) return right instanceof Duration && left.ms === right.ms;
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
  if (value instanceof Timestamp) return `t${value.epochMs}`;
  if (value instanceof Duration) return `d${value.ms}`;
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
