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
  ...{
    string: "string",
    text: "string",
    enum: "string",
    number: "number",
    float: "number",
    integer: "integer",
    int: "integer",
  },
  ...{ boolean: "boolean", bool: "boolean", array: "array", list: "array", object: "object" },
};

function fieldSchema(described: Readonly<Record<string, unknown>>): { [key: string]: Json } {
  const { description, default: fallback, properties, items } = described;
  const given = fallback === undefined ? undefined : json.safeParse(fallback).data;
  return {
    ...typeSchema(String(described["type"]).toLowerCase()),
    ...optionSchema([described["enum"], described["allowed_values"], described["possible_values"]]),
    ...(typeof description === "string" ? { description } : {}),
    ...(given === undefined ? {} : { default: given }),
    ...(isJsonObject(properties) ? { properties: propertiesOf(properties) } : {}),
    ...(isJsonObject(items) ? { items: fieldSchema(items) } : {}),
  };
}

function typeSchema(named: string): { [key: string]: Json } {
  if (named.startsWith("date")) return { type: "string", format: "date" };
  const type = TYPES[named];
  return type === undefined ? {} : { type };
}

function optionSchema(lists: readonly unknown[]): { [key: string]: Json } {
  const options = lists.flatMap((list): readonly (readonly unknown[])[] => (Array.isArray(list) ? [list] : []))[0];
  return options?.every((one) => typeof one === "string") ? { enum: options } : {};
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
