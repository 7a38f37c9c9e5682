import { isJsonObject } from "#events/json.ts";
import type { JsonSchema } from "#machines/expressions/json-schema.ts";

// Which schemas hold a model's answer, and which of their words are understood here: a provider refuses a schema that it cannot
// keep to strictly, and an answer that nothing can check would be taken for right.

const MAX_PARTS = 10_000;

/** Each object of it names all its properties, wants all of them and allows no other: what OpenAI calls strict. */
export function isStrict(schema: JsonSchema): boolean {
  return [...parts(schema)].every((part) => {
    if (part["type"] !== "object" && part["properties"] === undefined) return true;
    const names = isJsonObject(part["properties"]) ? Object.keys(part["properties"]) : [];
    const required = new Set(listOf(part["required"]));
    return part["additionalProperties"] === false && names.every((name) => required.has(name));
  });
}

/** Words of it that the check of answers would pass over; an answer that breaks them would be taken for right. */
export function wordsNotChecked(schema: JsonSchema): readonly string[] {
  return [...new Set([...parts(schema)].flatMap((part) => Object.keys(part).filter((word) => UNCHECKED.has(word))))];
}

const UNCHECKED = new Set([
  ...["not", "if", "then", "else", "patternProperties", "propertyNames", "contains", "minContains", "maxContains"],
  ...["dependentRequired", "dependentSchemas", "dependencies", "unevaluatedProperties", "unevaluatedItems"],
  ...["$dynamicRef", "$recursiveRef"],
]);

function* parts(schema: unknown): Generator<Readonly<Record<string, unknown>>> {
  const waiting: unknown[] = [schema];
  for (let seen = 0; waiting.length > 0 && seen < MAX_PARTS; seen++) {
    const part = waiting.pop();
    if (!isJsonObject(part)) continue;
    yield part;
    for (const word of MAPS) if (isJsonObject(part[word])) waiting.push(...Object.values(part[word]));
    for (const word of LISTS) waiting.push(...listOf(part[word]));
    for (const word of SINGLE) waiting.push(part[word]);
  }
}

const MAPS = ["properties", "$defs", "definitions"];
const LISTS = ["anyOf", "oneOf", "allOf", "prefixItems"];
const SINGLE = ["items", "additionalProperties"];

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
