import { describeType, members } from "#machines/expressions/expression-type.ts";
import type { ExpressionType, Lazy, MapType } from "#machines/expressions/expression-type.ts";
import type { Path } from "#machines/expressions/finding.ts";
import { typeOfSchema } from "#machines/expressions/json-schema.ts";
import type { JsonSchema } from "#machines/expressions/json-schema.ts";
import { KnownPairs } from "#machines/expressions/known-results.ts";
import { nearestName } from "#machines/expressions/nearest-name.ts";

// Whether a value of one schema can be passed where another is asked for. What cannot be right is refused; what may be
// right (anything, one member of a union, an optional property) is accepted and shows when the value is there.

export type Assignability = { readonly ok: true } | Refusal;

interface Refusal {
  readonly ok: false;
  /** Inside the value. */
  readonly path: Path;
  readonly code: "wrong-type" | "missing-property" | "unknown-property";
  readonly message: string;
  readonly suggestion?: string;
}

export function assignable(from: JsonSchema, to: JsonSchema): Assignability {
  return ANSWERS.get(from, to, () => compare({ from: typeOfSchema(from), to: typeOfSchema(to), path: [] }, new Map()));
}

/** Many steps hand on what the same tool gives to the same argument. */
const ANSWERS = new KnownPairs<JsonSchema, JsonSchema, Assignability>();

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
  const pairs = members(pair.from).flatMap((from) => members(pair.to).map((to) => ({ from, to, path: pair.path })));
  let deepest: Refusal = wrongType(pair);
  for (const one of pairs) {
    const result = compareOne(one, known);
    if (result.ok) return result;
    const isPlain = result.code === "wrong-type" && result.suggestion === undefined;
    if (result.path.length > deepest.path.length || (result.path.length === deepest.path.length && !isPlain)) {
      deepest = result;
    }
  }
  return deepest;
}

function compareOne(pair: Pair, known: Known): Assignability {
  const { from, to, path } = pair;
  if (from.kind === "list" && to.kind === "list") {
    return compare({ from: from.element(), to: to.element(), path: [...path, 0] }, known);
  }
  if (from.kind === "map" && to.kind === "map") return compareMaps({ from, to, path }, known);
  if (from.kind === "string" && to.kind === "string") return compareTexts(pair, from.values, to.values);
  return fitsScalar(from, to) ? FITS : wrongType(pair);
}

function fitsScalar(from: ExpressionType, to: ExpressionType): boolean {
  if (to.kind === "double") return from.kind === "double" && (from.integral || !to.integral);
  return from.kind === to.kind;
}

function compareTexts(pair: Pair, from?: readonly string[], to?: readonly string[]): Assignability {
  if (from === undefined || to === undefined || from.some((value) => to.includes(value))) return FITS;
  return { ...wrongType(pair), ...suggest(from[0] ?? "", to) };
}

interface MapPair {
  readonly from: MapType;
  readonly to: MapType;
  readonly path: Path;
}

function compareMaps(maps: MapPair, known: Known): Assignability {
  return findMissing(maps) ?? findUnfit(maps, known) ?? FITS;
}

function findMissing({ from, to, path }: MapPair): Refusal | undefined {
  if (from.rest !== undefined) return undefined;
  for (const [name, field] of to.fields) {
    if (!field.required || from.fields.has(name)) continue;
    const message = `the property ${JSON.stringify(name)} is missing (${describeType(field.type())})`;
    return { ok: false, code: "missing-property", path, message };
  }
  return undefined;
}

function findUnfit({ from, to, path }: MapPair, known: Known): Refusal | undefined {
  for (const [name, field] of from.fields) {
    const target = to.fields.get(name)?.type ?? to.rest;
    if (target === undefined && to.closed) return unknownProperty(path, name, to);
    const refusal = refusalOf(field.type, target, { path: [...path, name], known });
    if (refusal !== undefined) return refusal;
  }
  return from.rest === undefined ? undefined : refusalOf(from.rest, to.rest, { path: [...path, "*"], known });
}

function refusalOf(
  from: Lazy,
  to: Lazy | undefined,
  { path, known }: { path: Path; known: Known },
): Refusal | undefined {
  const result = to === undefined ? FITS : compare({ from: from(), to: to(), path }, known);
  return result.ok ? undefined : result;
}

function unknownProperty(path: Path, name: string, to: MapType): Refusal {
  const suggestion = suggest(name, to.fields.keys());
  const message = `there is no property ${JSON.stringify(name)}`;
  return { ok: false, code: "unknown-property", path, message, ...suggestion };
}

function suggest(name: string, candidates: Iterable<string>): { suggestion?: string } {
  const suggestion = nearestName(name, candidates);
  return suggestion === undefined ? {} : { suggestion };
}

function wrongType({ from, to, path }: Pair): Refusal {
  const message = `${describeType(to)} is wanted, this is ${describeType(from)}`;
  return { ok: false, code: "wrong-type", path, message };
}
