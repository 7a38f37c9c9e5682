import { isJsonObject, type Json, type JsonObject } from "#events/json.ts";
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
  const check: Check = { root: schema, path: [], found: [], visits: 0, depth: 0 };
  visit(schema, value, check);
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
  /** Where in the value it is right now: copied for what is found there, which for most values is nothing. */
  readonly path: (string | number)[];
  found: Found[];
  visits: number;
  /** Schemas within each other right now. */
  depth: number;
}

function visit(schema: unknown, value: Json, check: Check): void {
  check.visits += 1;
  if (check.visits > MAX_SCHEMA_VISITS || check.depth >= MAX_SCHEMA_DEPTH || check.found.length >= MAX_VIOLATIONS)
    return;
  check.depth += 1;
  apply(schema, value, check);
  check.depth -= 1;
}

function apply(schema: unknown, value: Json, check: Check): void {
  if (schema === false) add(check, { code: "unknown-property", message: "nothing is possible here" });
  if (!isJsonObject(schema)) return;
  if (typeof schema.$ref === "string") visit(referredPart(check.root, schema.$ref), value, check);
  if (!fitsType(schema.type, value)) {
    const message = `${wantedText(schema)} is wanted, this is ${describeJson(value)}`;
    add(check, { code: "wrong-type", message });
    return;
  }
  for (const violation of scalarViolations(schema, value)) add(check, violation);
  visitAlternatives(schema, value, check);
  if (Array.isArray(value)) visitItems(schema, value, check);
  else if (isJsonObject(value)) visitProperties(schema, value, check);
}

function add({ found, path }: Check, violation: Omit<Found, "path">): void {
  found.push({ ...violation, path: [...path] });
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
function visitAlternatives(schema: JsonSchema, value: Json, check: Check): void {
  for (const part of listOf(schema.allOf)) visit(part, value, check);
  if (schema.anyOf === undefined && schema.oneOf === undefined) return;
  const alternatives = [...listOf(schema.anyOf), ...listOf(schema.oneOf)];
  const attempts = attemptsAt(alternatives, value, check);
  // What got furthest into the value is what was meant.
  const nearest = attempts.toSorted((a, b) => depthOf(b) - depthOf(a))[0] ?? [];
  if (attempts.length === 1 || depthOf(nearest) > check.path.length) check.found.push(...nearest);
  else if (attempts.length > 0) {
    add(check, { code: "wrong-type", message: alternativesText(alternatives, value) });
  }
}

/**
 * What is wrong by each of them; nothing at all where one fits. Most are told apart by a constant, and what the value has there says which
 * one is meant: the others are looked at where it does not fit.
 */
function attemptsAt(alternatives: readonly unknown[], value: Json, check: Check): readonly (readonly Found[])[] {
  const tried = new Map<unknown, readonly Found[]>();
  for (const isAnyKind of [false, true]) {
    for (const alternative of alternatives) {
      if (tried.has(alternative) || (!isAnyKind && isOtherKind(alternative, value))) continue;
      const found = attempt(alternative, value, check);
      if (found.length === 0) return [];
      tried.set(alternative, found);
    }
  }
  return alternatives.map((alternative) => tried.get(alternative) ?? []);
}

/** What is wrong with the value by this schema, which is not yet what is wrong with it. */
function attempt(schema: unknown, value: Json, check: Check): readonly Found[] {
  const before = check.found;
  check.found = [];
  visit(schema, value, check);
  const { found } = check;
  check.found = before;
  return found;
}

/** A property of it is to be a text that the value has another of. */
function isOtherKind(alternative: unknown, value: Json): boolean {
  if (!isJsonObject(alternative) || !isJsonObject(alternative.properties) || !isJsonObject(value)) return false;
  const { properties } = alternative;
  for (const name of Object.keys(properties)) {
    const property = properties[name];
    if (!isJsonObject(property) || typeof property.const !== "string" || !Object.hasOwn(value, name)) continue;
    if (value[name] !== property.const) return true;
  }
  return false;
}

function depthOf(found: readonly Found[]): number {
  return Math.max(0, ...found.map(({ path }) => path.length));
}

function alternativesText(alternatives: readonly unknown[], value: Json): string {
  const types = alternatives.map((part) => (isJsonObject(part) && "type" in part ? wantedText(part) : "another form"));
  return `${[...new Set(types)].join(" or ")} is wanted, this is ${describeJson(value)}`;
}

function visitItems(schema: JsonSchema, value: readonly Json[], check: Check): void {
  const listed = listOf(schema.prefixItems);
  value.forEach((item, index) => {
    check.path.push(index);
    visit(index < listed.length ? listed[index] : schema.items, item, check);
    check.path.pop();
  });
}

function visitProperties(schema: JsonSchema, value: JsonObject, check: Check): void {
  const properties = isJsonObject(schema.properties) ? schema.properties : {};
  for (const name of listOf(schema.required)) {
    if (typeof name !== "string" || Object.hasOwn(value, name)) continue;
    add(check, { code: "missing-property", message: `the property ${JSON.stringify(name)} is missing` });
  }
  for (const name of Object.keys(value)) {
    check.path.push(name);
    if (Object.hasOwn(properties, name)) visit(properties[name], value[name] ?? null, check);
    else if (schema.additionalProperties !== false) visit(schema.additionalProperties, value[name] ?? null, check);
    else {
      const message = `there is no property ${JSON.stringify(name)}`;
      add(check, { code: "unknown-property", message, unknown: { name, known: Object.keys(properties) } });
    }
    check.path.pop();
  }
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
