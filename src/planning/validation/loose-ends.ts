import type { ExpressionType, MapType } from "#machines/expressions/expression-type.ts";
import { members } from "#machines/expressions/expression-type.ts";
import { KnownPairs } from "#machines/expressions/known-results.ts";
import type { Path } from "#src/language/finding.ts";
import { isPlanNull, mayBeNull } from "#src/planning/validation/narrowed-types.ts";

// Where a value that may be passed may yet not fit: it may be null where a value is wanted, or lack a property that is required. The
// language's check (`assignable`) accepts what fits in one of its forms; here every form that is known has to.

export interface LooseEnd {
  readonly kind: "null" | "missing";
  /** The plan's own words make it so; else a schema does. */
  readonly isCertain: boolean;
  /** Inside of the value; of what is missing the object that may lack it. */
  readonly path: Path;
  /** Of what may be missing. */
  readonly name?: string;
}

/** How deep inside of a value it is looked: a schema may be recursive. */
const MAX_DEPTH = 8;

export function looseEnds(from: ExpressionType, to: ExpressionType): readonly LooseEnd[] {
  return ENDS.get(from, to, () => {
    const found: LooseEnd[] = [];
    look(from, to, { path: [], found });
    return found;
  });
}

/** Many steps hand on what the same tool gives to the same argument. */
const ENDS = new KnownPairs<ExpressionType, ExpressionType, readonly LooseEnd[]>();

interface Looking {
  /** Where in the value it is right now. */
  readonly path: (string | number)[];
  readonly found: LooseEnd[];
}

function look(from: ExpressionType, to: ExpressionType, looking: Looking): void {
  const { path, found } = looking;
  if (path.length >= MAX_DEPTH || members(to).some(({ kind }) => kind === "dyn")) return;
  if (mayBeNull(from) && !mayBeNull(to)) found.push({ kind: "null", isCertain: isPlanNull(from), path: [...path] });
  insideObjects(from, to, looking);
  insideLists(from, to, looking);
}

function insideObjects(from: ExpressionType, to: ExpressionType, looking: Looking): void {
  const { path, found } = looking;
  const wanted = onlyOf("map", to);
  if (wanted === undefined) return;
  for (const [name, { type, required }] of wanted.fields) {
    for (const given of members(from)) {
      if (given.kind !== "map") continue;
      if (required && mayLack(given, name)) found.push({ kind: "missing", isCertain: false, path: [...path], name });
      const field = given.fields.get(name);
      if (field !== undefined) lookAt(name, [field.type(), type()], looking);
    }
  }
}

function mayLack(map: MapType, name: string): boolean {
  const field = map.fields.get(name);
  return field === undefined ? map.closed : !field.required;
}

function insideLists(from: ExpressionType, to: ExpressionType, looking: Looking): void {
  const wanted = onlyOf("list", to);
  if (wanted === undefined) return;
  for (const given of members(from)) {
    if (given.kind === "list") lookAt(0, [given.element(), wanted.element()], looking);
  }
}

function lookAt(step: string | number, [from, to]: readonly [ExpressionType, ExpressionType], looking: Looking): void {
  looking.path.push(step);
  look(from, to, looking);
  looking.path.pop();
}

/** The one form of this kind: of several another one may be meant. */
function onlyOf<K extends "map" | "list">(kind: K, type: ExpressionType): FormOf<K> | undefined {
  const [form, ...others] = members(type).filter((member): member is FormOf<K> => member.kind === kind);
  return others.length > 0 ? undefined : form;
}

type FormOf<K> = Extract<ExpressionType, { kind: K }>;
