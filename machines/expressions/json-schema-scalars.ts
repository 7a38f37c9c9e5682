import { RE2JS } from "re2js";
import { canonicalJson } from "#events/canonical.ts";
import type { Json } from "#events/json.ts";
import { isJsonObject } from "#events/json.ts";
import type { JsonSchema } from "#machines/expressions/json-schema.ts";

// The keywords of JSON Schema that look at one value and not into it: lists of values, ranges, lengths, patterns. A keyword
// whose own value has the wrong form checks nothing.

export interface ScalarViolation {
  readonly code: "wrong-value" | "out-of-range";
  readonly message: string;
}

export function scalarViolations(schema: JsonSchema, value: Json): readonly ScalarViolation[] {
  const unlisted = listed(schema, value);
  const outside = limits(schema, value);
  if (unlisted.length === 0) return outside;
  return outside.length === 0 ? unlisted : [...unlisted, ...outside];
}

function limits(schema: JsonSchema, value: Json): readonly ScalarViolation[] {
  if (typeof value === "number") return numberLimits(schema, value);
  if (typeof value === "string") return textLimits(schema, value);
  if (Array.isArray(value)) return listLimits(schema, value);
  return isJsonObject(value) ? sizeLimits(() => Object.keys(value).length, schema, SIZES.object) : NONE;
}

const NONE: readonly ScalarViolation[] = [];

const MAX_LISTED = 8;

function listed(schema: JsonSchema, value: Json): readonly ScalarViolation[] {
  const allowed: unknown = "const" in schema ? [schema.const] : schema.enum;
  if (!Array.isArray(allowed) || allowed.includes(value)) return NONE;
  const text = canonicalJson(value);
  const texts = allowed.filter(isJson).map(canonicalJson);
  if (texts.includes(text)) return [];
  const shown = texts.slice(0, MAX_LISTED).join(", ") + (texts.length > MAX_LISTED ? ", …" : "");
  return [{ code: "wrong-value", message: texts.length === 1 ? `${shown} is wanted` : `one of ${shown} is wanted` }];
}

function isJson(value: unknown): value is Json {
  return value !== undefined;
}

type Comparison = readonly [keyword: string, text: string, fits: (value: number, limit: number) => boolean];

const NUMBER_LIMITS: readonly Comparison[] = [
  ["minimum", "at least", (value, limit) => value >= limit],
  ["maximum", "at most", (value, limit) => value <= limit],
  ["exclusiveMinimum", "more than", (value, limit) => value > limit],
  ["exclusiveMaximum", "less than", (value, limit) => value < limit],
  ["multipleOf", "a multiple of", (value, limit) => Number.isInteger(value / limit)],
];

function numberLimits(schema: JsonSchema, value: number): readonly ScalarViolation[] {
  let found = NONE;
  for (const [keyword, text, fits] of NUMBER_LIMITS) {
    const limit = schema[keyword];
    if (typeof limit !== "number" || fits(value, limit)) continue;
    found = [...found, { code: "out-of-range", message: `${text} ${limit} is wanted` }];
  }
  return found;
}

const SIZES = {
  string: ["minLength", "maxLength", "characters"],
  array: ["minItems", "maxItems", "items"],
  object: ["minProperties", "maxProperties", "properties"],
} as const;

/** Nothing is counted where the schema sets no limit. */
function sizeLimits(
  sizeOf: () => number,
  schema: JsonSchema,
  [least, most, unit]: readonly [string, string, string],
): readonly ScalarViolation[] {
  const minimum = schema[least];
  const maximum = schema[most];
  if (minimum === undefined && maximum === undefined) return NONE;
  const size = sizeOf();
  if (typeof minimum === "number" && size < minimum) {
    return [{ code: "out-of-range", message: `at least ${minimum} ${unit} are wanted` }];
  }
  if (typeof maximum !== "number" || size <= maximum) return NONE;
  return [{ code: "out-of-range", message: `at most ${maximum} ${unit} are possible` }];
}

function textLimits(schema: JsonSchema, value: string): readonly ScalarViolation[] {
  const { pattern } = schema;
  const wrong = sizeLimits(() => charactersIn(value), schema, SIZES.string);
  if (typeof pattern !== "string" || wrong.length > 0 || matches(pattern, value)) return wrong;
  return [{ code: "wrong-value", message: `a text of the pattern ${pattern} is wanted` }];
}

/** JSON Schema counts code points. */
function charactersIn(text: string): number {
  return text.length - (text.match(/[\uD800-\uDBFF][\uDC00-\uDFFF]/g)?.length ?? 0);
}

const MAX_PATTERN_CHARS = 1_000;
/** Patterns that stay compiled (the oldest goes first), and instructions of each: a short one may be a large program. */
const MAX_KEPT_PATTERNS = 200;
const MAX_KEPT_INSTRUCTIONS = 1_000;

const kept = new Map<string, RE2JS>();

/** Undefined for a pattern that cannot be run in linear time (or not at all). */
export function compilePattern(pattern: string): RE2JS | undefined {
  if (pattern.length > MAX_PATTERN_CHARS) return undefined;
  const known = kept.get(pattern);
  if (known !== undefined) return known;
  const compiled = compiledAnew(pattern);
  if (compiled !== undefined && compiled.programSize() <= MAX_KEPT_INSTRUCTIONS) keep(pattern, compiled);
  return compiled;
}

function keep(pattern: string, compiled: RE2JS): void {
  if (kept.size >= MAX_KEPT_PATTERNS) {
    const [oldest] = kept.keys();
    if (oldest !== undefined) kept.delete(oldest);
  }
  kept.set(pattern, compiled);
}

function compiledAnew(pattern: string): RE2JS | undefined {
  try {
    return RE2JS.compile(pattern);
  } catch {
    return undefined;
  }
}

function matches(pattern: string, value: string): boolean {
  return compilePattern(pattern)?.matcher(value).find() ?? true;
}

function listLimits(schema: JsonSchema, value: readonly Json[]): readonly ScalarViolation[] {
  const wrong = sizeLimits(() => value.length, schema, SIZES.array);
  if (schema.uniqueItems !== true || new Set(value.map(canonicalJson)).size === value.length) return wrong;
  return [...wrong, { code: "wrong-value", message: "each item may be there once" }];
}
