import { createHash } from "node:crypto";
import { z } from "zod";
import { isJsonObject, json, type Json } from "#events/json.ts";
import type { JsonSchema } from "#machines/expressions/json-schema.ts";
import type { ToolDescription } from "#src/planning/catalog/entry.ts";
import { defineTool, type Tool } from "#src/tools/define.ts";

// Tools that stand in for services which cannot be reached here: what one gives follows from its name and its arguments alone, has the
// form that the specification says, and is another for other arguments. So two plans give the same answer exactly where they ask the
// same of the same tools.

export function standInTool(standIn: StandIn): Tool {
  const { name, version, description, inputSchema, outputSchema } = standIn;
  return defineTool({
    ...{ name, version, description, sideEffects: "read" },
    input: z.fromJSONSchema(inputSchema),
    output: z.fromJSONSchema(outputSchema),
    run: (given) => standInOutput(standIn, json.parse(given)),
  });
}

export interface StandIn extends ToolDescription {
  /** Paths of outputs that plans use and the specification does not have. */
  readonly unsaid: readonly (readonly string[])[];
}

export function standInOutput({ name, inputSchema, outputSchema, unsaid }: StandIn, given: Json): Json {
  const seed = `${name} ${JSON.stringify(withoutDefaults(given, inputSchema))}`;
  return unsaid.reduce<Json>(
    (output, path) => withValueAt(output, path, digest(`${seed} ${path.join(".")}`)),
    valueOf(outputSchema, seed),
  );
}

/** A service does not look at what it does not know; what is left out, and what is said to be as it is anyway, are the same to it. */
function withoutDefaults(given: Json, { properties }: JsonSchema): Json {
  if (!isJsonObject(given)) return given;
  const entries = Object.entries(given).filter(([name, value]) => {
    const property = isJsonObject(properties) ? properties[name] : undefined;
    if (property === undefined) return false;
    const fallback = isJsonObject(property) ? property["default"] : undefined;
    return JSON.stringify(fallback) !== JSON.stringify(value);
  });
  const sorted = entries.sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(sorted.map(([name, value]) => [name, typeof value === "string" ? value.toLowerCase() : value]));
}

const NUMBERS = 1_000_000;

function valueOf(schema: unknown, seed: string): Json {
  if (!isJsonObject(schema)) return digest(seed);
  const { type, properties, items, enum: options } = schema;
  if (Array.isArray(options)) return options[0] ?? null;
  if (isJsonObject(properties))
    return Object.fromEntries(Object.entries(properties).map(([name, inner]) => [name, valueOf(inner, `${seed} ${name}`)]));
  switch (type) {
    case "number":
    case "integer":
      return Number.parseInt(digest(seed), 16) % NUMBERS;
    case "boolean":
      return Number.parseInt(digest(seed), 16) % 2 === 0;
    case "array":
      return [valueOf(items, `${seed} 0`)];
    case "object":
      return {};
    default:
      return digest(seed);
  }
}

const DIGEST_CHARS = 12;

function digest(seed: string): string {
  return createHash("sha256").update(seed).digest("hex").slice(0, DIGEST_CHARS);
}

/** With a value at the path, where there is none; `*` stands for the first item of a list. */
function withValueAt(output: Json, [field, ...rest]: readonly string[], value: string): Json {
  if (field === undefined) return isJsonObject(output) && Object.keys(output).length === 0 ? value : output;
  if (field === "*") return [withValueAt(Array.isArray(output) ? (output[0] ?? {}) : {}, rest, value)];
  const object = isJsonObject(output) ? output : {};
  if (object[field] !== undefined && rest.length === 0) return object;
  return { ...object, [field]: withValueAt(object[field] ?? {}, rest, value) };
}
