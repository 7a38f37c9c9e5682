import type { Json } from "#events/json.ts";
import { EvaluationError } from "#machines/expressions/evaluation-error.ts";
import { MAX_VALUE_DEPTH } from "#machines/expressions/limits.ts";
import { charge, chargeChars } from "#machines/expressions/meter.ts";
import type { Meter } from "#machines/expressions/meter.ts";
import { isDuration, isList, isTimestamp } from "#machines/expressions/value.ts";
import type { Duration, Timestamp, Value } from "#machines/expressions/value.ts";

// How values leave an expression. To JSON as the CEL specification converts (protobuf's JSON mapping): timestamps as RFC
// 3339, durations as seconds ("1.5s"). Into text: a string as it is, null as nothing, numbers and booleans as in JSON,
// lists and maps as JSON.

const ELEMENT_UNITS = 4;
const MS_PER_SECOND = 1_000;

/** Throws `integer-overflow` beyond 2^53, `not-finite` for an infinity or NaN, `limit-exceeded`. */
export function toJson(meter: Meter, value: Value): Json {
  return isJson(meter, value, 0) ? value : convert(meter, value, 0);
}

export function toText(meter: Meter, value: Value): string {
  const json = toJson(meter, value);
  if (typeof json === "string") return json;
  return json === null ? "" : jsonText(meter, json);
}

/** The text of a value that `toJson` gave. */
export function jsonText(meter: Meter, json: Json): string {
  const text = JSON.stringify(json);
  chargeChars(meter, text.length);
  return text;
}

export function timestampText(timestamp: Timestamp): string {
  return new Date(timestamp.epochMs).toISOString().replace(".000Z", "Z");
}

export function durationText(duration: Duration): string {
  return `${duration.ms / MS_PER_SECOND}s`;
}

/** Whether the value is JSON already, so that it can leave without a copy. */
function isJson(meter: Meter, value: Value, depth: number): value is Json {
  if (typeof value === "object") return value === null || areJson(meter, value, depth + 1);
  if (typeof value === "number") return Number.isFinite(value) && !Object.is(value, -0);
  if (typeof value === "string") chargeChars(meter, value.length);
  return typeof value === "string" || typeof value === "boolean";
}

function areJson(meter: Meter, value: object & Value, depth: number): boolean {
  if (isTimestamp(value) || isDuration(value)) return false;
  checkDepth(depth);
  const items: readonly Value[] = isList(value) ? value : Object.values(value);
  charge(meter, 1 + items.length * ELEMENT_UNITS);
  return items.every((item) => isJson(meter, item, depth));
}

function convert(meter: Meter, value: Value, depth: number): Json {
  charge(meter, ELEMENT_UNITS);
  if (typeof value === "bigint") return safeInteger(value);
  if (typeof value === "number") return finite(value);
  if (typeof value === "object") return value === null ? null : convertObject(meter, value, depth + 1);
  if (typeof value === "string" || typeof value === "boolean") return value;
  throw new EvaluationError("not-json", `a ${typeof value} is not JSON`);
}

function convertObject(meter: Meter, value: object & Value, depth: number): Json {
  if (isTimestamp(value)) return timestampText(value);
  if (isDuration(value)) return durationText(value);
  checkDepth(depth);
  if (isList(value)) return value.map((item) => convert(meter, item, depth));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, convert(meter, item, depth)]));
}

function safeInteger(value: bigint): number {
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  throw new EvaluationError("integer-overflow", `${value.toString()} is beyond 2^53: JSON cannot carry it exactly`);
}

function finite(value: number): number {
  if (Number.isFinite(value)) return value === 0 ? 0 : value;
  throw new EvaluationError("not-finite", `${value} is not a JSON number`);
}

function checkDepth(depth: number): void {
  if (depth > MAX_VALUE_DEPTH) {
    throw new EvaluationError("limit-exceeded", `a value is nested deeper than ${MAX_VALUE_DEPTH}`);
  }
}
