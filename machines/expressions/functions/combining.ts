import { DYN, join, lazily, listOf, STRING } from "#machines/expressions/expression-type.ts";
import { concatenated, mergedElements, mergedType, tableType } from "#machines/expressions/functions/combined-types.ts";
import { binary, elementOf, invalid, LIST, MAP, TEXT, unary } from "#machines/expressions/functions/declaration.ts";
import type { FunctionDeclaration } from "#machines/expressions/functions/declaration.ts";
import { markdownTable, type TableOf } from "#machines/expressions/functions/markdown.ts";
import { charge, chargeChars, chargeElements } from "#machines/expressions/meter.ts";
import type { Meter } from "#machines/expressions/meter.ts";
import { isList, isMap, kindOf, ownValue } from "#machines/expressions/value.ts";
import type { Value, ValueMap } from "#machines/expressions/value.ts";

// Several values as one: maps, lists and texts behind each other, a list of maps as a table.
//
// M1. `merge` is shallow: of a property that both have the later value counts, as a whole.
// M2. A table has the columns in the order in which they first appear; a map that lacks one, or is null (a failed item of an `each`), has
//     null there. What is refused is refused before anything of that size is made.

export const combiningFunctions: readonly FunctionDeclaration[] = [
  binary({ name: "merge", parameters: [MAP, MAP], result: ([a, b]) => mergedType(a ?? DYN, b ?? DYN) }, (maps, meter) =>
    merge(maps, meter),
  ),
  unary({ name: "merge", parameters: [LIST], result: ([list]) => mergedElements(elementOf(list)) }, (list, meter) =>
    merge(allOf(list, { name: "merge", what: "maps", is: isMap }), meter),
  ),
  binary(
    {
      name: "concat",
      parameters: [LIST, LIST],
      result: ([a, b]) => listOf(lazily(() => join(elementOf(a), elementOf(b)))),
    },
    (lists, meter) => concatLists(lists, meter),
  ),
  binary({ name: "concat", parameters: [TEXT, TEXT], result: STRING }, (texts, meter) => concatTexts(texts, meter)),
  unary({ name: "concat", parameters: [LIST], result: ([list]) => concatenated(elementOf(list)) }, concat),
  unary({ name: "table", parameters: [LIST], result: ([list]) => tableType(list) }, (list, meter) =>
    table(list, columnsOf(list, meter), meter),
  ),
  binary({ name: "table", parameters: [LIST, LIST], result: ([list]) => tableType(list) }, ([list, columns], meter) =>
    table(list, allOf(columns, { name: "table", what: "names of columns", is: isText }), meter),
  ),
  unary({ name: "markdown", parameters: [LIST], result: STRING }, (list, meter) =>
    markdownTable(table(list, columnsOf(list, meter), meter), meter),
  ),
  unary({ name: "markdown", parameters: [MAP], result: STRING }, (map, meter) => markdownTable(readTable(map), meter)),
];

interface Wanted<T extends Value> {
  /** Of the function. */
  readonly name: string;
  readonly what: string;
  readonly is: (value: Value) => value is T;
}

function allOf<T extends Value>(list: readonly Value[], { name, what, is }: Wanted<T>): readonly T[] {
  return list.map((item) => {
    if (is(item)) return item;
    throw invalid(`${name}: the list must have only ${what}, this is ${kindOf(item)}`);
  });
}

function isText(value: Value): value is string {
  return typeof value === "string";
}

/** M1. */
function merge(maps: readonly ValueMap[], meter: Meter): ValueMap {
  const entries = maps.map((map) => Object.entries(map));
  const count = entries.reduce((sum, { length }) => sum + length, 0);
  chargeElements(meter, count);
  charge(meter, maps.length);
  return Object.fromEntries(entries.flat());
}

function concatLists(lists: readonly (readonly Value[])[], meter: Meter): readonly Value[] {
  const count = lists.reduce((sum, { length }) => sum + length, 0);
  chargeElements(meter, count);
  return lists.flat();
}

function concatTexts(texts: readonly string[], meter: Meter): string {
  const count = texts.reduce((sum, { length }) => sum + length, 0);
  chargeChars(meter, count);
  return texts.join("");
}

function concat(list: readonly Value[], meter: Meter): Value {
  charge(meter, list.length);
  if (typeof list[0] === "string")
    return concatTexts(allOf(list, { name: "concat", what: "strings", is: isText }), meter);
  return concatLists(allOf(list, { name: "concat", what: "lists, or only strings", is: isList }), meter);
}

function columnsOf(list: readonly Value[], meter: Meter): readonly string[] {
  chargeElements(meter, list.length);
  const columns = new Set<string>();
  for (const map of rowsOf(list)) {
    const keys = map === null ? [] : Object.keys(map);
    chargeElements(meter, keys.length);
    for (const key of keys) columns.add(key);
  }
  return [...columns];
}

/** M2. */
function table(list: readonly Value[], columns: readonly string[], meter: Meter): TableOf & ValueMap {
  chargeElements(meter, list.length);
  charge(meter, columns.length * (1 + list.length));
  const rows = rowsOf(list).map((map) => columns.map((name) => (map === null ? null : (ownValue(map, name) ?? null))));
  return { columns, rows };
}

function rowsOf(list: readonly Value[]): readonly (ValueMap | null)[] {
  const isRow = (value: Value): value is ValueMap | null => value === null || isMap(value);
  return allOf<ValueMap | null>(list, { name: "table", what: "maps", is: isRow });
}

function readTable(map: ValueMap): TableOf {
  const [columns, rows] = [ownValue(map, "columns"), ownValue(map, "rows")];
  if (!isList(columns) || !isList(rows)) throw invalid("markdown: a table has columns and rows, as table() gives it");
  return {
    columns: allOf(columns, { name: "markdown", what: "names of columns", is: isText }),
    rows: allOf(rows, { name: "markdown", what: "rows that are lists", is: isList }),
  };
}
