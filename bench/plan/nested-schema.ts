import { isJsonObject, json, type Json } from "#events/json.ts";
import type { JsonSchema } from "#machines/expressions/json-schema.ts";

// Parameters as NESTFUL's specifications describe them, as JSON Schema. They come from web pages of many hands: types are written in any
// case, some are no types ("Enum", "Date (yyyy-mm-dd)"), and what may be left out is said in four ways.

type Described = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export function parameterSchema(parameters: Described): JsonSchema {
  const entries = Object.entries(parameters);
  return {
    type: "object",
    properties: Object.fromEntries(entries.map(([name, described]): [string, Json] => [name, fieldSchema(described)])),
    required: entries.filter(([, described]) => isNeeded(described)).map(([name]) => name),
  };
}

const TYPES: Readonly<Record<string, string>> = {
  ...{ string: "string", text: "string", enum: "string", number: "number", float: "number", integer: "integer", int: "integer" },
  ...{ boolean: "boolean", bool: "boolean", array: "array", list: "array", object: "object" },
};

function fieldSchema(described: Readonly<Record<string, unknown>>): { [key: string]: Json } {
  const { type, description, properties, items, default: fallback } = described;
  const named = String(type).toLowerCase();
  const schema: { [key: string]: Json } = {};
  const known = named.startsWith("date") ? "string" : TYPES[named];
  if (known !== undefined) schema["type"] = known;
  if (named.startsWith("date")) schema["format"] = "date";
  if (typeof description === "string") schema["description"] = description;
  const options = [described["enum"], described["allowed_values"], described["possible_values"]].find(Array.isArray);
  if (options !== undefined && options.every((one) => typeof one === "string")) schema["enum"] = options;
  const given = json.safeParse(fallback).data;
  if (fallback !== undefined && given !== undefined) schema["default"] = given;
  if (isJsonObject(properties)) schema["properties"] = propertiesOf(properties);
  if (isJsonObject(items)) schema["items"] = fieldSchema(items);
  return schema;
}

function propertiesOf(properties: { readonly [key: string]: Json }): { [key: string]: Json } {
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, inner]): readonly [string, Json][] =>
      isJsonObject(inner) ? [[name, fieldSchema(inner)]] : [],
    ),
  );
}

/** What says nothing about it is needed if nothing else stands for it, and if it is the only one to say what is asked for. */
function isNeeded({ required, optional, default: fallback, description }: Readonly<Record<string, unknown>>): boolean {
  if (typeof required === "boolean") return required;
  if (optional === true || fallback !== undefined) return false;
  return /^(?:insert|search)\b/i.test(String(description));
}
