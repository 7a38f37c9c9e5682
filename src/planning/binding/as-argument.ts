import type { Json } from "#events/json.ts";
import { nameWords } from "#src/planning/catalog/name-words.ts";
import type { MeantField } from "#src/planning/catalog/entry.ts";
import type { Span } from "#src/planning/binding/spans.ts";
import { codeKindOf, codeOf } from "#src/planning/binding/codes.ts";
import { writtenNumber } from "#src/planning/analysis/number-words.ts";

// Words of a request as an argument of a certain type, where they can be one: what comes out fits the parameter's schema.

/** Undefined where the words cannot be a value of this parameter. */
export function asArgument(span: Span, parameter: MeantField): Json | undefined {
  const { options } = parameter;
  if (options !== undefined) return options.find((option) => saysOption(span, option));
  switch (parameter.type) {
    case "string":
    case "any":
      return asText(span, parameter);
    case "number":
    case "integer":
      return asNumber(span, parameter);
    case "boolean":
      return saysName(span, parameter) ? true : undefined;
    case "array": {
      const item = asText(span, parameter);
      return item === undefined ? undefined : [item];
    }
    case "object":
      return undefined;
  }
}

function asText(span: Span, parameter: MeantField): string | undefined {
  const { format, meaning, path, description } = parameter;
  const codes = codeKindOf(`${nameWords(path.at(-1) ?? "").join(" ")}. ${description}`);
  const code = codes === undefined || span.count > MAX_CODE_WORDS ? undefined : codeOf(codes, span.words);
  if (code !== undefined) return code;
  const [kind = ""] = meaning.kinds;
  const isDate = format === "date" || format === "date-time" || kind === "date" || /\bdate\b.*\byyyy-mm-dd\b/i.test(description);
  const { found } = span;
  if (isDate) return found !== undefined && (found.kind === "date" || found.kind === "date-time") ? found.value : undefined;
  if (format === "email" || format === "uri") return found !== undefined && found.kind === (format === "uri" ? "url" : format) ? found.value : undefined;
  if (found === undefined) return span.words;
  return typeof found.value === "string" ? found.value : span.words;
}

const MAX_CODE_WORDS = 4;
const WHOLE = /^-?\d+$/;
const DURATION = /^P(?:T?)(\d+)[SMHDWY]$/;

function asNumber({ found, words }: Span, { type }: MeantField): number | undefined {
  const value = found === undefined || typeof found.value !== "string" ? found?.value : DURATION.exec(found.value)?.[1];
  const number = Number(value ?? (WHOLE.test(words) ? words : writtenNumber([words])?.value));
  if (!Number.isFinite(number) || value === null) return undefined;
  return type === "integer" && !Number.isInteger(number) ? undefined : number;
}

function saysOption({ words }: Span, option: Json): boolean {
  return typeof option === "string" ? spoken(words) === spoken(option) : String(option) === words;
}

function saysName({ words }: Span, { path }: MeantField): boolean {
  return spoken(words) === spoken(path.at(-1) ?? "");
}

/** "best-rated", "BEST_RATED" and "best ratings" are nearly the same words. */
function spoken(text: string): string {
  return nameWords(text)
    .map((word) => word.replace(/(?:ed|s)$/, ""))
    .join(" ");
}
