import { isJsonList, type Json } from "#events/json.ts";
import { MAX_TEMPLATE_DEPTH } from "#machines/expressions/limits.ts";
import { isPlain } from "#machines/expressions/template-text.ts";

// Values that are data, written into a plan so that nothing of them is ever read as an expression.
//
// L1. What a reader of the plan gets back is the value itself, whatever is in it: `${`, quotes, line ends.
// L2. Two texts side by side can make an opening that neither of them has (`$` and `{`): texts are put together first and escaped
//     then, and a `$` right before an expression is written as an expression of its own.
// L3. What has a text in it gives a text, also where that text is empty: a string that is nothing but one expression would keep its type.

/** For places where the language reads templates: arguments, values, outputs. The value itself where it says the same there. */
export function literal(value: Json): Json {
  if (isPlain(value, MAX_TEMPLATE_DEPTH)) return value;
  if (typeof value === "string") return escaped(value);
  if (isJsonList(value)) return value.map(literal);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, literal(inner)]));
}

/** A piece of a string: text as it is meant, or the text of an expression without `${ }`. */
export type Piece = { readonly text: string } | { readonly expression: string };

/** One string of the language. */
export function stringOf(pieces: readonly Piece[]): string {
  let written = "";
  let text = "";
  for (const piece of pieces) {
    if ("text" in piece) text += piece.text;
    else {
      written += `${beforeExpression(text)}\${${piece.expression}}`;
      text = "";
    }
  }
  return written + (isAlone(pieces) ? EMPTY : escaped(text));
}

/** L3: an expression that texts stand around which say nothing. */
function isAlone(pieces: readonly Piece[]): boolean {
  const isSaid = pieces.filter((piece) => !("text" in piece) || piece.text !== "");
  return pieces.length > 1 && isSaid.length === 1 && isSaid.every((piece) => "expression" in piece);
}

const EMPTY = '${""}';

/** A value as the literal of an expression; numbers are what numbers of inputs are. */
export function expressionOf(value: Json): string {
  if (typeof value === "number") return numberText(value);
  if (isJsonList(value)) return `[${value.map(expressionOf).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, inner]) => `${JSON.stringify(key)}: ${expressionOf(inner)}`);
  return `{${entries.join(", ")}}`;
}

function escaped(text: string): string {
  return text.replaceAll("${", "$$${");
}

/** `$` and `${…}` would be read as an escaped opening. */
function beforeExpression(text: string): string {
  const bare = text.replace(/\$+$/, "");
  const dollars = text.slice(bare.length);
  return dollars === "" ? escaped(bare) : `${escaped(bare)}\${${JSON.stringify(dollars)}}`;
}

function numberText(value: number): string {
  const digits = JSON.stringify(value);
  const float = /[.e]/.test(digits) ? digits : `${digits}.0`;
  return value < 0 ? `(${float})` : float;
}
