import { isJsonObject } from "#events/json.ts";
import * as types from "#machines/expressions/expression-type.ts";
import type { ExpressionType, Field } from "#machines/expressions/expression-type.ts";
import { KnownResults } from "#machines/expressions/known-results.ts";
import { referredPart } from "#machines/expressions/referred-part.ts";

// JSON Schema read as a type. Understood: type, properties, required, additionalProperties, items, prefixItems, enum, const,
// anyOf, oneOf, allOf of one, $ref into the same document. Everything else (formats, ranges, patterns, conditions) says less
// than a type can and is left to whoever validates the value. A schema may come from a plan: nothing in it is trusted to
// have the right form, and what is not understood is `dyn`.
//
// Where `properties` are given and `additionalProperties` is not, other properties may exist but their names are unknown:
// reading one is refused as a typo, passing one is allowed.

/** A JSON Schema document (draft 2020-12, as zod 4 writes it), or a part of one. `{}` = anything. */
export type JsonSchema = Readonly<Record<string, unknown>>;

const MAX_INLINE_DEPTH = 64;

/** Costs what the outermost level has; the parts are read when they are asked for, and once: a schema is data that nobody changes. */
export function typeOfSchema(schema: JsonSchema): ExpressionType {
  return TYPES.get(schema, () => new SchemaReader(schema).read(schema, 0));
}

/** Many steps have the same tool, and each is checked several times. */
const TYPES = new KnownResults<JsonSchema, ExpressionType>();

class SchemaReader {
  readonly #root: JsonSchema;
  readonly #known = new Map<object, ExpressionType>();
  /** What is being read right now: meeting it again means recursion without anything between. */
  readonly #open = new Set<object>();

  constructor(root: JsonSchema) {
    this.#root = root;
  }

  read(schema: unknown, depth: number): ExpressionType {
    if (schema === false) return types.NEVER;
    if (!isJsonObject(schema) || this.#open.has(schema) || depth > MAX_INLINE_DEPTH) return types.DYN;
    const known = this.#known.get(schema);
    if (known !== undefined) return known;
    this.#open.add(schema);
    const type = this.#convert(schema, depth + 1);
    this.#open.delete(schema);
    this.#known.set(schema, type);
    return type;
  }

  #convert(schema: JsonSchema, depth: number): ExpressionType {
    if (typeof schema.$ref === "string") return this.read(referredPart(this.#root, schema.$ref), depth);
    if ("const" in schema) return typeOfValue(schema.const);
    if (Array.isArray(schema.enum)) return types.joinAll(schema.enum.map(typeOfValue));
    const all = Array.isArray(schema.allOf) && schema.allOf.length === 1 ? schema.allOf : undefined;
    const alternatives: unknown = all ?? schema.anyOf ?? schema.oneOf;
    if (Array.isArray(alternatives)) return types.joinAll(alternatives.map((part) => this.read(part, depth)));
    return this.#ofNamedTypes(schema);
  }

  #ofNamedTypes(schema: JsonSchema): ExpressionType {
    if (Array.isArray(schema.type)) return types.joinAll(schema.type.map((name) => this.#ofType(name, schema)));
    if (schema.type !== undefined) return this.#ofType(schema.type, schema);
    if (isJsonObject(schema.properties)) return this.#map(schema);
    return types.DYN;
  }

  #ofType(name: unknown, schema: JsonSchema): ExpressionType {
    if (name === "object") return this.#map(schema);
    if (name === "array") return types.listOf(types.lazily(() => this.#element(schema)));
    return typeof name === "string" ? (simpleTypes.get(name) ?? types.DYN) : types.DYN;
  }

  #element(schema: JsonSchema): ExpressionType {
    const listed = [schema.prefixItems, schema.items].flatMap((items): unknown[] =>
      Array.isArray(items) ? items : [],
    );
    const rest = Array.isArray(schema.items) ? false : (schema.items ?? true);
    return types.joinAll([...listed, rest].map((item) => this.read(item, 0)));
  }

  #map(schema: JsonSchema): ExpressionType {
    const { properties, additionalProperties: rest } = schema;
    if (!isJsonObject(properties) && rest === undefined) return types.ANY_MAP;
    const required = new Set<unknown>(Array.isArray(schema.required) ? schema.required : []);
    const fields = new Map<string, Field>();
    for (const [name, property] of Object.entries(isJsonObject(properties) ? properties : {})) {
      fields.set(name, { type: types.lazily(() => this.read(property, 0)), required: required.has(name) });
    }
    if (rest === undefined || rest === false) return { kind: "map", fields, closed: rest === false };
    return { kind: "map", fields, closed: false, rest: types.lazily(() => this.read(rest, 0)) };
  }
}

const simpleTypes: ReadonlyMap<string, ExpressionType> = new Map<string, ExpressionType>([
  ["string", types.STRING],
  ["integer", types.INTEGRAL],
  ["number", types.DOUBLE],
  ["boolean", types.BOOL],
  ["null", types.NULL],
]);

/** The type of a value of JSON data: as exact as a type can say. */
export function typeOfValue(value: unknown): ExpressionType {
  if (typeof value === "string") return types.stringOf([value]);
  if (typeof value === "number") return Number.isInteger(value) ? types.INTEGRAL : types.DOUBLE;
  if (typeof value === "boolean") return types.BOOL;
  return value === null ? types.NULL : typeOfContainer(value);
}

function typeOfContainer(value: unknown): ExpressionType {
  if (Array.isArray(value)) return types.listOf(types.lazily(() => types.joinAll(value.map(typeOfValue))));
  if (!isJsonObject(value)) return types.DYN;
  const fields = new Map<string, Field>();
  for (const [name, item] of Object.entries(value)) {
    fields.set(name, { type: types.lazily(() => typeOfValue(item)), required: true });
  }
  return { kind: "map", fields, closed: true };
}
