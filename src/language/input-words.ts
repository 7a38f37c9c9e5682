import type { Words } from "./word.ts";

// What the words of inputs mean: the keywords of JSON Schema that a plan may write, and the three that stand beside them.
// What each accepts stands in schema-words.ts.

/** Of any schema. */
export const SCHEMA: Words = {
  type: {
    meaning: "The kind of value, or those that there may be.",
    otherwise: "anything",
    example: "string",
  },
  enum: { meaning: "The values that there are.", example: ["daily", "weekly"] },
  const: { meaning: "The only value.", example: "v1" },
  title: { meaning: "A name for people.", example: "Number of the issue" },
  description: { meaning: "What it is; for people.", example: "Where the report goes." },
  examples: { meaning: "Values for people to see.", example: ["v1.0"] },
  format: { meaning: "A note on what a text is; it is not checked.", example: "date-time" },
  items: { meaning: "The schema of each element of a list.", example: { type: "string" } },
  minItems: { meaning: "Elements at least.", example: 1 },
  maxItems: { meaning: "Elements at most.", example: 10 },
  uniqueItems: { meaning: "Whether all elements must differ.", preset: false, example: true },
  properties: { meaning: "The schemas of an object's properties by name.", example: { name: { type: "string" } } },
  required: { meaning: "Names of properties that must be there.", preset: [], example: ["name"] },
  additionalProperties: {
    meaning: "The schema of properties that `properties` does not name; `false` refuses them.",
    otherwise: "others may be there, but expressions know none of them where `properties` is given",
    example: { type: "number" },
  },
  minProperties: { meaning: "Properties at least.", example: 1 },
  maxProperties: { meaning: "Properties at most.", example: 5 },
  minimum: { meaning: "The least number.", example: 1 },
  maximum: { meaning: "The greatest number.", example: 100 },
  exclusiveMinimum: { meaning: "The number is greater than this.", example: 0 },
  exclusiveMaximum: { meaning: "The number is less than this.", example: 1 },
  multipleOf: { meaning: "The number is a multiple of this.", example: 16 },
  minLength: { meaning: "Characters at least.", example: 1 },
  maxLength: { meaning: "Characters at most.", example: 80 },
  pattern: { meaning: "A pattern of RE2 that is found in the text.", example: "^v[0-9]+$" },
  anyOf: { meaning: "At least one of these schemas fits.", example: [{ type: "string" }, { type: "null" }] },
  oneOf: { meaning: "Exactly one of these schemas fits.", example: [{ type: "string" }, { type: "integer" }] },
};

export const INPUT: Words = {
  ...SCHEMA,
  default: { meaning: "What counts where nothing is given.", otherwise: "it must be given", example: "weekly" },
  secret: {
    meaning:
      "Makes the input a reference to a secret, `{ $secret: NAME }`, which only a tool's secret argument takes; its value stands in no fact.",
    preset: false,
    example: true,
  },
};
