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
  const { name, version, description } = standIn;
  return defineTool({
    ...{ name, version, description, sideEffects: "read" },
    input: z.fromJSONSchema(standIn.inputSchema),
    output: z.fromJSONSchema(standIn.outputSchema),
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
    valueOf(json.parse(outputSchema), seed),
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
  return Object.fromEntries(
    sorted.map(([name, value]) => [name, typeof value === "string" ? value.toLowerCase() : value]),
  );
}

const NUMBERS = 1_000_000;

function valueOf(schema: Json | undefined, seed: string): Json {
  if (schema === undefined || !isJsonObject(schema)) return digest(seed);
  const options = jsonList.safeParse(schema["enum"]).data;
  if (options !== undefined) return options[0] ?? null;
  const { type, properties, items } = schema;
  if (type === "array") return [valueOf(items, `${seed} 0`)];
  if (properties !== undefined && isJsonObject(properties)) {
    const fields = Object.entries(properties).map(([name, inner]): [string, Json] => [
      name,
      valueOf(inner, `${seed} ${name}`),
    ]);
    return Object.fromEntries(fields);
  }
  const scalar = typeof type === "string" ? SCALARS[type] : undefined;
  return scalar === undefined ? digest(seed) : scalar(seed);
}

const jsonList = z.array(json);

const SCALARS: Readonly<Record<string, (seed: string) => Json>> = {
  number: numberOf,
  integer: numberOf,
  boolean: (seed) => numberOf(seed) % 2 === 0,
  object: () => ({}),
};

function numberOf(seed: string): number {
  return Number.parseInt(digest(seed), 16) % NUMBERS;
}

const DIGEST_CHARS = 12;

function digest(seed: string): string {
  return createHash("sha256").update(seed).digest("hex").slice(0, DIGEST_CHARS);
}

/** With a value at the path, where there is none; `*` stands for the first item of a list, and need not be said. */
function withValueAt(output: Json, path: readonly string[], value: string): Json {
  const [field, ...rest] = path;
  if (field === undefined) return output;
  const items = jsonList.safeParse(output).data;
  if (field === "*" || items !== undefined) return [withValueAt(items?.[0] ?? {}, field === "*" ? rest : path, value)];
  const object = isJsonObject(output) ? output : {};
  const inner = object[field] ?? (rest.length === 0 ? value : {});
  return { ...object, [field]: withValueAt(inner, rest, value) };
}
