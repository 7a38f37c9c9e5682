import type { Expression, Place, Visitor } from "#machines/expressions/expression-tree.ts";
import { visit } from "#machines/expressions/expression-tree.ts";
import * as types from "#machines/expressions/expression-type.ts";
import type { ExpressionType } from "#machines/expressions/expression-type.ts";
import { overloadsOf } from "#machines/expressions/functions/table.ts";
import { isThere, keyOf, knowing } from "#src/planning/validation/known.ts";
import {
  insideMacro,
  insideReduce,
  isPlanNull,
  knownOfElements,
  mayBeNull,
  narrowedType,
  type Reading,
} from "#src/planning/validation/narrowed-types.ts";

// What an expression reads that may not be there on some branch: the output of a step that may not have run, a property that a schema
// does not promise, null where a value is wanted. The language's own check refuses only what can never work.
//
// G1. What a condition around it has made sure of is no gap (known.ts).
// G2. What nobody knows (`dyn`) is no gap: there would be no end of warnings.

export interface Gap {
  readonly kind: "unbound" | "null" | "missing";
  /** The plan's own words make it so; else a schema does. */
  readonly isCertain: boolean;
  /** Where in the text. */
  readonly start: number;
  readonly end: number;
  /** What is read. */
  readonly read: string;
  /** An expression that always has a value, to write in its place. */
  readonly instead: string;
}

/** `text` is that of the expression. */
export function gapsIn(expression: Expression, text: string, reading: Reading): readonly Gap[] {
  const search: Search = { ...reading, text, gaps: new Map() };
  look(expression, search);
  return [...search.gaps.values()];
}

interface Search extends Reading {
  readonly text: string;
  /** By place and kind. */
  readonly gaps: Map<string, Gap>;
}

function look(expression: Expression, search: Search): void {
  visit(readers, expression, search);
}

const nothing = (): void => undefined;

const readers: Visitor<Search, void> = {
  literal: nothing,
  inputs: nothing,
  hasOutput: nothing,
  errors: nothing,
  variable: nothing,
  local: nothing,
  output: (expression, search) => {
    const { step } = expression;
    if (!search.absent.has(step) || isThere(search.known, keyOf(expression))) return;
    const read = textOf(expression, search);
    note(search, expression, {
      kind: "unbound",
      isCertain: true,
      instead: `has(${read}) ? ${read} : null`,
    });
  },
  select: (expression, search) => {
    lookForValue(expression.object, search);
    noteMissing(expression, expression.name, search);
  },
  has: ({ object }, search) => {
    look(object, search);
  },
  index: (expression, search) => {
    const { object, index } = expression;
    lookForValue(object, search);
    look(index, search);
    if (index.kind === "literal" && typeof index.value === "string") noteMissing(expression, index.value, search);
  },
  call: ({ name, arguments: given }, search) => {
    const overloads = overloadsOf(name, given.length);
    given.forEach((argument, position) => {
      const takesNull = overloads.some(({ parameters }) => parameters[position]?.accepts(types.NULL) ?? true);
      if (takesNull) look(argument, search);
      else lookForValue(argument, search);
    });
  },
  matches: ({ text }, search) => {
    lookForValue(text, search);
  },
  macro: (expression, search) => {
    const { range, condition, value } = expression;
    lookForValue(range, search);
    const inner = insideMacro(expression, search);
    if (condition !== undefined)
      look(condition, {
        ...search,
        ...inner,
        known: knownOfElements(expression, search.known),
      });
    if (value !== undefined) look(value, { ...search, ...inner });
  },
  reduce: (expression, search) => {
    lookForValue(expression.range, search);
    look(expression.initial, search);
    look(expression.value, { ...search, ...insideReduce(expression, search) });
  },
  list: ({ items }, search) => {
    for (const item of items) look(item, search);
  },
  map: ({ entries }, search) => {
    for (const part of entries.flat()) look(part, search);
  },
  conditional: ({ condition, whenTrue, whenFalse }, search) => {
    look(condition, search);
    look(whenTrue, where(search, condition, true));
    look(whenFalse, where(search, condition, false));
  },
  logical: ({ operator, left, right }, search) => {
    look(left, search);
    look(right, where(search, left, operator === "&&"));
  },
  not: ({ operand }, search) => {
    look(operand, search);
  },
  negate: ({ operand }, search) => {
    lookForValue(operand, search);
  },
  arithmetic: ({ left, right }, search) => {
    lookForValue(left, search);
    lookForValue(right, search);
  },
  comparison: ({ operator, left, right }, search) => {
    const isOrder = operator !== "==" && operator !== "!=";
    (isOrder && operator !== "in" ? lookForValue : look)(left, search);
    (isOrder ? lookForValue : look)(right, search);
  },
};

function where(search: Search, condition: Expression, holds: boolean): Search {
  return { ...search, known: knowing(search.known, condition, holds) };
}

/** Of a part that must not be null. */
function lookForValue(expression: Expression, search: Search): void {
  look(expression, search);
  const type = narrowedType(expression, search);
  if (!mayBeNull(type)) return;
  const read = textOf(expression, search);
  const instead = `${read} == null ? ${emptyOf(type)} : ${read}`;
  note(search, expression, {
    kind: "null",
    isCertain: isPlanNull(type),
    instead,
  });
}

function noteMissing(
  expression: Extract<Expression, { kind: "select" | "index" }>,
  name: string,
  search: Search,
): void {
  const { object } = expression;
  if (object.kind === "inputs" || isThere(search.known, keyOf(expression))) return;
  const maps = types.members(narrowedType(object, search)).filter((member) => member.kind === "map");
  if (!maps.some((map) => mayLack(map, name))) return;
  const empty = emptyOf(narrowedType(expression, search));
  const instead = `get(${textOf(object, search)}, ${JSON.stringify(name)}, ${empty})`;
  note(search, expression, { kind: "missing", isCertain: false, instead });
}

function mayLack(map: types.MapType, name: string): boolean {
  const field = map.fields.get(name);
  if (field !== undefined) return !field.required;
  return map.rest === undefined ? map.closed : map.rest().kind !== "dyn";
}

type Found = Pick<Gap, "kind" | "isCertain" | "instead">;

function note(search: Search, place: Place, found: Found): void {
  const { start, end } = place;
  search.gaps.set(`${found.kind} ${start} ${end}`, {
    ...found,
    start,
    end,
    read: textOf(place, search),
  });
}

function textOf({ start, end }: Place, { text }: Search): string {
  return text.slice(start, end).trim();
}

const EMPTY: ReadonlyMap<string, string> = new Map([
  ["string", '""'],
  ["double", "0"],
  ["int", "0"],
  ["bool", "false"],
  ["list", "[]"],
  ["map", "{}"],
]);

/** What could stand in its place. */
function emptyOf(type: ExpressionType): string {
  const kinds = types.members(type).map(({ kind }) => EMPTY.get(kind));
  return kinds.find((text) => text !== undefined) ?? "null";
}
