import { valueType } from "#machines/expressions/access-types.ts";
import { ANY_MAP, DYN, joinAll, lazily, listOf, members, STRING } from "#machines/expressions/expression-type.ts";
import type { ExpressionType, Field, Lazy, MapType } from "#machines/expressions/expression-type.ts";
import { elementOf } from "#machines/expressions/functions/declaration.ts";

// The types of what is combined (combining.ts), as exact as those of its parts. What the schema of a part leaves open may be there, and may
// be anything.

const ROWS = listOf(() => listOf(() => DYN));

/** Of each pair of maps that the two may be; anything where one may be anything. */
export function mergedType(left: ExpressionType, right: ExpressionType): ExpressionType {
  const [lefts, rights] = [mapsIn(left), mapsIn(right)];
  return joinAll(lefts.flatMap((a) => rights.map((b) => mergedMap(a, b))));
}

function mapsIn(type: ExpressionType): readonly MapType[] {
  const maps = members(type).filter((member) => member.kind === "map");
  return maps.length === 0 || members(type).some(({ kind }) => kind === "dyn") ? [ANY_MAP] : maps;
}

function mergedMap(left: MapType, right: MapType): ExpressionType {
  const names = [...new Set([...left.fields.keys(), ...right.fields.keys()])];
  const fields = new Map(names.map((name): [string, Field] => [name, mergedField(left, right, name)]));
  const rests = [left.rest, right.rest].filter((rest) => rest !== undefined);
  const rest = rests.length === 0 ? {} : { rest: lazily(() => joinAll(rests.map((one) => one()))) };
  return { kind: "map", fields, closed: left.closed && right.closed, ...rest };
}

function mergedField(left: MapType, right: MapType, name: string): Field {
  const [a, b] = [left.fields.get(name), right.fields.get(name)];
  if (b?.required === true) return b;
  return {
    type: lazily(() => joinAll([...typesOf(left, name), ...typesOf(right, name)])),
    required: a?.required === true,
  };
}

/** None where the map surely has no such property; what a schema leaves open may be this one. */
function typesOf({ fields, rest, closed }: MapType, name: string): readonly ExpressionType[] {
  const type = fields.get(name)?.type ?? rest;
  if (type !== undefined) return [type()];
  return closed ? [] : [DYN];
}

/** What the list is of is not how many it has: no property is sure to be there. */
export function mergedElements(element: ExpressionType): ExpressionType {
  return joinAll(
    mapsIn(element).map((map): MapType => {
      const optional = [...map.fields].map(([name, { type }]): [string, Field] => [name, { type, required: false }]);
      return { ...map, fields: new Map(optional) };
    }),
  );
}

export function concatenated(element: ExpressionType): ExpressionType {
  return joinAll(
    members(element).map((member) => {
      if (member.kind === "string") return STRING;
      return member.kind === "list" ? member : DYN;
    }),
  );
}

export function tableType(list: ExpressionType | undefined): ExpressionType {
  const maps = members(elementOf(list)).filter((member) => member.kind === "map");
  if (maps.length === 0) return tableOf(() => ROWS);
  const cell = lazily(() => joinAll([{ kind: "null" }, ...maps.map(valueType)]));
  return tableOf(() => listOf(() => listOf(cell)));
}

function tableOf(rows: Lazy): ExpressionType {
  const fields = new Map<string, Field>([
    ["columns", { type: () => listOf(() => STRING), required: true }],
    ["rows", { type: rows, required: true }],
  ]);
  return { kind: "map", fields, closed: true };
}
