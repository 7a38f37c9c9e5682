// What a JSON Schema of the plan language accepts, in words. Only the forms that the language has are told apart: a form
// that is new is told as a mapping until it has words here.
import { isJsonList, isJsonObject, type Json, type JsonObject } from "#events/json.ts";
import { DURATION } from "#src/language/duration.ts";

/** Definitions that a cell can name better than by their name. */
const NAMED: Readonly<Record<string, string>> = {
  steps: "steps by id",
  inputs: "[inputs](#an-input) by name",
  body: "a step, or a [block](#a-block-of-steps)",
  schema: "schema",
  waiting: "duration, or a mapping ([wait](#inside-wait))",
  question: "mapping ([approve](#inside-approve))",
  join: "a mapping ([join](#inside-join))",
  fallback: "[alternatives](#an-alternative-of-fallback)",
  retry: "attempts, or a mapping ([retry](#inside-retry))",
  retryOn: "mapping ([retry.on](#inside-retryon))",
  unknown: "a mapping ([unknown](#inside-unknown))",
  verify: "mapping ([verify](#inside-unknownverify))",
  undo: "mapping ([undo](#inside-undo))",
  answers: "a mapping ([by how it ends](#inside-respond))",
  returns: "schemas by name",
  replan: "mapping ([replan](#inside-replan))",
};

/** `anything` names what may be any value. */
export function typeText(shape: JsonObject, anything = "template"): string {
  const { $ref, enum: words, anyOf, type } = shape;
  if (typeof $ref === "string") return NAMED[$ref.replace("#/$defs/", "")] ?? $ref;
  if (isJsonList(words)) return words.map((word) => `\`${plain(word)}\``).join(", ");
  if (isJsonList(anyOf)) return anyOf.map((form) => typeText(objectOf(form), anything)).join(", or ");
  if (isJsonList(type)) return "condition";
  return type === undefined ? anything : (TEXTS[plain(type)]?.(shape) ?? mappingText(shape));
}

const TEXTS: Readonly<Record<string, (shape: JsonObject) => string>> = {
  string: textOf,
  integer: (shape) => numberText(shape, "whole number"),
  number: (shape) => numberText(shape, "number"),
  boolean: () => "`true` or `false`",
  array: ({ items }) => (isJsonObject(items) ? `list of ${typeText(items)}` : "list"),
};

function textOf({ pattern }: JsonObject): string {
  if (pattern === DURATION.source) return "duration";
  return typeof pattern === "string" ? `text \`${pattern}\`` : "text";
}

function numberText({ minimum, maximum, exclusiveMinimum }: JsonObject, name: string): string {
  if (exclusiveMinimum !== undefined) return `${name} above ${plain(exclusiveMinimum)}`;
  if (minimum === undefined) return name;
  return maximum === undefined
    ? `${name}, at least ${plain(minimum)}`
    : `${name}, ${plain(minimum)} to ${plain(maximum)}`;
}

function mappingText({ properties, additionalProperties }: JsonObject): string {
  if (isJsonObject(additionalProperties)) return `mapping of ${typeText(additionalProperties)} by name`;
  const [first] = isJsonObject(properties) ? Object.values(properties) : [];
  return first === undefined ? "mapping" : `mapping of ${typeText(objectOf(first))}`;
}

function plain(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function objectOf(value: Json): JsonObject {
  return isJsonObject(value) ? value : {};
}
