import type { z } from "zod";
import { isJsonObject, type Json } from "#events/json.ts";
import { configJsonSchema } from "#src/config/file-schema.ts";
import type { Path, Remark } from "#src/language/finding.ts";
import { missingWord, outOfRange, pathOf, unknownWord, wrongType } from "#src/language/refusals.ts";
import type { Report } from "#src/language/report.ts";
import { jsonAt } from "#src/language/structure.ts";

// What the schema of the configuration refuses, as findings with places and suggestions. The words that a place may have are
// read from the schema itself, so that a new one needs no second list.

export function reportIssue(issue: z.core.$ZodIssue, value: Json, report: Report): void {
  const path = pathOf(issue.path);
  if (issue.code === "unrecognized_keys") {
    for (const word of issue.keys) report.error([...path, word], unknownWord(word, wordsAt(path)), { key: true });
  } else if (issue.code === "invalid_key") {
    report.error(path, { code: "bad-value", message: issue.issues[0]?.message ?? issue.message }, { key: true });
  } else {
    report.error(path, remarkOf(issue, jsonAt(value, path), path));
  }
}

function remarkOf(issue: z.core.$ZodIssue, given: Json | undefined, path: Path): Remark {
  if (given === undefined) return missingWord(path);
  if (issue.code === "invalid_type") return wrongType(issue.expected, given);
  // The schema's own words: what a text must look like, how many entries there may be.
  const own = { code: issue.code === "invalid_format" ? "bad-value" : "out-of-range", message: issue.message };
  return outOfRange(issue) ?? own;
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
