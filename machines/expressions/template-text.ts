import { MAX_EXPRESSION_CHARS, MAX_EXPRESSIONS_PER_STRING, MAX_STRING_CHARS } from "#machines/expressions/limits.ts";
import { isJsonList, type Json } from "#events/json.ts";
import type { Remark } from "#machines/expressions/finding.ts";

// Where the expressions are in a string: `${ … }` with the closing brace found by the expression's own lexical rules
// (strings in four quotings, raw ones, comments, braces of maps), so that a brace in a string closes nothing. `$${` is the
// text `${`; read from the left, so `$$${` is `$` and the text `${`.

type Part =
  | { readonly kind: "text"; readonly text: string }
  /** `offset` of the expression's first character in the string. */
  | { readonly kind: "expression"; readonly text: string; readonly offset: number };

export type Parts =
  { readonly ok: true; readonly parts: readonly Part[] } | { readonly ok: false; readonly remark: Remark };

const OPEN = "${";
const ESCAPED_OPEN = "$${";

/** Text parts are merged and never empty. */
export function splitTemplate(source: string): Parts {
  if (source.length > MAX_STRING_CHARS)
    return refused("string-too-long", `above ${MAX_STRING_CHARS} characters`, [0, 1]);
  const parts: Part[] = [];
  let text = "";
  let at = 0;
  let expressions = 0;
  for (;;) {
    const next = source.indexOf("$", at);
    if (next === -1) break;
    text += source.slice(at, next);
    if (source.startsWith(ESCAPED_OPEN, next)) {
      text += OPEN;
      at = next + ESCAPED_OPEN.length;
    } else if (source.startsWith(OPEN, next)) {
      const start = next + OPEN.length;
      const end = closingBrace(source, start);
      if (end === undefined) return unterminated(source, next);
      if (++expressions > MAX_EXPRESSIONS_PER_STRING) return tooMany(next);
      if (text !== "") parts.push({ kind: "text", text });
      parts.push({ kind: "expression", text: source.slice(start, end), offset: start });
      text = "";
      at = end + 1;
    } else {
      text += "$";
      at = next + 1;
    }
  }
  text += source.slice(at);
  if (text !== "") parts.push({ kind: "text", text });
  return { ok: true, parts };
}

/** No string in it has an expression or an escape; false where it is nested deeper than so many levels, or a string is too long. */
export function isPlain(source: Json, levels: number): boolean {
  if (typeof source === "string") return source.length <= MAX_STRING_CHARS && !source.includes("$");
  if (source === null || typeof source !== "object") return true;
  if (levels <= 0) return false;
  const parts: readonly Json[] = isJsonList(source) ? source : Object.values(source);
  return parts.every((part) => isPlain(part, levels - 1));
}

/** The index of the brace that closes the expression at `start`; undefined where there is none within the limit. */
function closingBrace(source: string, start: number): number | undefined {
  const limit = Math.min(source.length, start + MAX_EXPRESSION_CHARS + 1);
  let open = 0;
  let at = start;
  while (at < limit) {
    const char = source[at];
    if (char === "}" && open === 0) return at;
    if (char === "{") open++;
    if (char === "}") open--;
    if (char === '"' || char === "'") at = stringEnd(source, at, limit);
    else if (char === "/" && source[at + 1] === "/") at = lineEnd(source, at);
    else at++;
  }
  return undefined;
}

/** A backslash hides the next character in raw strings too: so the parser's lexer reads them. */
function stringEnd(source: string, start: number, limit: number): number {
  const quote = source.slice(start, start + 1);
  const triple = quote.repeat(3);
  const closing = source.startsWith(triple, start) ? triple : quote;
  let at = start + closing.length;
  while (at < limit && !source.startsWith(closing, at)) at += source[at] === "\\" ? 2 : 1;
  return at + closing.length;
}

function lineEnd(source: string, start: number): number {
  const end = source.indexOf("\n", start);
  return end === -1 ? source.length : end;
}

function unterminated(source: string, start: number): Parts {
  const message =
    source.length - start > MAX_EXPRESSION_CHARS
      ? `no closing brace within ${MAX_EXPRESSION_CHARS} characters`
      : "the closing brace of ${ is missing ($${ writes it as text)";
  return refused("unterminated-expression", message, [start, start + OPEN.length]);
}

function tooMany(start: number): Parts {
  return refused("too-many-expressions", `more than ${MAX_EXPRESSIONS_PER_STRING} in one string`, [start, start + 2]);
}

function refused(code: string, message: string, [start, end]: readonly [number, number]): Parts {
  return { ok: false, remark: { code, message, start, end } };
}
