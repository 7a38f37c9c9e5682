// What a JSON Schema of the plan language accepts, in words.
import { isJsonList, isJsonObject, type Json, type JsonObject } from "#events/json.ts";
import { DURATION } from "#src/language/duration.ts";

/** Definitions that a cell can name better than by their name. */
const NAMED: Readonly<Record<string, string>> = {
  steps: "steps by id",
  inputs: "[inputs](#an-input) by name",
  body: "a step, or a [block](#a-block-of-steps)",
  schema: "a schema",
  waiting: "duration, or a mapping ([wait](#inside-wait))",
  question: "mapping ([approve](#inside-approve))",
  join: "a mapping ([join](#inside-join))",
  fallback: "[alternatives](#an-alternative-of-fallback)",
  retry: "attempts, or a mapping ([retry](#inside-retry))",
  retryOn: "mapping ([retry.on](#inside-retryon))",
  unknown: "a mapping ([unknown](#inside-unknown))",
  verify: "mapping ([verify](#inside-unknownverify))",
  undo: "mapping ([undo](#inside-undo))",
};

export function typeText(shape: JsonObject): string {
  const { $ref, enum: words, anyOf, type, items } = shape;
  if (typeof $ref === "string") return NAMED[$ref.replace("#/$defs/", "")] ?? $ref;
  if (isJsonList(words)) return words.map((word) => `\`${String(word)}\``).join(", ");
  if (isJsonList(anyOf)) return anyOf.map((form) => typeText(objectOf(form))).join(", or ");
  if (isJsonList(type)) return "condition";
  switch (type) {
    case undefined:
      return "template";
    case "string":
      return textOf(shape);
    case "integer":
    case "number":
      return numberText(shape, type === "integer" ? "whole number" : "number");
    case "boolean":
      return "`true` or `false`";
    case "array":
      return isJsonObject(items) ? `list of ${typeText(items)}` : "list";
    default:
      return mappingText(shape);
  }
}

function textOf({ pattern }: JsonObject): string {
  if (pattern === DURATION.source) return "duration";
  return typeof pattern === "string" ? `text \`${pattern}\`` : "text";
}

function numberText({ minimum, maximum, exclusiveMinimum }: JsonObject, name: string): string {
  if (exclusiveMinimum !== undefined) return `${name} above ${String(exclusiveMinimum)}`;
  if (minimum === undefined) return name;
  return maximum === undefined
    ? `${name}, at least ${String(minimum)}`
    : `${name}, ${String(minimum)} to ${String(maximum)}`;
}

function mappingText({ properties, additionalProperties }: JsonObject): string {
  if (isJsonObject(additionalProperties)) return `mapping of ${typeText(additionalProperties)} by name`;
  const [first] = isJsonObject(properties) ? Object.values(properties) : [];
  return first === undefined ? "mapping" : `mapping of ${typeText(objectOf(first))}`;
}

function objectOf(value: Json): JsonObject {
  return isJsonObject(value) ? value : {};
}
