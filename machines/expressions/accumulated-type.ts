import * as types from "#machines/expressions/expression-type.ts";
import type { ExpressionType, MapType } from "#machines/expressions/expression-type.ts";

// The type of what a `reduce` has made so far: the smallest that holds what it starts with and what each element makes of it. It is found by
// trying; where every try asks for a wider type, it is anything, because a check refuses only what cannot work.

/** Tries, until it is anything. */
const MAX_TRIES = 4;
/** Types within each other that are compared. */
const MAX_DEPTH = 8;

/** `next`: the type after one element more. */
export function accumulatedType(start: ExpressionType, next: (type: ExpressionType) => ExpressionType): ExpressionType {
  let type = start;
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const after = next(type);
    if (holds(type, after, 0)) return type;
    type = types.join(type, after);
  }
  return types.DYN;
}

/** Whether every value of the narrow type surely is one of the wide type. */
function holds(wide: ExpressionType, narrow: ExpressionType, depth: number): boolean {
  if (wide.kind === "dyn" || narrow.kind === "never") return true;
  if (depth > MAX_DEPTH) return false;
  return types.members(narrow).every((one) => types.members(wide).some((other) => holdsMember(other, one, depth)));
}

function holdsMember(wide: ExpressionType, narrow: ExpressionType, depth: number): boolean {
  if (wide.kind === "list" && narrow.kind === "list") return holds(wide.element(), narrow.element(), depth + 1);
  if (wide.kind === "map" && narrow.kind === "map") return holdsMap(wide, narrow, depth + 1);
  if (wide.kind === "string" && narrow.kind === "string") return holdsTexts(wide.values, narrow.values);
  if (wide.kind === "double" && narrow.kind === "double") return !wide.integral || narrow.integral;
  return wide.kind === narrow.kind;
}

function holdsTexts(wide: readonly string[] | undefined, narrow: readonly string[] | undefined): boolean {
  return wide === undefined || narrow?.every((value) => wide.includes(value)) === true;
}

function holdsMap(wide: MapType, narrow: MapType, depth: number): boolean {
  const names = new Set([...wide.fields.keys(), ...narrow.fields.keys()]);
  if (![...names].every((name) => holdsField({ wide, narrow, name }, depth))) return false;
  if (narrow.rest !== undefined) return wide.rest !== undefined && holds(wide.rest(), narrow.rest(), depth);
  return narrow.closed || !wide.closed;
}

interface Fields {
  readonly wide: MapType;
  readonly narrow: MapType;
  readonly name: string;
}

function holdsField({ wide, narrow, name }: Fields, depth: number): boolean {
  const [type, other] = [fieldOf(wide, name), narrow.fields.get(name)];
  if (isRequired(wide, name) && !isRequired(narrow, name)) return false;
  if (other !== undefined) return type !== undefined && holds(type, other.type(), depth);
  // A name that the schema leaves open may be this one, of any type.
  return narrow.closed || type?.kind === "dyn";
}

function fieldOf({ fields, rest }: MapType, name: string): ExpressionType | undefined {
  return (fields.get(name)?.type ?? rest)?.();
}

function isRequired({ fields }: MapType, name: string): boolean {
  return fields.get(name)?.required === true;
}
