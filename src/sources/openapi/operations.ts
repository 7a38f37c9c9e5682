import { isJsonList, isJsonObject, type Json, type JsonObject } from "#events/json.ts";
import type { JsonSchema } from "#machines/expressions/json-schema.ts";
import { referredPart } from "#machines/expressions/referred-part.ts";
import type { ApiDocument } from "#src/sources/openapi/document.ts";
import { plainText } from "#src/sources/plain-text.ts";
import { schemaFlaw } from "#src/sources/schema-bounds.ts";

// The operations of an OpenAPI document: what each takes in one object, where each part of it goes, and what it gives.
//
// R1. Parameters and the properties of a JSON body are arguments side by side. A body that is no object, or whose properties meet a
//     parameter's name, is the argument `body`.
// R2. Schemas take what they refer to with them, so that each is whole by itself.
// R3. What cannot be called (another kind of body, a cookie that is required) is left out and named.

interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
}

export interface Operation {
  /** `operationId`, or made from method and path. */
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly description: string;
  readonly parameters: readonly Parameter[];
  /** `fields` beside the parameters, `whole` as the argument `body`. */
  readonly body: "none" | "fields" | "whole";
  readonly inputSchema: JsonSchema;
  readonly outputSchema: JsonSchema;
}

export interface Operations {
  readonly operations: readonly Operation[];
  readonly flaws: readonly string[];
}

const METHODS = ["get", "head", "post", "put", "patch", "delete", "options"];
const MAX_OPERATIONS = 2_000;
const MAX_FLAWS = 20;
const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\b/;

export function operationsOf(document: ApiDocument): Operations {
  const operations: Operation[] = [];
  const flaws: string[] = [];
  for (const [path, item] of Object.entries(document.resolved(document.root["paths"]))) {
    const found = document.resolved(item);
    for (const method of METHODS.filter((name) => isJsonObject(found[name]))) {
      if (operations.length >= MAX_OPERATIONS) break;
      const read = operationOf(document, { path, method, item: found });
      if (typeof read !== "string") operations.push(read);
      else if (flaws.length < MAX_FLAWS) flaws.push(`${method.toUpperCase()} ${plainText(path)}: ${read}`);
    }
  }
  return { operations, flaws };
}

interface Place {
  readonly path: string;
  readonly method: string;
  readonly item: JsonObject;
}

/** The operation, or why it is left out. */
function operationOf(document: ApiDocument, { path, method, item }: Place): Operation | string {
  const said = document.resolved(item[method]);
  const parameters = [...listOf(item["parameters"]), ...listOf(said["parameters"])].map((one) =>
    document.resolved(one),
  );
  const cookie = parameters.find((one) => one["in"] === "cookie" && one["required"] === true);
  if (cookie !== undefined) return `it needs the cookie ${plainText(JSON.stringify(cookie["name"]))}`;
  const body = bodyOf(document, said["requestBody"]);
  if (typeof body === "string") return body;
  const known = new Map(
    parameters.flatMap((one) => parameterOf(one) ?? []).map((one) => [`${one.in} ${one.name}`, one]),
  );
  const joined = joinedInput(document, { parameters, known: [...known.values()], body });
  const output = outputSchemaOf(document, said["responses"]);
  const flaw = schemaFlaw(joined.schema) ?? schemaFlaw(output);
  if (flaw !== undefined) return `its schema ${flaw}`;
  const { operationId, summary, description } = said;
  return {
    name:
      typeof operationId === "string"
        ? operationId
        : [method, ...path.split(/[^A-Za-z0-9]+/).filter(Boolean)].join("_"),
    ...{ method: method.toUpperCase(), path, parameters: [...known.values()], body: joined.body },
    description: plainText([summary, description].filter((text) => typeof text === "string").join("\n")),
    inputSchema: joined.schema,
    outputSchema: output,
  };
}

function parameterOf(parameter: JsonObject): Parameter | undefined {
  const { name, in: place } = parameter;
  if (typeof name !== "string") return undefined;
  return place === "path" || place === "query" || place === "header" ? { name, in: place } : undefined;
}

interface Body {
  readonly schema: JsonObject | undefined;
  readonly isRequired: boolean;
}

function bodyOf(document: ApiDocument, written: unknown): Body | string {
  if (written === undefined) return { schema: undefined, isRequired: false };
  const body = document.resolved(written);
  const content = document.resolved(body["content"]);
  const [type] = Object.keys(content).filter((name) => JSON_TYPE.test(name));
  const isRequired = body["required"] === true;
  if (type !== undefined) return { schema: asObject(document.resolved(content[type])["schema"]), isRequired };
  return isRequired ? "its body is not JSON" : { schema: undefined, isRequired };
}

