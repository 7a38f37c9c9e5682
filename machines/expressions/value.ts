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

/** An instant, in milliseconds since 1970 UTC. */
export class Timestamp {
  readonly epochMs: number;
  constructor(epochMs: number) {
    this.epochMs = epochMs;
  }
}

export class Duration {
  readonly ms: number;
  constructor(ms: number) {
    this.ms = ms;
  }
}

export function kindOf(value: Value): ValueKind {
  switch (typeof value) {
    case "string":
      return "string";
    case "number":
      return "double";
    case "boolean":
      return "bool";
    case "bigint":
      return "int";
    case "object":
      return kindOfObject(value);
    default:
      throw new EvaluationError("not-json", `a ${typeof value} is not JSON`);
  }
}

export function isMap(value: Value | undefined): value is ValueMap {
  return (
    typeof value === "object" &&
    value !== null &&
    !isList(value) &&
    !(value instanceof Timestamp) &&
    !(value instanceof Duration)
  );
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
  if (value instanceof Timestamp) return "timestamp";
  return value instanceof Duration ? "duration" : "map";
}
