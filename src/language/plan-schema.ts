import { z } from "zod";
import { MAX_STEPS_PER_PLAN, stepId } from "#events/definition.ts";
import { isJsonList, isJsonObject, type Json, type JsonObject } from "#events/json.ts";
import { INPUT_NAME } from "./inputs-draft.ts";
import { KIND_WORDS, stepDefinition, WORDS } from "./plan-words.ts";
import { KEYWORDS } from "./schema-words.ts";
import { planSource } from "./plan-fields.ts";
import * as source from "./source-schema.ts";
import { INPUT, KINDS, SCHEMA, type Kind, type Vocabulary } from "./vocabulary.ts";
import type { Word, Words } from "./word.ts";

// The JSON Schema (draft 2020-12) of a plan as it is written, for editors and other programs: made from the schemas that read
// plans (source-schema.ts), with what each word means (plan-words.ts). `planwright schema` prints it.
//
// J1. It refuses no plan that the language accepts. What needs more than the shape (names, references, types) it accepts.
// J2. Which kind a step is decides which words it may have: an editor completes and marks the words of that kind.

const SOURCES: Readonly<Record<Kind, z.ZodType>> = {
  tool: source.toolStepSource,
  value: source.valueStepSource,
  wait: source.waitStepSource,
  each: source.eachStepSource,
  repeat: source.repeatStepSource,
  call: source.callStepSource,
  signal: source.signalStepSource,
  approve: source.approveStepSource,
};

type Definitions = Readonly<Record<string, JsonObject>>;

/** The whole document; the definitions of mappings are named as in `WORDS`. */
export function planJsonSchema(): JsonObject {
  const plan = explained(shapeOf(planSource).shape, WORDS.plan);
  const $defs = Object.fromEntries(
    Object.entries(definitions()).map(([name, shape]) => [name, explained(shape, WORDS[name])]),
  );
  return { $schema: "https://json-schema.org/draft/2020-12/schema", title: "Planwright plan", ...plan, $defs };
}

/** Without a word of what they mean. */
function definitions(): Definitions {
  const kinds = KINDS.map((kind) => ({ name: stepDefinition(kind), ...shapeOf(SOURCES[kind]) }));
  return {
    steps: {
      type: "object",
      propertyNames: shapeOf(stepId).shape,
      additionalProperties: reference("step"),
      minProperties: 1,
      maxProperties: MAX_STEPS_PER_PLAN,
    },
    step: {
      type: "object",
      anyOf: KINDS.map((kind) => ({ properties: explainedWords({ [kind]: {} }, KIND_WORDS[kind]), required: [kind] })),
      allOf: KINDS.map((kind) => ({ if: { required: [kind] }, then: reference(stepDefinition(kind)) })),
    },
    ...Object.fromEntries(kinds.map(({ name, shape }) => [name, shape])),
    body: { type: "object", if: { required: ["steps"] }, then: reference("block"), else: reference("step") },
    block: shapeOf(source.blockSource).shape,
    join: closed({ first: { type: "integer", minimum: 1 } }, ["first"]),
    ...Object.fromEntries(kinds.flatMap(({ nested }) => Object.entries(nested))),
    ...shapeOf(planSource).nested,
    inputs: {
      type: "object",
      propertyNames: { pattern: INPUT_NAME.source },
      additionalProperties: reference("input"),
    },
    input: keywords(INPUT),
    returns: { type: "object", additionalProperties: keywords(SCHEMA) },
    schema: { anyOf: [{ type: "boolean" }, keywords(SCHEMA)] },
  };
}

function reference(name: string): JsonObject {
  return { $ref: `#/$defs/${name}` };
}

function closed(properties: JsonObject, required: readonly string[] = []): JsonObject {
  return { type: "object", properties, ...(required.length === 0 ? {} : { required }), additionalProperties: false };
}

function keywords({ words }: Vocabulary): JsonObject {
  return closed(Object.fromEntries(words.map((word) => [word, KEYWORDS[word]?.shape ?? {}])));
}

/** What zod makes of a schema, and the definitions that it refers to. */
function shapeOf(schema: z.ZodType): { readonly shape: JsonObject; readonly nested: Definitions } {
  const made = z.toJSONSchema(schema, {
    io: "input",
    unrepresentable: "any",
    override: ({ jsonSchema }) => void Object.assign(jsonSchema, mended(jsonSchema)),
  });
  const { $schema: _, $defs = {}, ...shape } = objectOf(JSON.parse(JSON.stringify(made)) as Json);
  const nested = Object.entries(objectOf($defs)).map(([name, nestedShape]): [string, JsonObject] => [
    name,
    abbreviated(objectOf(nestedShape)),
  ]);
  return { shape, nested: Object.fromEntries(nested) };
}

/** Bounds that every double has are left out, and keys of a closed list become properties, which editors complete. */
function mended({ type, minimum, maximum, propertyNames, additionalProperties }: z.core.JSONSchema.BaseSchema) {
  const names: readonly unknown[] | undefined = typeof propertyNames === "object" ? propertyNames.enum : undefined;
  return {
    ...(type === "integer" && minimum === Number.MIN_SAFE_INTEGER ? { minimum: undefined } : {}),
    ...(type === "integer" && maximum === Number.MAX_SAFE_INTEGER ? { maximum: undefined } : {}),
    ...(names === undefined
      ? {}
      : {
          properties: Object.fromEntries(names.map((name) => [String(name), additionalProperties])),
          propertyNames: undefined,
          additionalProperties: false,
        }),
  };
}

/** A mapping that may be written shorter says so as metadata (source-schema.ts). */
function abbreviated({ abbreviation, ...mapping }: JsonObject): JsonObject {
  return abbreviation === undefined ? mapping : { anyOf: [abbreviation, mapping] };
}

/** The same with what its words mean; the mapping may be one of several forms. */
function explained(shape: JsonObject, words: Words | undefined): JsonObject {
  if (words === undefined) return shape;
  const { properties, anyOf } = shape;
  if (isJsonObject(properties)) return { ...shape, properties: explainedWords(properties, words) };
  return isJsonList(anyOf) ? { ...shape, anyOf: anyOf.map((form) => explained(objectOf(form), words)) } : shape;
}

function explainedWords(properties: JsonObject, words: Words): JsonObject {
  return Object.fromEntries(
    Object.entries(properties).map(([name, value]) => {
      const { default: _, ...shape } = objectOf(value);
      const word = words[name];
      return [name, word === undefined ? shape : { ...told(word), ...shape }];
    }),
  );
}

function told({ meaning, otherwise, preset, example }: Word): JsonObject {
  return {
    description: otherwise === undefined ? meaning : `${meaning} Default: ${otherwise}.`,
    ...(preset === undefined ? {} : { default: preset }),
    examples: [example],
  };
}

function objectOf(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}
