import type { Json, JsonObject } from "#events/json.ts";
import { isJsonObject } from "#events/json.ts";
import { nearestName } from "#machines/expressions/nearest-name.ts";
import type { Path } from "./finding.ts";
import { compilePattern } from "#machines/expressions/json-schema-scalars.ts";
import type { Report } from "./report.ts";
import { describeJson } from "#machines/expressions/describe-json.ts";
import { unknownWord } from "./structure.ts";
import { INPUT, SCHEMA } from "./vocabulary.ts";
import type { Vocabulary } from "./vocabulary.ts";

// The JSON Schema that a plan may write for an input, keyword by keyword: one that is misspelled or of the wrong type would
// silently check nothing.

export const SCHEMA_TYPES = ["string", "number", "integer", "boolean", "object", "array", "null"] as const;

export function checkInputSchema(input: JsonObject, path: Path, report: Report): void {
  checkWords(input, path, { vocabulary: INPUT, report });
  checkKeywords(input, path, report);
}

function checkWords(
  schema: JsonObject,
  path: Path,
  { vocabulary, report }: { vocabulary: Vocabulary; report: Report },
): void {
  for (const word of Object.keys(schema)) {
    if (vocabulary.words.includes(word)) continue;
    report.error([...path, word], unknownWord(word, vocabulary), { key: true });
  }
}

/** A schema by itself, without the words that an input has beside it. */
export function checkReturned(schema: Json, path: Path, report: Report): void {
  if (isJsonObject(schema)) checkSchema(schema, path, report);
  else refuseSchema(schema, path, report);
}

function checkSchema(schema: Json, path: Path, report: Report): void {
  if (typeof schema === "boolean") return;
  if (!isJsonObject(schema)) {
    refuseSchema(schema, path, report);
    return;
  }
  checkWords(schema, path, { vocabulary: SCHEMA, report });
  checkKeywords(schema, path, report);
}

function refuseSchema(schema: Json, path: Path, report: Report): void {
  const message = `a schema is a mapping such as { type: string }; this is ${describeJson(schema)}`;
  const type = SCHEMA_TYPES.find((known) => known === schema);
  report.error(path, {
    code: "wrong-type",
    message,
    suggestion: type === undefined ? undefined : `{ type: ${type} }`,
  });
}

type KeywordCheck = (value: Json, path: Path, report: Report) => void;

/** How a keyword is checked, and the JSON Schema of what that accepts. */
interface Keyword {
  readonly check: KeywordCheck;
  readonly shape: JsonObject;
}

function checkKeywords(schema: JsonObject, path: Path, report: Report): void {
  for (const [word, value] of Object.entries(schema)) {
    // Every object has a `constructor` that it did not write.
    if (Object.hasOwn(KEYWORDS, word)) KEYWORDS[word]?.check(value, [...path, word], report);
  }
}

const checkType: KeywordCheck = (value, path, report) => {
  for (const type of [value].flat()) {
    if (SCHEMA_TYPES.some((known) => known === type)) continue;
    const suggestion = typeof type === "string" ? nearestName(type, SCHEMA_TYPES) : undefined;
    report.error(path, { code: "bad-type", message: `a type is one of ${SCHEMA_TYPES.join(", ")}`, suggestion });
  }
};

const wants =
  (name: string, fits: (value: Json) => boolean): KeywordCheck =>
  (value, path, report) => {
    if (fits(value)) return;
    report.error(path, { code: "wrong-type", message: `${name} is wanted here, this is ${describeJson(value)}` });
  };

const aList = wants("a list", (value) => Array.isArray(value));

const eachSchema: KeywordCheck = (value, path, report) => {
  aList(value, path, report);
  if (Array.isArray(value))
    value.forEach((part: Json, index) => {
      checkSchema(part, [...path, index], report);
    });
};

const schemaByName: KeywordCheck = (value, path, report) => {
  wants("a mapping", isJsonObject)(value, path, report);
  if (!isJsonObject(value)) return;
  for (const [name, part] of Object.entries(value)) checkSchema(part, [...path, name], report);
};

const checkPattern: KeywordCheck = (value, path, report) => {
  text.check(value, path, report);
  if (typeof value !== "string" || compilePattern(value) !== undefined) return;
  report.error(path, {
    code: "bad-pattern",
    message: "this is not a pattern of RE2 (no back references, no look-around)",
  });
};

const number: Keyword = {
  check: wants("a number", (value) => typeof value === "number"),
  shape: { type: "number" },
};
const count: Keyword = {
  check: wants("a whole number", (value) => typeof value === "number" && Number.isInteger(value) && value >= 0),
  shape: { type: "integer", minimum: 0 },
};
const yesOrNo: Keyword = {
  check: wants("true or false", (value) => typeof value === "boolean"),
  shape: { type: "boolean" },
};
const text: Keyword = { check: wants("a text", (value) => typeof value === "string"), shape: { type: "string" } };
const list: Keyword = { check: aList, shape: { type: "array" } };
const names: Keyword = {
  check: wants("a list of names", (value) => Array.isArray(value) && value.every((name) => typeof name === "string")),
  shape: { type: "array", items: { type: "string" } },
};
const type: Keyword = {
  check: checkType,
  shape: { anyOf: [{ enum: SCHEMA_TYPES }, { type: "array", items: { enum: SCHEMA_TYPES } }] },
};
const SCHEMA_SHAPE = { $ref: "#/$defs/schema" };
const schema: Keyword = { check: checkSchema, shape: SCHEMA_SHAPE };
const schemas: Keyword = { check: eachSchema, shape: { type: "array", items: SCHEMA_SHAPE } };
const properties: Keyword = {
  check: schemaByName,
  shape: { type: "object", additionalProperties: SCHEMA_SHAPE },
};
const pattern: Keyword = { check: checkPattern, shape: { type: "string" } };

/** Of the words of `INPUT`, those that not any value fits. */
export const KEYWORDS: Readonly<Record<string, Keyword>> = {
  ...{ type, title: text, description: text, format: text, secret: yesOrNo, enum: list },
  ...{ items: schema, additionalProperties: schema, anyOf: schemas, oneOf: schemas },
  ...{ properties, required: names, pattern, uniqueItems: yesOrNo },
  ...{ minimum: number, maximum: number, exclusiveMinimum: number, exclusiveMaximum: number, multipleOf: number },
  ...{ minItems: count, maxItems: count, minLength: count, maxLength: count },
  ...{ minProperties: count, maxProperties: count },
};
