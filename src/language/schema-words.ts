import type { Json, JsonObject } from "#events/json.ts";
import { isJsonObject } from "#events/json.ts";
import { nearestName } from "#machines/expressions/nearest-name.ts";
import type { Path } from "./finding.ts";
import { compilePattern } from "./json-schema-scalars.ts";
import type { Report } from "./report.ts";
import { describeJson, unknownWord } from "./structure.ts";
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

function checkSchema(schema: Json, path: Path, report: Report): void {
  if (typeof schema === "boolean") return;
  if (!isJsonObject(schema)) {
    const message = `a schema is a mapping such as { type: string }; this is ${describeJson(schema)}`;
    report.error(path, { code: "wrong-type", message });
    return;
  }
  checkWords(schema, path, { vocabulary: SCHEMA, report });
  checkKeywords(schema, path, report);
}

type KeywordCheck = (value: Json, path: Path, report: Report) => void;

function checkKeywords(schema: JsonObject, path: Path, report: Report): void {
  for (const [word, value] of Object.entries(schema)) keywordChecks[word]?.(value, [...path, word], report);
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

const aNumber = wants("a number", (value) => typeof value === "number");
const aCount = wants("a whole number", (value) => typeof value === "number" && Number.isInteger(value) && value >= 0);
const aSwitch = wants("true or false", (value) => typeof value === "boolean");
const aText = wants("a text", (value) => typeof value === "string");
const aList = wants("a list", (value) => Array.isArray(value));
const names = wants(
  "a list of names",
  (value) => Array.isArray(value) && value.every((name) => typeof name === "string"),
);

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

const aPattern: KeywordCheck = (value, path, report) => {
  aText(value, path, report);
  if (typeof value !== "string" || compilePattern(value) !== undefined) return;
  report.error(path, {
    code: "bad-pattern",
    message: "this is not a pattern of RE2 (no back references, no look-around)",
  });
};

const keywordChecks: Readonly<Record<string, KeywordCheck>> = {
  secret: aSwitch,
  type: checkType,
  enum: aList,
  title: aText,
  description: aText,
  format: aText,
  items: checkSchema,
  additionalProperties: checkSchema,
  properties: schemaByName,
  anyOf: eachSchema,
  oneOf: eachSchema,
  required: names,
  pattern: aPattern,
  uniqueItems: aSwitch,
  minimum: aNumber,
  maximum: aNumber,
  exclusiveMinimum: aNumber,
  exclusiveMaximum: aNumber,
  multipleOf: aNumber,
  minItems: aCount,
  maxItems: aCount,
  minLength: aCount,
  maxLength: aCount,
  minProperties: aCount,
  maxProperties: aCount,
};
