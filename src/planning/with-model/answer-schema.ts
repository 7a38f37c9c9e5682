import type { Json } from "#events/json.ts";
import type { JsonSchema } from "#machines/expressions/json-schema.ts";
import type { CatalogEntry, MeantField } from "#src/planning/catalog/entry.ts";
import { argumentsOf } from "#src/planning/with-model/tool-card.ts";

// The JSON Schema of a plan that a model writes: steps that call tools which were offered, and for each argument a value, a part of an
// earlier step's output, a text around such parts, or a question. Nothing in it is an expression.
//
// S1. It keeps to what all providers with structured output take: each object names all its properties and wants them, an optional one may be
//     null, no alternatives at the root, no bounds, no two alternatives that begin alike.
// S2. Each tool has its arguments in their own types where the tools are few and small. Where they are not, arguments are a list of names
//     and values: providers refuse large schemas.

/** Arguments of all tools together that a schema has in their own types. */
const MAX_TYPED_ARGUMENTS = 80;
const MAX_TYPED_CHARS = 24_000;
const MAX_OPTIONS = 50;
const MAX_ABOUT_CHARS = 120;

const TEXT: JsonSchema = { type: "string" };
const JSON_TEXT = closed({ json: { type: "string", description: "the value, written as JSON" } });

export function answerSchema(entries: readonly CatalogEntry[]): JsonSchema {
  const typed = schemaWith({ anyOf: entries.map(typedStep) });
  const count = entries.reduce((sum, entry) => sum + argumentsOf(entry).length, 0);
  const isSmall = count <= MAX_TYPED_ARGUMENTS && JSON.stringify(typed).length <= MAX_TYPED_CHARS;
  return isSmall ? typed : schemaWith(listedStep(entries));
}

/** What an argument may be, for a schema of its own: by name where they are listed. */
export function argumentSchema(entry: CatalogEntry, parameter: MeantField): JsonSchema {
  const own = valueSchema(entry, parameter);
  return {
    anyOf: [
      own === undefined ? JSON_TEXT : closed({ value: own }),
      ref("output"),
      ...(parameter.type === "string" || parameter.type === "any" ? [ref("text")] : []),
      ref("ask"),
      ...(parameter.isRequired ? [] : [{ type: "null" }]),
    ],
  };
}

/** What the alternatives of arguments refer to. */
export const ARGUMENT_PARTS: JsonSchema = {
  output: closed({ output: { $ref: "#/$defs/part" } }),
  part: closed({ step: TEXT, path: { type: "array", items: { anyOf: [TEXT, { type: "integer" }] } } }),
  text: closed({ text: { type: "array", items: { anyOf: [TEXT, { $ref: "#/$defs/part" }] } } }),
  ask: closed({ ask: { ...TEXT, description: "what has to be asked, because nothing says it" } }),
};

/** An object with these properties, all of them, and no others. */
export function closed(properties: JsonSchema): JsonSchema {
  return { type: "object", properties, required: Object.keys(properties), additionalProperties: false };
}

function schemaWith(step: JsonSchema): JsonSchema {
  return {
    ...closed({
      refusal: {
        anyOf: [{ ...TEXT, description: "why no tool fits; null where there are steps" }, { type: "null" }],
      },
      steps: { type: "array", items: step },
    }),
    $defs: ARGUMENT_PARTS,
  };
}

function typedStep(entry: CatalogEntry): JsonSchema {
  const given = argumentsOf(entry).map((one) => [one.path[0] ?? "", argumentSchema(entry, one)] as const);
  return stepSchema({ type: "string", enum: [entry.name] }, closed(Object.fromEntries(given)));
}

function listedStep(entries: readonly CatalogEntry[]): JsonSchema {
  const scalar = { anyOf: [TEXT, { type: "number" }, { type: "boolean" }] };
  const source = { anyOf: [closed({ value: scalar }), JSON_TEXT, ref("output"), ref("text"), ref("ask")] };
  const listed = { type: "array", items: closed({ name: TEXT, source }) };
  return stepSchema({ type: "string", enum: entries.map(({ name }) => name) }, listed);
}

function stepSchema(tool: JsonSchema, given: JsonSchema): JsonSchema {
  return closed({
    tool,
    id: TEXT,
    after: {
      type: "array",
      items: TEXT,
      description: "ids of steps that have to be done before though nothing is taken from them",
    },
    arguments: given,
  });
}

function ref(name: string): JsonSchema {
  return { $ref: `#/$defs/${name}` };
}

/** Undefined for a value that the words common to all providers cannot tell. */
function valueSchema(entry: CatalogEntry, field: MeantField): JsonSchema | undefined {
  const { type, options, description, path } = field;
  const about = description === "" ? {} : { description: description.slice(0, MAX_ABOUT_CHARS) };
  if (options !== undefined && areTexts(options)) return { type: "string", enum: [...new Set(options)], ...about };
  if (SCALARS.has(type)) return { type, ...about };
  const items = entry.parameters.find((other) => other.path.join(".") === `${path.join(".")}.*`);
  if (type !== "array" || items === undefined || !SCALARS.has(items.type)) return undefined;
  return { type, items: { type: items.type }, ...about };
}

const SCALARS: ReadonlySet<string> = new Set(["string", "number", "integer", "boolean"]);

function areTexts(options: readonly Json[]): options is readonly string[] {
  return options.length > 0 && options.length <= MAX_OPTIONS && options.every((one) => typeof one === "string");
}
