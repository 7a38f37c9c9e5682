import { calculate } from "#machines/expressions/arithmetic.ts";
import { valueType } from "#machines/expressions/access-types.ts";
import { compare, equal, identityOf } from "#machines/expressions/comparison.ts";
import { EvaluationError } from "#machines/expressions/evaluation-error.ts";
import {
  BOOL,
  DOUBLE,
  DYN,
  INT,
  NEVER,
  join,
  joinAll,
  listOf,
  members,
  STRING,
} from "#machines/expressions/expression-type.ts";
import type { ExpressionType, MapType } from "#machines/expressions/expression-type.ts";
import {
  ANY,
  binary,
  elementOf,
  INTEGER,
  invalid,
  LIST,
  MAP,
  NUMBER,
  TEXT,
  ternary,
  unary,
} from "#machines/expressions/functions/declaration.ts";
import type { FunctionDeclaration } from "#machines/expressions/functions/declaration.ts";
import { charge, chargeElements } from "#machines/expressions/meter.ts";
import type { Meter } from "#machines/expressions/meter.ts";
import { isList, isNumber, ownValue } from "#machines/expressions/value.ts";
import type { Value } from "#machines/expressions/value.ts";

// Lists and maps. None changes its argument: what looks like a change is a new list.
// The type of a result follows from the types of the arguments, so that an element keeps its type through sort and get.

type Types = readonly ExpressionType[];

const sameList = ([list]: Types) => listOf(() => elementOf(list));
const element = ([list]: Types) => elementOf(list);
const elementOr = ([list, , fallback]: Types) => join(elementOf(list), fallback ?? elementOf(list));

export const collectionFunctions: readonly FunctionDeclaration[] = [
  unary({ name: "size", parameters: [LIST], result: INT }, (list) => BigInt(list.length)),
  unary({ name: "size", parameters: [MAP], result: INT }, (map, meter) => BigInt(keysOf(map, meter).length)),
  unary({ name: "sum", parameters: [LIST], result: sumType }, sum),
  ...extremes("min", (order) => order < 0),
  ...extremes("max", (order) => order > 0),
  unary({ name: "sort", parameters: [LIST], result: sameList }, sort),
  unary({ name: "distinct", parameters: [LIST], result: sameList }, distinct),
  unary({ name: "reverse", parameters: [LIST], result: sameList }, (list, meter) => {
    chargeElements(meter, list.length);
    return list.toReversed();
  }),
  unary({ name: "flatten", parameters: [LIST], result: ([list]) => listOf(() => flattened(elementOf(list))) }, flatten),
  unary({ name: "first", parameters: [LIST], result: element }, (list) => itemAt(list, 0)),
  unary({ name: "last", parameters: [LIST], result: element }, (list) => itemAt(list, Math.max(0, list.length - 1))),
  ternary({ name: "slice", parameters: [LIST, INTEGER, INTEGER], result: sameList }, ([list, from, to], meter) => {
    if (from < 0 || to < from) throw invalid(`slice: ${from} to ${to} is no range`);
    chargeElements(meter, Math.max(0, Math.min(list.length, to) - from));
    return list.slice(from, to);
  }),
  binary({ name: "contains", parameters: [LIST, ANY], result: BOOL }, ([list, wanted], meter) =>
    includes(meter, list, wanted),
  ),
  unary({ name: "keys", parameters: [MAP], result: listOf(() => STRING) }, keysOf),
  unary({ name: "values", parameters: [MAP], result: ([map]) => listOf(() => propertyType(map)) }, (map, meter) =>
    keysOf(map, meter).map((key) => map[key] ?? null),
  ),
  ternary(
    { name: "get", parameters: [MAP, TEXT, ANY], result: ([map, key, or]) => join(propertyType(map, key), or ?? DYN) },
    ([map, key, fallback]) => ownValue(map, key) ?? fallback,
  ),
  ternary({ name: "get", parameters: [LIST, INTEGER, ANY], result: elementOr }, ([list, index, fallback]) => {
    return list[index] ?? fallback;
  }),
];

/** The item, or throws `index-out-of-range`. */
export function itemAt(list: readonly Value[], index: number): Value {
  const item = list[index];
  if (item !== undefined) return item;
  throw new EvaluationError("index-out-of-range", `index ${index} is outside a list of ${list.length}`);
}

export function includes(meter: Meter, list: readonly Value[], wanted: Value): boolean {
  charge(meter, 1);
  return list.some((item) => equal(meter, item, wanted));
}

function keysOf(map: Readonly<Record<string, Value>>, meter: Meter): string[] {
  const keys = Object.keys(map);
  chargeElements(meter, keys.length);
  return keys;
}

/** What the property is: of all properties, where the key is not known. */
function propertyType(map: ExpressionType | undefined, key?: ExpressionType): ExpressionType {
  const [only, other] = key?.kind === "string" ? (key.values ?? []) : [];
  const types = members(map ?? DYN).map((member) => {
    if (member.kind !== "map") return DYN;
    return other === undefined && only !== undefined ? knownFieldType(member, only) : valueType(member);
  });
  return joinAll(types);
}

/** `never` where the map has no such property for sure. */
function knownFieldType(map: MapType, name: string): ExpressionType {
  return (map.fields.get(name)?.type ?? map.rest ?? (() => (map.closed ? NEVER : DYN)))();
}

function flattened(inner: ExpressionType): ExpressionType {
  return joinAll(members(inner).map((member) => (member.kind === "list" ? member.element() : member)));
}

function sumType([list]: Types): ExpressionType {
  const inner = elementOf(list);
  return inner.kind === "int" || inner.kind === "double" ? join(INT, inner) : DOUBLE;
}

function sum(list: readonly Value[], meter: Meter): Value {
  chargeElements(meter, list.length);
  return list.reduce<Value>((left, right) => {
    if (isNumber(right)) return calculate(meter, "+", { left, right });
    throw invalid("sum: the list must have only numbers");
  }, 0n);
}

function extremes(name: string, isBetter: (order: number) => boolean): FunctionDeclaration[] {
  const pick = (list: readonly Value[], meter: Meter): Value => {
    chargeElements(meter, list.length);
    return list.reduce((best, item) => (isBetter(compare(meter, item, best)) ? item : best), itemAt(list, 0));
  };
  return [
    unary({ name, parameters: [LIST], result: element }, pick),
    binary({ name, parameters: [NUMBER, NUMBER], result: (types) => joinAll(types) }, (pair, meter) =>
      pick(pair, meter),
    ),
  ];
}

function sort(list: readonly Value[], meter: Meter): Value {
  chargeElements(meter, list.length);
  charge(meter, list.length * Math.log2(list.length + 1));
  return list.toSorted((left, right) => compare(meter, left, right));
}

function distinct(list: readonly Value[], meter: Meter): Value {
  chargeElements(meter, list.length);
  const seen = new Set<string>();
  return list.filter((item) => {
    const identity = identityOf(meter, item);
    return !seen.has(identity) && seen.add(identity);
  });
}

function flatten(list: readonly Value[], meter: Meter): Value {
  chargeElements(
    meter,
    list.reduce<number>((count, item) => count + (isList(item) ? item.length : 1), 0),
  );
  return list.flatMap((item) => (isList(item) ? item : [item]));
}
