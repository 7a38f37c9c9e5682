import type { z } from "zod";
import { isJsonObject, type Json } from "#events/json.ts";
import { nearestName } from "#machines/expressions/nearest-name.ts";
import { configJsonSchema } from "#src/config/file-schema.ts";
import type { Path, Remark } from "#src/language/finding.ts";
import type { Report } from "#src/language/report.ts";
import { describeJson } from "#machines/expressions/describe-json.ts";
import { jsonAt } from "#src/language/structure.ts";

// What the schema of the configuration refuses, as findings with places and suggestions. The words that a place may have are
// read from the schema itself, so that a new one needs no second list.

export function reportIssue(issue: z.core.$ZodIssue, value: Json, report: Report): void {
  const path = issue.path.map((step) => (typeof step === "symbol" ? String(step) : step));
  if (issue.code === "unrecognized_keys") {
    for (const word of issue.keys) report.error([...path, word], unknownWord(word, path), { key: true });
  } else if (issue.code === "invalid_key") {
    report.error(path, { code: "bad-value", message: issue.issues[0]?.message ?? issue.message }, { key: true });
  } else {
    report.error(path, remarkOf(issue, jsonAt(value, path), path));
  }
}

function remarkOf(issue: z.core.$ZodIssue, given: Json | undefined, path: Path): Remark {
  if (given === undefined) return { code: "missing-word", message: `${String(path.at(-1))} is missing here` };
  if (issue.code === "invalid_type") {
    const wanted = WANTED[issue.expected] ?? issue.expected;
    return { code: "wrong-type", message: `${wanted} is wanted here, this is ${describeJson(given)}` };
  }
  if (issue.code === "too_small") {
    return outOfRange(`at least ${issue.minimum.toString()}${unitOf(issue.origin)}`, issue.inclusive);
  }
  if (issue.code === "too_big") {
    return outOfRange(`at most ${issue.maximum.toString()}${unitOf(issue.origin)}`, issue.inclusive);
  }
  // The schema's own words: what a text must look like, how many entries there may be.
  return { code: issue.code === "invalid_format" ? "bad-value" : "out-of-range", message: issue.message };
}

function outOfRange(bound: string, inclusive: boolean | undefined): Remark {
  const message = inclusive === false ? bound.replace("at least", "more than") : bound;
  return { code: "out-of-range", message: `${message} is possible here` };
}

function unitOf(origin: string): string {
  if (origin === "string") return " characters";
  return origin === "array" ? " entries" : "";
}

const WANTED: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a mapping",
  record: "a mapping",
};

function unknownWord(word: string, path: Path): Remark {
  const words = wordsAt(path);
  const suggestion = nearestName(word, words);
  const message = `there is no ${JSON.stringify(word)} here, only ${words.join(", ")}`;
  return { code: "unknown-word", message, suggestion };
}

/** What a mapping of the configuration may hold. */
function wordsAt(path: Path): readonly string[] {
  let schema: unknown = configJsonSchema();
  for (const step of path) {
    if (!isJsonObject(schema)) return [];
    const { properties, additionalProperties } = schema;
    schema = isJsonObject(properties) && Object.hasOwn(properties, step) ? properties[step] : additionalProperties;
  }
  return isJsonObject(schema) && isJsonObject(schema.properties)
    ? Object.keys(schema.properties).filter((word) => !word.startsWith("$"))
    : [];
}
