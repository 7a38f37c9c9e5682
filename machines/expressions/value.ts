import { EvaluationError } from "#machines/expressions/evaluation-error.ts";

// What an expression computes with. JSON data is used as it is, without a copy.
//
// V1. A number of JSON data is a double, whatever its schema says; integer literals, `size` and `int()` are ints (bigint,
//     64 bits). So `inputs.n / 2` never truncates and `7 / 2` does, in a checked and in an unchecked evaluation alike.
//     Operators, comparisons and equality mix both; an int in a double's place converts, and where an int is wanted (an
//     index) a double without fraction is one.
// V2. Only own properties of data are read, and no assignment by a computed name is ever made.

export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | Timestamp
  | Duration
  | readonly Value[]
  | { readonly [key: string]: Value };

export type ValueMap = Readonly<Record<string, Value>>;
export type ValueKind = "null" | "bool" | "int" | "double" | "string" | "timestamp" | "duration" | "list" | "map";

const TIMESTAMP = Symbol("timestamp");
const DURATION = Symbol("duration");

/** An instant, in milliseconds since 1970 UTC. The symbol is what no data can have. */
export interface Timestamp {
  readonly [TIMESTAMP]: true;
  readonly epochMs: number;
}

export interface Duration {
  readonly [DURATION]: true;
  readonly ms: number;
}

export function timestampOf(epochMs: number): Timestamp {
  return { [TIMESTAMP]: true, epochMs };
}

export function durationOf(ms: number): Duration {
  return { [DURATION]: true, ms };
}

export function isTimestamp(value: Value | undefined): value is Timestamp {
  return typeof value === "object" && value !== null && TIMESTAMP in value;
}

export function isDuration(value: Value | undefined): value is Duration {
  return typeof value === "object" && value !== null && DURATION in value;
}

export function kindOf(value: Value): ValueKind {
  if (typeof value === "object") return kindOfObject(value);
  const kind = scalarKinds.get(typeof value);
  if (kind !== undefined) return kind;
  throw new EvaluationError("not-json", `a ${typeof value} is not JSON`);
}

const scalarKinds: ReadonlyMap<string, ValueKind> = new Map<string, ValueKind>([
  ["string", "string"],
  ["number", "double"],
  ["boolean", "bool"],
  ["bigint", "int"],
]);

export function isMap(value: Value | undefined): value is ValueMap {
  return typeof value === "object" && value !== null && !isList(value) && !isTimestamp(value) && !isDuration(value);
}

export function isList(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value);
}

export function isNumber(value: Value): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}

/** The own property, or undefined. */
export function ownValue(map: ValueMap, key: string): Value | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

function kindOfObject(value: Exclude<Value, string | number | boolean | bigint>): ValueKind {
  if (value === null) return "null";
  if (isList(value)) return "list";
  if (isTimestamp(value)) return "timestamp";
  return isDuration(value) ? "duration" : "map";
}
