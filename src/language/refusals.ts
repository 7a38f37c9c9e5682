import type { z } from "zod";
import type { Json } from "#events/json.ts";
import { describeJson } from "#machines/expressions/describe-json.ts";
import { nearestName } from "#machines/expressions/nearest-name.ts";
import type { Path, Remark } from "./finding.ts";

// What a schema refuses in a file that people write, in their words.
// Plans, the configuration and files of requirements say it alike; what they mean by a name or by a kind is their own.

/** `expected`: a type as schemas call it, or what is wanted in words. */
export function wrongType(expected: string, given: Json): Remark {
  const wanted = WANTED[expected] ?? expected;
  return { code: "wrong-type", message: `${wanted} is wanted here, this is ${describeJson(given)}` };
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

export function missingWord(path: Path): Remark {
  return { code: "missing-word", message: `${String(path.at(-1))} is missing here` };
}

export function unknownWord(word: string, words: readonly string[]): Remark {
  const message = `there is no ${JSON.stringify(word)} here, only ${words.join(", ")}`;
  return { code: "unknown-word", message, suggestion: nearestName(word, words) };
}

/** Undefined where it is not about how much or how many. */
export function outOfRange(issue: z.core.$ZodIssue): Remark | undefined {
  if (issue.code === "too_big") return boundRemark("at most", issue.maximum, issue.origin);
  if (issue.code !== "too_small") return undefined;
  return boundRemark(issue.inclusive === false ? "more than" : "at least", issue.minimum, issue.origin);
}

function boundRemark(relation: string, limit: number | bigint, origin: string): Remark {
  const unit = origin === "string" ? " characters" : origin === "array" ? " entries" : "";
  return { code: "out-of-range", message: `${relation} ${limit.toString()}${unit} is possible here` };
}

/** Of an issue, as findings have it. */
export function pathOf(path: readonly PropertyKey[]): Path {
  return path.map((step) => (typeof step === "symbol" ? String(step) : step));
}
