import { isJsonList, isJsonObject, type Json, type JsonObject } from "#events/json.ts";
import { SCHEMA } from "#src/language/vocabulary.ts";
import type { Call } from "#src/planning/binding/source.ts";
import type { CatalogEntry } from "#src/planning/catalog/entry.ts";
import type { Combination } from "#src/planning/writing/combined-outputs.ts";

// The outputs of a plan that was made for a request, and what it says that they are: a list for what was combined, else what the tool says
// of its output, as far as the language of plans has words for that.

interface Made {
  readonly calls: readonly Call[];
  readonly ids: readonly string[];
  readonly entries: readonly CatalogEntry[];
  readonly combined: readonly Combination[];
}

/** Characters of a schema as JSON that a plan takes over. */
const MAX_SCHEMA_CHARS = 8_192;
const MAX_SCHEMA_DEPTH = 16;

/** What is combined is one output, under the id of the step that gathers it. */
export function combinedOutputs(
  outputs: JsonObject,
  combined: readonly Combination[],
  ids: readonly string[],
): JsonObject {
  const gathered = new Set(combined.flatMap(({ calls }) => calls.map((at) => ids[at])));
  const others = Object.entries(outputs).filter(([id]) => !gathered.has(id));
  return Object.fromEntries([...others, ...combined.map(({ id, list }): [string, Json] => [id, `\${${list}}`])]);
}

/** By the name of the output; undefined where nothing is known of any. */
export function returnsOf(outputs: JsonObject, { calls, ids, entries, combined }: Made): JsonObject | undefined {
  const returns = Object.keys(outputs).flatMap((id): readonly (readonly [string, Json])[] => {
    const group = combined.find((one) => one.id === id);
    if (group !== undefined) return [[id, entriesSchema(group)]];
    const tool = calls[ids.indexOf(id)]?.tool;
    const schema = plainSchema(entries.find(({ name }) => name === tool)?.outputSchema);
    return schema === undefined ? [] : [[id, schema]];
  });
  return returns.length === 0 ? undefined : Object.fromEntries(returns);
}

function entriesSchema({ columns: [name = "number"] }: Combination): JsonObject {
  return { type: "array", items: { type: "object", required: [name] } };
}

/** In the words that a plan has; undefined where it has others, or says nothing. */
function plainSchema(schema: unknown): JsonObject | undefined {
  if (!isJsonObject(schema)) return undefined;
  const { $schema: _, ...plain } = schema;
  if (Object.keys(plain).length === 0 || !isPlain(plain, 0)) return undefined;
  return JSON.stringify(plain).length > MAX_SCHEMA_CHARS ? undefined : plain;
}

function isPlain(schema: Json | undefined, depth: number): boolean {
  if (schema === undefined || typeof schema === "boolean") return true;
  if (!isJsonObject(schema) || depth > MAX_SCHEMA_DEPTH) return false;
  if (!Object.keys(schema).every((word) => SCHEMA.words.includes(word))) return false;
  const { properties, items, additionalProperties, anyOf, oneOf } = schema;
  const named = isJsonObject(properties) ? Object.values(properties) : [];
  const listed = [anyOf, oneOf].flatMap((some) => (some !== undefined && isJsonList(some) ? some : []));
  return [...named, ...listed, items, additionalProperties].every((part) => isPlain(part, depth + 1));
}
