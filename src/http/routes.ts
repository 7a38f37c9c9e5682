import { z } from "zod";
import { Fault } from "#events/fault.ts";
import { isJsonList, isJsonObject, type Json, type JsonObject } from "#events/json.ts";
import { assertShallow } from "#src/api/client.ts";
import type { AnyOperation } from "#src/api/operations/operation.ts";

// Between requests and operations with their inputs, in both directions: the routes of the table, and nothing beside.
//
// R1. A query has texts; they become numbers and truth values where the operation's schema wants such. What does not
//     become one stays text, and the schema says what is wrong with it.

export interface Found {
  readonly name: string;
  readonly operation: AnyOperation;
  /** Values of the path's names. */
  readonly path: Readonly<Record<string, string>>;
}

interface RouteEntry extends Omit<Found, "path"> {
  readonly method: string;
  readonly segments: readonly string[];
}

export class Routes {
  private readonly entries: readonly RouteEntry[];

  constructor(operations: readonly (readonly [string, AnyOperation])[]) {
    this.entries = operations.map(([name, operation]) => {
      const [method = "", path = ""] = operation.route.split(" ");
      return { name, operation, method, segments: segmentsOf(path) };
    });
  }

  /** Faults: `no-such-operation`, `method-not-allowed` (details name what is). */
  find(method: string, pathname: string): Found {
    const segments = segmentsOf(pathname);
    const there = this.entries.filter((entry) => isMatch(entry.segments, segments));
    const entry = there.find((one) => one.method === method);
    if (entry !== undefined) return { ...entry, path: valuesOf(entry.segments, segments) };
    if (there.length === 0) throw new Fault("no-such-operation", `there is nothing at ${pathname}; see /openapi.json`);
    const allowed = [...new Set(there.map((one) => one.method))].sort();
    throw new Fault("method-not-allowed", `${pathname} takes ${allowed.join(" and ")}`, { details: { allowed } });
  }
}

/** The input that a query stands for. */
export function inputOfQuery(operation: AnyOperation, query: URLSearchParams): JsonObject {
  const types = typesOf(operation);
  const names = [...new Set(query.keys())];
  return Object.fromEntries(
    names.map((name) => {
      const values = query.getAll(name).map((text) => valueOf(text, types[name]));
      const [value = null] = values;
      // Of a list a query shows single values, one or more.
      return [name, values.length === 1 && types[name] !== "array" ? value : values];
    }),
  );
}

/** The request that an operation with this input is: the other direction, for clients. Fault: `invalid-input`. */
export function requestOf({ route }: AnyOperation, input: unknown) {
  assertShallow(input);
  const [method = "", pattern = ""] = route.split(" ");
  const left = new Map(Object.entries(isJsonObject(input) ? input : {}).filter(([, value]) => isGiven(value)));
  const path = pattern.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = left.get(name);
    left.delete(name);
    return encodeURIComponent(textOf(value ?? ""));
  });
  if (method !== "GET") return { method, path, body: JSON.stringify(Object.fromEntries(left)) };
  const pairs = [...left].flatMap(([name, value]) =>
    (isJsonList(value) ? value : [value]).map((one): [string, string] => [name, textOf(one)]),
  );
  const query = new URLSearchParams(pairs).toString();
  return { method, path: query === "" ? path : `${path}?${query}`, body: undefined };
}

/** In this process a member may be there without a value. */
function isGiven(value: unknown): boolean {
  return value !== undefined;
}

function textOf(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function valueOf(text: string, type: unknown): Json {
  if ((type === "integer" || type === "number") && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (type === "boolean" && (text === "true" || text === "false")) return text === "true";
  return text;
}

const known = new WeakMap<AnyOperation, Readonly<Record<string, unknown>>>();

function typesOf(operation: AnyOperation): Readonly<Record<string, unknown>> {
  const before = known.get(operation);
  if (before !== undefined) return before;
  const { properties = {} } = z.toJSONSchema(operation.input, { io: "input", unrepresentable: "any" });
  const types = Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [name, isJsonObject(schema) ? schema.type : undefined]),
  );
  known.set(operation, types);
  return types;
}

function segmentsOf(path: string): readonly string[] {
  return path.split("/").slice(1);
}

function isMatch(route: readonly string[], path: readonly string[]): boolean {
  return route.length === path.length && route.every((segment, index) => isName(segment) || segment === path[index]);
}

function isName(segment: string): boolean {
  return segment.startsWith("{");
}

function valuesOf(route: readonly string[], path: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    route.flatMap((segment, index) => (isName(segment) ? [[segment.slice(1, -1), decoded(path[index] ?? "")]] : [])),
  );
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch (cause) {
    throw new Fault("malformed-request", `${segment} in the path is not percent-encoded text`, { cause });
  }
}