interface Parts {
  readonly parameters: readonly JsonObject[];
  readonly known: readonly Parameter[];
  readonly body: Body;
}

interface JoinedInput {
  readonly schema: JsonSchema;
  readonly body: Operation["body"];
}

/** R1. */
function joinedInput(document: ApiDocument, parts: Parts): JoinedInput {
  const given = parameterFields(parts);
  const { schema, isRequired } = parts.body;
  if (schema === undefined) return { schema: whole(document, objectOf(given)), body: "none" };
  const fields = document.resolved(schema);
  const inner = asObject(fields["properties"]);
  if (inner === undefined || Object.keys(inner).some((name) => Object.hasOwn(given.properties, name))) {
    const required = isRequired ? [...given.required, "body"] : given.required;
    const all = { properties: { ...given.properties, body: schema }, required };
    return { schema: whole(document, objectOf(all)), body: "whole" };
  }
  const names = listOf(fields["required"]).filter((name) => typeof name === "string");
  const required = isRequired ? [...given.required, ...names] : given.required;
  const all = { properties: { ...given.properties, ...inner }, required };
  return { schema: whole(document, objectOf(all, fields["additionalProperties"])), body: "fields" };
}

interface Fields {
  readonly properties: JsonObject;
  readonly required: readonly string[];
}

function parameterFields({ parameters, known }: Parts): Fields {
  const properties: Record<string, Json> = {};
  const required: string[] = [];
  for (const { name, in: place } of known) {
    const written = parameters.findLast((one) => one["name"] === name && one["in"] === place) ?? {};
    const { description } = written;
    const schema = asObject(written["schema"]) ?? {};
    properties[name] = typeof description === "string" ? { description, ...schema } : schema;
    if (place === "path" || written["required"] === true) required.push(name);
  }
  return { properties, required };
}

function objectOf({ properties, required }: Fields, more: Json = false): JsonObject {
  return { type: "object", properties, required: [...new Set(required)], additionalProperties: more };
}

/** Of the first answer that says that all is well; `{}` where it says nothing of what it has in it. */
function outputSchemaOf(document: ApiDocument, written: unknown): JsonSchema {
  const responses = document.resolved(written);
  const status =
    Object.keys(responses)
      .filter((name) => /^2(?:\d\d|XX)$/i.test(name))
      .sort()[0] ?? "default";
  const content = document.resolved(document.resolved(responses[status])["content"]);
  const [type] = Object.keys(content).filter((name) => JSON_TYPE.test(name));
  const schema = type === undefined ? undefined : asObject(document.resolved(content[type])["schema"]);
  return schema === undefined ? {} : whole(document, schema);
}

/** R2. Names of what is referred to become `$defs`; `nullable` of 3.0 becomes a type. */
function whole(document: ApiDocument, schema: JsonObject): JsonSchema {
  const names = new Map<string, string>();
  const $defs: Record<string, Json> = {};
  const copy = (part: Json, depth: number): Json => {
    if (depth > MAX_DEPTH) return {};
    if (isJsonList(part)) return part.map((one) => copy(one, depth + 1));
    if (!isJsonObject(part)) return part;
    const reference = part["$ref"];
    const { nullable, ...rest } = part;
    const copied = Object.fromEntries(
      Object.entries(rest).map(([name, one]): [string, Json] => [name, name === "$ref" ? one : copy(one, depth + 1)]),
    );
    // One that leads nowhere stays as it is, and is named.
    if (typeof reference === "string" && isJsonObject(referredPart(document.root, reference)))
      copied["$ref"] = `#/$defs/${named(reference)}`;
    return nullable === true && typeof copied["type"] === "string"
      ? { ...copied, type: [copied["type"], "null"] }
      : copied;
  };
  const named = (reference: string): string => {
    const known = names.get(reference);
    if (known !== undefined) return known;
    const name = `d${names.size}`;
    names.set(reference, name);
    if (names.size <= MAX_DEFINITIONS) $defs[name] = copy(document.resolved({ $ref: reference }), 0);
    return name;
  };
  const copied = copy(schema, 0);
  if (!isJsonObject(copied)) return {};
  return names.size === 0 ? copied : { ...copied, $defs };
}

const MAX_DEPTH = 64;
const MAX_DEFINITIONS = 500;

function listOf(value: unknown): readonly Json[] {
  return isJsonList(value) ? value : [];
}

function asObject(value: Json | undefined): JsonObject | undefined {
  return value !== undefined && isJsonObject(value) ? value : undefined;
}
