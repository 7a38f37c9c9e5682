import { describeType, members } from "#machines/expressions/expression-type.ts";
import type { ExpressionType, MapType } from "#machines/expressions/expression-type.ts";
import type { Path } from "#machines/expressions/finding.ts";
import { typeOfSchema } from "#machines/expressions/json-schema.ts";
import type { JsonSchema } from "#machines/expressions/json-schema.ts";
import { nearestName } from "#machines/expressions/nearest-name.ts";

// Whether a value of one schema can be passed where another is asked for. What cannot be right is refused; what may be
// right (anything, one member of a union, an optional property) is accepted and shows when the value is there.

export type Assignability =
  | { readonly ok: true }
  | {
      readonly ok: false;
      /** Inside the value. */
      readonly path: Path;
      readonly code: "wrong-type" | "missing-property" | "unknown-property";
      readonly message: string;
      readonly suggestion?: string;
    };

export function assignable(from: JsonSchema, to: JsonSchema): Assignability {
  return compare({ from: typeOfSchema(from), to: typeOfSchema(to), path: [] }, new Map());
}

interface Pair {
  readonly from: ExpressionType;
  readonly to: ExpressionType;
  readonly path: Path;
}

/** Whether a pair fits. One that is being compared is taken to fit: so recursive schemas end (coinduction). */
type Known = Map<ExpressionType, Map<ExpressionType, boolean>>;

const FITS: Assignability = { ok: true };

function compare(pair: Pair, known: Known): Assignability {
  const { from, to } = pair;
  if (from.kind === "dyn" || from.kind === "never" || to.kind === "dyn") return FITS;
  const targets = known.get(from) ?? new Map<ExpressionType, boolean>();
  known.set(from, targets);
  const fits = targets.get(to);
  if (fits !== undefined) return fits ? FITS : wrongType(pair);
  targets.set(to, true);
  const result = compareAlternatives(pair, known);
  targets.set(to, result.ok);
  return result;
}

/** The most telling refusal is that of the member that went deepest. */
function compareAlternatives(pair: Pair, known: Known): Assignability {
  let deepest: Assignability | undefined;
  for (const from of members(pair.from)) {
    for (const to of members(pair.to)) {
      const result = compareOne({ from, to, path: pair.path }, known);
      if (result.ok) return result;
      if (deepest?.ok !== false || result.path.length > deepest.path.length) deepest = result;
    }
  }
  const isPlain = deepest?.ok === false && deepest.code === "wrong-type" && deepest.path.length === pair.path.length;
  return deepest === undefined || isPlain ? wrongType(pair) : deepest;
}

function compareOne(pair: Pair, known: Known): Assignability {
  const { from, to, path } = pair;
  if (from.kind === "dyn" || to.kind === "dyn") return FITS;
  if (from.kind === "list" && to.kind === "list") {
    return compare({ from: from.element(), to: to.element(), path: [...path, 0] }, known);
  }
  if (from.kind === "map" && to.kind === "map") return compareMaps({ from, to, path }, known);
  if (from.kind === "string" && to.kind === "string") return compareTexts(pair, from.values, to.values);
  return fitsScalar(from, to) ? FITS : wrongType(pair);
}

function fitsScalar(from: ExpressionType, to: ExpressionType): boolean {
  switch (to.kind) {
    case "double":
      return from.kind === "int" || (from.kind === "double" && (from.integral || !to.integral));
    case "int":
      return from.kind === "int" || (from.kind === "double" && from.integral);
    case "string":
      return from.kind === "timestamp" || from.kind === "duration";
    default:
      return from.kind === to.kind;
  }
}

function compareTexts(pair: Pair, from?: readonly string[], to?: readonly string[]): Assignability {
  if (from === undefined || to === undefined || from.some((value) => to.includes(value))) return FITS;
  return { ...wrongType(pair), ...suggest(from[0] ?? "", to) };
}

function compareMaps({ from, to, path }: Pair & { from: MapType; to: MapType }, known: Known): Assignability {
  return findMissing({ from, to, path }) ?? findUnfit({ from, to, path }, known) ?? FITS;
}

function findMissing({ from, to, path }: Pair & { from: MapType; to: MapType }): Assignability | undefined {
  if (from.rest !== undefined) return undefined;
  for (const [name, field] of to.fields) {
    if (!field.required || from.fields.has(name)) continue;
    const message = `the property ${JSON.stringify(name)} is missing (${describeType(field.type())})`;
    return { ok: false, code: "missing-property", path, message };
  }
  return undefined;
}

function findUnfit(maps: Pair & { from: MapType; to: MapType }, known: Known): Assignability | undefined {
  const { from, to } = maps;
  for (const [name, field] of from.fields) {
    const path = [...maps.path, name];
    const target = to.fields.get(name)?.type ?? to.rest;
    if (target === undefined && to.closed) return unknownProperty(path, name, to);
    const result = target === undefined ? FITS : compare({ from: field.type(), to: target(), path }, known);
    if (!result.ok) return result;
  }
  if (from.rest === undefined || to.rest === undefined) return undefined;
  const result = compare({ from: from.rest(), to: to.rest(), path: [...maps.path, "*"] }, known);
  return result.ok ? undefined : result;
}

function unknownProperty(path: Path, name: string, to: MapType): Assignability {
  const suggestion = suggest(name, to.fields.keys());
  const message = `there is no property ${JSON.stringify(name)}`;
  return { ok: false, code: "unknown-property", path, message, ...suggestion };
}

function suggest(name: string, candidates: Iterable<string>): { suggestion?: string } {
  const suggestion = nearestName(name, candidates);
  return suggestion === undefined ? {} : { suggestion };
}

function wrongType({ from, to, path }: Pair): Assignability {
  const message = `${describeType(to)} is wanted, this is ${describeType(from)}`;
  return { ok: false, code: "wrong-type", path, message };
}
