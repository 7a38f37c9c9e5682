import { isJsonObject, json, type Json } from "#events/json.ts";
import { referredPart } from "#machines/expressions/referred-part.ts";
import type { JsonSchema } from "#machines/expressions/json-schema.ts";

// What a tool takes and gives, field by field: the leaves of its JSON Schemas, and the objects and lists on the way to them.
//
// F1. A schema may come from a server that lies: nothing in it is trusted to have the right form, and depth and number of
//     fields are bounded.
// F2. A field that is optional below a required one is optional: what is required is what a call cannot do without.

export type FieldType = "string" | "number" | "integer" | "boolean" | "array" | "object" | "any";

export interface Field {
  /** Names of properties; `*` stands for every item of a list. Empty for the value itself. */
  readonly path: readonly string[];
  readonly type: FieldType;
  readonly description: string;
  readonly isRequired: boolean;
  /** What it may be, where that is listed. */
  readonly options?: readonly Json[];
  readonly fallback?: Json;
  readonly format?: string;
  /** The keyword `semantic` of the schema: what the value means, in the words of who wrote the tool, e.g. `airport-code`. */
  readonly semantic?: string;
}

const MAX_DEPTH = 6;
const MAX_FIELDS = 500;
const MAX_DESCRIPTION_CHARS = 1_000;
const TYPES: ReadonlySet<string> = new Set(["string", "number", "integer", "boolean", "array", "object"]);

/** In the order of the schema, an object before what is in it. */
export function fieldsOf(schema: JsonSchema): readonly Field[] {
  const fields: Field[] = [];
  const visit = (part: JsonSchema, { path, isRequired }: Pick<Field, "path" | "isRequired">): void => {
    if (path.length > MAX_DEPTH || fields.length >= MAX_FIELDS) return;
    const plain = plainOf(part, schema);
    fields.push(fieldOf(plain, { path, isRequired }));
    const required: readonly unknown[] = Array.isArray(plain["required"]) ? plain["required"] : [];
    for (const [name, inner] of entriesOf(plain["properties"]))
      visit(inner, { path: [...path, name], isRequired: isRequired && required.includes(name) });
    if (isJsonObject(plain["items"])) visit(plain["items"], { path: [...path, "*"], isRequired: false });
  };
  visit(schema, { path: [], isRequired: true });
  return fields;
}

function fieldOf(plain: JsonSchema, at: Pick<Field, "path" | "isRequired">): Field {
  const { description, default: fallback, format, semantic } = plain;
  const options = optionsOf(plain);
  const given = asJson(fallback);
  return {
    ...at,
    type: typeOf(plain),
    description: typeof description === "string" ? description.slice(0, MAX_DESCRIPTION_CHARS) : "",
    ...(options === undefined ? {} : { options }),
    ...(given === undefined ? {} : { fallback: given }),
    ...(typeof format === "string" ? { format } : {}),
    ...(typeof semantic === "string" ? { semantic } : {}),
  };
}

function typeOf({ type, properties, enum: options }: JsonSchema): FieldType {
  const names: readonly unknown[] = Array.isArray(type) ? type.filter((name) => name !== "null") : [type];
  const [name] = names;
  if (names.length === 1 && isType(name)) return name;
  if (isJsonObject(properties)) return "object";
  return Array.isArray(options) && options.every((one) => typeof one === "string") ? "string" : "any";
}

function isType(name: unknown): name is FieldType {
  return typeof name === "string" && TYPES.has(name);
}

function optionsOf({ enum: options, const: only }: JsonSchema): readonly Json[] | undefined {
  if (Array.isArray(options)) return options.map(asJson).filter((option) => option !== undefined);
  const value = asJson(only);
  return value === undefined ? undefined : [value];
}

function asJson(value: unknown): Json | undefined {
  return value === undefined ? undefined : json.safeParse(value).data;
}

/** What is referred to, and the one alternative of a value that may be null; what stands beside it counts as well. */
function plainOf(part: JsonSchema, root: JsonSchema): JsonSchema {
  let plain = part;
  for (let hops = 0; hops < MAX_DEPTH; hops++) {
    const { $ref, anyOf, oneOf, allOf, ...beside } = plain;
    const next = typeof $ref === "string" ? referredPart(root, $ref) : onlyOf(anyOf ?? oneOf ?? allOf);
    if (!isJsonObject(next)) return plain;
    plain = { ...next, ...beside };
  }
  return plain;
}

function onlyOf(alternatives: unknown): unknown {
  if (!Array.isArray(alternatives)) return undefined;
  const some = alternatives.filter((one) => isJsonObject(one) && one["type"] !== "null");
  return some.length === 1 ? some[0] : undefined;
}

function entriesOf(properties: unknown): readonly (readonly [string, JsonSchema])[] {
  if (!isJsonObject(properties)) return [];
  return Object.entries(properties).flatMap(([name, inner]) => (isJsonObject(inner) ? [[name, inner] as const] : []));
}
