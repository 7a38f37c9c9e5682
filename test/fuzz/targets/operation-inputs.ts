import { z } from "zod";
import { isJsonList, isJsonObject, type Json, type JsonObject } from "#events/json.ts";
import type { AnyOperation } from "#src/api/operations/operation.ts";
import type { SeededRandom } from "#src/testing/seeded-random.ts";
import { hostileScalar } from "../mutation/hostile-values.ts";

// Inputs that the schema of an operation asks for: what hostile ones are changed from.

/** Values that names of members stand for. */
type Known = Readonly<Record<string, string>>;

const schemas = new Map<AnyOperation, JsonObject>();

export function exampleOf(operation: AnyOperation, random: SeededRandom, known: Known): JsonObject {
  const value = valueOf(schemaOf(operation), random, known);
  return isJsonObject(value) ? value : {};
}

function schemaOf(operation: AnyOperation): JsonObject {
  const schema =
    schemas.get(operation) ?? (z.toJSONSchema(operation.input, { io: "input", unrepresentable: "any" }) as JsonObject);
  schemas.set(operation, schema);
  return schema;
}

type Draw = (schema: JsonObject, random: SeededRandom, known: Known) => Json;

/** By the type that a schema names. */
const BY_TYPE: ReadonlyMap<Json | undefined, Draw> = new Map<Json | undefined, Draw>([
  ["object", objectOf],
  ["array", ({ items }, random, known) => [valueOf(items, random, known)]],
  ["integer", (_, random) => random.int(0, 5)],
  ["number", (_, random) => random.int(0, 5)],
  ["boolean", (_, random) => random.chance(0.5)],
  ["string", (_, random) => random.pick(["a", "s", "p", "f", "go", "last", "done"])],
]);

function valueOf(schema: Json | undefined, random: SeededRandom, known: Known): Json {
  if (!isJsonObject(schema)) return hostileScalar(random);
  const choices = schema["anyOf"] ?? schema["oneOf"];
  if (isJsonList(choices)) return valueOf(random.pick(choices), random, known);
  if (isJsonList(schema["enum"])) return random.pick(schema["enum"]);
  if (schema["const"] !== undefined) return schema["const"];
  return BY_TYPE.get(schema["type"])?.(schema, random, known) ?? hostileScalar(random);
}

function objectOf(schema: JsonObject, random: SeededRandom, known: Known): JsonObject {
  const properties = isJsonObject(schema["properties"]) ? schema["properties"] : {};
  const required: readonly Json[] = isJsonList(schema["required"]) ? schema["required"] : [];
  const names = Object.keys(properties).filter((name) => required.includes(name) || random.chance(0.4));
  return Object.fromEntries(names.map((name) => [name, known[name] ?? valueOf(properties[name], random, known)]));
}
