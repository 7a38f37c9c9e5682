import type { Json } from "#events/json.ts";
import { isJsonObject } from "#events/json.ts";
import type { JsonSchema } from "#machines/expressions/json-schema.ts";
import type { Path } from "#machines/expressions/finding.ts";
import { nearestName } from "#machines/expressions/nearest-name.ts";
import { scalarViolations } from "#machines/expressions/json-schema-scalars.ts";
import { describeJson } from "#machines/expressions/describe-json.ts";
import { referredPart } from "#machines/expressions/referred-part.ts";

// Checks a value that is there against a JSON Schema (draft 2020-12, the keywords that zod writes and that inputs may use):
// constants of a plan and inputs given to it. `format` is a note, as the standard says. A keyword that is not known checks
// nothing: the tool itself still does when it runs.
//
// J1. A schema may come from a plan: nothing in it is trusted to have the right form, patterns run in linear time.
// J2. Work is bounded: at most MAX_SCHEMA_VISITS schemas are looked at, MAX_SCHEMA_DEPTH within each other; what remains is
//     taken to fit.

const MAX_SCHEMA_VISITS = 100_000;
const MAX_SCHEMA_DEPTH = 256;
const MAX_VIOLATIONS = 20;

export interface Violation {
  readonly code: string;
  readonly message: string;
  readonly path: Path;
  readonly suggestion?: string;
}

/** Empty when the value fits. */
export function violationsOf(schema: JsonSchema, value: Json): readonly Violation[] {
  const check: Check = { root: schema, found: [], visits: 0, depth: 0 };
  visit(schema, { value, path: [] }, check);
  return check.found.slice(0, MAX_VIOLATIONS).map(({ unknown, ...violation }) => {
    const suggestion = unknown && nearestName(unknown.name, unknown.known);
    return suggestion === undefined ? violation : { ...violation, suggestion };
  });
}

interface Found extends Omit<Violation, "suggestion"> {
  /** Looked for near ones when it is reported: most are found in alternatives that are not meant. */
  readonly unknown?: { readonly name: string; readonly known: readonly string[] };
}

interface Check {
  readonly root: JsonSchema;
  readonly found: Found[];
  visits: number;
  /** Schemas within each other right now. */
  depth: number;
}

interface Spot {
  readonly value: Json;
  readonly path: Path;
}

function visit(schema: unknown, spot: Spot, check: Check): void {
  check.visits += 1;
  if (check.visits > MAX_SCHEMA_VISITS || check.depth >= MAX_SCHEMA_DEPTH || check.found.length >= MAX_VIOLATIONS)
    return;
  check.depth += 1;
  apply(schema, spot, check);
  check.depth -= 1;
}

function apply(schema: unknown, spot: Spot, check: Check): void {
  if (schema === false) add(check, spot, { code: "unknown-property", message: "nothing is possible here" });
  if (!isJsonObject(schema)) return;
  if (typeof schema.$ref === "string") visit(referredPart(check.root, schema.$ref), spot, check);
  if (!fitsType(schema.type, spot.value)) {
    const message = `${wantedText(schema)} is wanted, this is ${describeJson(spot.value)}`;
    add(check, spot, { code: "wrong-type", message });
    return;
  }
  for (const violation of scalarViolations(schema, spot.value)) add(check, spot, violation);
  visitAlternatives(schema, spot, check);
  if (Array.isArray(spot.value)) visitItems(schema, { ...spot, value: spot.value }, check);
  else if (isJsonObject(spot.value)) visitProperties(schema, { ...spot, value: spot.value }, check);
}

function add(check: Check, { path }: Spot, violation: Omit<Found, "path">): void {
  check.found.push({ ...violation, path });
}

function fitsType(type: unknown, value: Json): boolean {
  if (Array.isArray(type)) return type.some((one) => fitsType(one, value));
  // A plan may name any type, also what every object has.
  if (typeof type !== "string" || !Object.hasOwn(typeTests, type)) return true;
  return typeTests[type]?.(value) ?? true;
}

const typeTests: Readonly<Record<string, (value: Json) => boolean>> = {
  string: (value) => typeof value === "string",
  number: (value) => typeof value === "number",
  integer: (value) => Number.isInteger(value),
  boolean: (value) => typeof value === "boolean",
  null: (value) => value === null,
  array: (value) => Array.isArray(value),
  object: (value) => isJsonObject(value),
};

function wantedText({ type, secret }: Readonly<Record<string, unknown>>): string {
  if (secret === true) return 'a reference to a secret, { $secret: "NAME" },';
  return [type].flat().map(String).join(" or ");
}

/** `oneOf` is read as `anyOf`: that a value fits two alternatives has never been a plan's mistake. */
function visitAlternatives(schema: JsonSchema, spot: Spot, check: Check): void {
  for (const part of listOf(schema.allOf)) visit(part, spot, check);
  const alternatives = [...listOf(schema.anyOf), ...listOf(schema.oneOf)];
  const attempts: (readonly Found[])[] = [];
  for (const alternative of alternatives) {
    const attempt: Check = { root: check.root, found: [], visits: check.visits, depth: check.depth };
    visit(alternative, spot, attempt);
    check.visits = attempt.visits;
    if (attempt.found.length === 0) return;
    attempts.push(attempt.found);
  }
  // What got furthest into the value is what was meant.
  const nearest = attempts.toSorted((a, b) => depthOf(b) - depthOf(a))[0] ?? [];
  if (attempts.length === 1 || depthOf(nearest) > spot.path.length) check.found.push(...nearest);
  else if (attempts.length > 0) {
    add(check, spot, { code: "wrong-type", message: alternativesText(alternatives, spot.value) });
  }
}

function depthOf(found: readonly Found[]): number {
  return Math.max(0, ...found.map(({ path }) => path.length));
}

function alternativesText(alternatives: readonly unknown[], value: Json): string {
  const types = alternatives.map((part) => (isJsonObject(part) && "type" in part ? wantedText(part) : "another form"));
  return `${[...new Set(types)].join(" or ")} is wanted, this is ${describeJson(value)}`;
}

function visitItems(schema: JsonSchema, { value, path }: Spot & { value: readonly Json[] }, check: Check): void {
  const listed = listOf(schema.prefixItems);
  value.forEach((item, index) => {
    const itemSchema = index < listed.length ? listed[index] : schema.items;
    visit(itemSchema, { value: item, path: [...path, index] }, check);
  });
}

function visitProperties(
  schema: JsonSchema,
  spot: Spot & { value: Readonly<Record<string, Json>> },
  check: Check,
): void {
  const properties = isJsonObject(schema.properties) ? schema.properties : {};
  for (const name of listOf(schema.required)) {
    if (typeof name !== "string" || Object.hasOwn(spot.value, name)) continue;
    add(check, spot, { code: "missing-property", message: `the property ${JSON.stringify(name)} is missing` });
  }
  for (const [name, item] of Object.entries(spot.value)) {
    const inner = { value: item, path: [...spot.path, name] };
    if (Object.hasOwn(properties, name)) visit(properties[name], inner, check);
    else if (schema.additionalProperties !== false) visit(schema.additionalProperties, inner, check);
    else {
      const message = `there is no property ${JSON.stringify(name)}`;
      add(check, inner, { code: "unknown-property", message, unknown: { name, known: Object.keys(properties) } });
    }
  }
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
