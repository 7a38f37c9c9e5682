import { isJsonObject, type Json } from "#events/json.ts";
import { writtenNumber } from "#src/planning/analysis/number-words.ts";
import type { ValueKind } from "#src/planning/analysis/value.ts";
import type { MeantField } from "#src/planning/catalog/entry.ts";
import type { FieldType } from "#src/planning/catalog/fields.ts";
import { nameWords } from "#src/planning/catalog/name-words.ts";
import { codeKindOf, codeOf } from "#src/planning/binding/codes.ts";
import type { Span } from "#src/planning/binding/spans.ts";

// Words of a request as an argument of a certain type, where they can be one: what comes out fits the parameter's schema.
// An option is said in its own words, a date is ISO 8601, a name of a country where a code is wanted is the code.

/** Undefined where the words cannot be a value of this parameter. */
export function asArgument(span: Span, parameter: MeantField): Json | undefined {
  const { options } = parameter;
  if (options !== undefined) return options[wordsOfOptions(parameter).findIndex((words) => saysOption(span, words))];
  return BY_TYPE[parameter.type](span, parameter);
}

/** Whether any words at all can be a value of it. */
export function takesAnyText(parameter: MeantField): boolean {
  const isText = parameter.type === "string" || parameter.type === "any";
  return isText && parameter.options === undefined && wantedKinds(parameter) === undefined;
}

const BY_TYPE: Readonly<Record<FieldType, (span: Span, parameter: MeantField) => Json | undefined>> = {
  string: asText,
  any: asText,
  number: asNumber,
  integer: (span) => {
    const number = asNumber(span);
    return Number.isInteger(number) ? number : undefined;
  },
  boolean: (span, parameter) => (saysName(span, parameter) ? true : undefined),
  array: (span, parameter) => {
    const item = asText(span, parameter);
    return item === undefined ? undefined : [item];
  },
  object: () => undefined,
};

const OF_TYPE: Readonly<Record<FieldType, (value: Json) => boolean>> = {
  string: (value) => typeof value === "string",
  any: () => true,
  number: (value) => typeof value === "number",
  integer: (value) => Number.isInteger(value),
  boolean: (value) => typeof value === "boolean",
  array: (value) => Array.isArray(value),
  object: isJsonObject,
};

/** Whether a value that comes from elsewhere is what the schema allows. */
export function canBe(value: Json, { type, options }: MeantField): boolean {
  if (options === undefined) return OF_TYPE[type](value);
  return options.some((option) => JSON.stringify(option) === JSON.stringify(value));
}

/** Kinds of values that a text of this format has to be. */
const OF_FORMAT: Readonly<Record<string, readonly ValueKind[]>> = {
  date: ["date", "date-time"],
  "date-time": ["date-time", "date"],
  email: ["email"],
  uri: ["url"],
  url: ["url"],
};
const DATE_DESCRIBED = /\bdate\b.*\byyyy-mm-dd\b/i;
const MAX_CODE_WORDS = 4;

function asText(span: Span, parameter: MeantField): string | undefined {
  const code = asCode(span, parameter);
  if (code !== undefined) return code;
  const wanted = wantedKinds(parameter);
  return wanted === undefined || (span.kind !== "phrase" && wanted.includes(span.kind)) ? textOf(span) : undefined;
}

function asCode({ words, count }: Span, { path, description }: MeantField): string | undefined {
  if (count > MAX_CODE_WORDS) return undefined;
  const codes = codeKindOf(`${nameWords(path.at(-1) ?? "").join(" ")}. ${description}`);
  return codes === undefined ? undefined : codeOf(codes, words);
}

/** Undefined where any text will do. */
function wantedKinds({ format, meaning, description }: MeantField): readonly ValueKind[] | undefined {
  const isDate = meaning.kinds[0] === "date" || DATE_DESCRIBED.test(description);
  return OF_FORMAT[format ?? (isDate ? "date" : "")];
}

function textOf({ found, words }: Span): string {
  return typeof found?.value === "string" ? found.value : words;
}

const WHOLE = /^-?\d+$/;
const DURATION = /^P(?:T?)(\d+)[SMHDWY]$/;

/** Of "two days" it is two. */
function asNumber({ found, words }: Span): number | undefined {
  const said = typeof found?.value === "string" ? DURATION.exec(found.value)?.[1] : found?.value;
  const number = Number(said ?? (WHOLE.test(words) ? words : writtenNumber([words])?.value));
  return Number.isFinite(number) ? number : undefined;
}

/** What an option is called: its words, or its JSON where it is no text. */
type OptionWords = readonly string[] | string;

const OPTION_WORDS = new WeakMap<MeantField, readonly OptionWords[]>();

/** Once for each parameter: a request has hundreds of spans, and an enumeration may have as many options. */
function wordsOfOptions(parameter: MeantField): readonly OptionWords[] {
  const known = OPTION_WORDS.get(parameter);
  if (known !== undefined) return known;
  const words = (parameter.options ?? []).map((option) =>
    typeof option === "string" ? nameWords(option) : JSON.stringify(option),
  );
  OPTION_WORDS.set(parameter, words);
  return words;
}

function saysOption({ words, parts }: Span, option: OptionWords): boolean {
  return typeof option === "string" ? option === words : isSaid(parts, option);
}

function saysName({ parts }: Span, { path }: MeantField): boolean {
  return isSaid(parts, nameWords(path.at(-1) ?? ""));
}

/** "best-rated", "BEST_RATED" and "best ratings" are nearly the same words. */
function isSaid(parts: readonly string[], words: readonly string[]): boolean {
  return words.length === parts.length && words.every((word, at) => bare(word) === bare(parts[at] ?? ""));
}

function bare(word: string): string {
  return word.replace(/(?:ed|s)$/, "");
}
