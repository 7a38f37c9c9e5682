import type { Json } from "#events/json.ts";
import { BOOL, DYN, INT, listOf, STRING } from "#machines/expressions/expression-type.ts";
import {
  ANY,
  binary,
  INTEGER,
  invalid,
  LIST,
  TEXT,
  ternary,
  unary,
} from "#machines/expressions/functions/declaration.ts";
import type { FunctionDeclaration } from "#machines/expressions/functions/declaration.ts";
import { MAX_LIST_ELEMENTS } from "#machines/expressions/limits.ts";
import { indexOfPart, lastIndexOfPart, splitAtPart } from "#machines/expressions/functions/text-search.ts";
import { charge, chargeChars, chargeElements } from "#machines/expressions/meter.ts";
import type { Meter } from "#machines/expressions/meter.ts";
import type { Value } from "#machines/expressions/value.ts";
import { jsonText, toJson } from "#machines/expressions/value-output.ts";

// Text. Positions and sizes count Unicode code points, so that no character is ever cut in two.
// The size of a result is known, and paid for, before it is made.

const TEXTS = listOf(() => STRING);
const UNITS_PER_BASE64_CHAR = 4;
const CHARS_COUNTED_PER_UNIT = 4;
/** The last code point of one UTF-16 unit. */
const LAST_SINGLE_UNIT = 0xffff;

export const textFunctions: readonly FunctionDeclaration[] = [
  unary({ name: "size", parameters: [TEXT], result: INT }, (text, meter) => countCharacters(text, meter)),
  mapped("lower", (text) => text.toLowerCase()),
  mapped("upper", (text) => text.toUpperCase()),
  mapped("trim", (text) => text.trim()),
  tested("contains", (text, part) => indexOfPart(text, part) >= 0),
  tested("startsWith", (text, part) => text.startsWith(part)),
  tested("endsWith", (text, part) => text.endsWith(part)),
  searched("indexOf", indexOfPart),
  searched("lastIndexOf", lastIndexOfPart),
  binary({ name: "substring", parameters: [TEXT, INTEGER], result: STRING }, ([text, from], meter) =>
    substring(characters(text, meter), from, undefined),
  ),
  ternary({ name: "substring", parameters: [TEXT, INTEGER, INTEGER], result: STRING }, ([text, from, to], meter) =>
    substring(characters(text, meter), from, to),
  ),
  ternary({ name: "replace", parameters: [TEXT, TEXT, TEXT], result: STRING }, ([text, from, to], meter) =>
    joinTexts(splitText(text, from, meter), to, meter),
  ),
  binary({ name: "split", parameters: [TEXT, TEXT], result: TEXTS }, ([text, separator], meter) =>
    splitText(text, separator, meter),
  ),
  ternary({ name: "split", parameters: [TEXT, TEXT, INTEGER], result: TEXTS }, ([text, separator, limit], meter) =>
    splitUpTo(splitText(text, separator, meter), separator, limit),
  ),
  unary({ name: "join", parameters: [LIST], result: STRING }, (list, meter) => joinTexts(list, "", meter)),
  binary({ name: "join", parameters: [LIST, TEXT], result: STRING }, ([list, separator], meter) =>
    joinTexts(list, separator, meter),
  ),
  unary({ name: "json", parameters: [ANY], result: STRING }, (value, meter) => jsonText(meter, toJson(meter, value))),
  unary({ name: "parseJson", parameters: [TEXT], result: DYN }, parseJson),
  unary({ name: "base64", parameters: [TEXT], result: STRING }, encodeBase64),
  unary({ name: "base64Decode", parameters: [TEXT], result: STRING }, decodeBase64),
];

function mapped(name: string, map: (text: string) => string): FunctionDeclaration {
  return unary({ name, parameters: [TEXT], result: STRING }, (text, meter) => {
    chargeChars(meter, text.length);
    return map(text);
  });
}

function tested(name: string, test: (text: string, part: string) => boolean): FunctionDeclaration {
  return binary({ name, parameters: [TEXT, TEXT], result: BOOL }, ([text, part], meter) => {
    chargeChars(meter, text.length + part.length);
    return test(text, part);
  });
}

function searched(name: string, search: (text: string, part: string) => number): FunctionDeclaration {
  return binary({ name, parameters: [TEXT, TEXT], result: INT }, ([text, part], meter) => {
    chargeChars(meter, text.length);
    charge(meter, part.length);
    return position(text, search(text, part), meter);
  });
}

/** The text itself where each of its code units is a character, else its characters. */
function characters(text: string, meter: Meter): string | readonly string[] {
  chargeChars(meter, text.length);
  if (!/[\ud800-\udfff]/.test(text)) return text;
  charge(meter, text.length);
  return Array.from(text);
}

function position(text: string, index: number, meter: Meter): bigint {
  return index <= 0 ? BigInt(index) : countCharacters(text.slice(0, index), meter);
}

function countCharacters(text: string, meter: Meter): bigint {
  chargeChars(meter, text.length);
  if (!/[\ud800-\udfff]/.test(text)) return BigInt(text.length);
  charge(meter, text.length / CHARS_COUNTED_PER_UNIT);
  let count = 0;
  for (let at = 0; at < text.length; at += (text.codePointAt(at) ?? 0) > LAST_SINGLE_UNIT ? 2 : 1) count++;
  return BigInt(count);
}

function substring(all: string | readonly string[], from: number, to: number | undefined): string {
  const end = to ?? all.length;
  if (from < 0 || end > all.length || from > end) {
    throw invalid(`substring: ${from} to ${end} is outside a text of ${all.length} characters`);
  }
  const part = all.slice(from, end);
  return typeof part === "string" ? part : part.join("");
}

function splitText(text: string, separator: string, meter: Meter): string[] {
  chargeChars(meter, text.length + separator.length);
  if (separator === "") chargeElements(meter, text.length);
  const parts = separator === "" ? Array.from(text) : splitAtPart(text, separator, MAX_LIST_ELEMENTS + 1);
  chargeElements(meter, parts.length);
  return parts;
}

/** At most `limit` parts, the last with the rest; a negative limit is none. */
function splitUpTo(parts: string[], separator: string, limit: number): string[] {
  if (limit < 0 || parts.length <= limit) return parts;
  return limit === 0 ? [] : [...parts.slice(0, limit - 1), parts.slice(limit - 1).join(separator)];
}

function joinTexts(list: readonly Value[], separator: string, meter: Meter): string {
  chargeElements(meter, list.length);
  const texts = list.map((item) => {
    if (typeof item === "string") return item;
    throw invalid("join: the list must have only strings; list.map(x, string(x)) makes them");
  });
  const separators = Math.max(0, texts.length - 1) * separator.length;
  chargeChars(
    meter,
    texts.reduce((chars, text) => chars + text.length, separators),
  );
  return texts.join(separator);
}

function parseJson(text: string, meter: Meter): Value {
  charge(meter, text.length);
  try {
    const parsed = JSON.parse(text) as Json;
    return parsed;
  } catch (error) {
    throw invalid(`parseJson: ${error instanceof Error ? error.message : "not JSON"}`);
  }
}

function encodeBase64(text: string, meter: Meter): string {
  charge(meter, text.length * UNITS_PER_BASE64_CHAR);
  return btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(""));
}

function decodeBase64(text: string, meter: Meter): string {
  charge(meter, text.length * UNITS_PER_BASE64_CHAR);
  try {
    const bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw invalid("base64Decode: not the base64 of UTF-8 text");
  }
}
