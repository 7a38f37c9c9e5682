// text.wrap, text.replace, text.count: small work on text that a plan should not need a program for. They run in the
// loop, so every one is linear in its text and the size of a result is known before it is built.

import { z } from "zod";
import { defineTool, ToolFailure } from "../define.ts";
import { findAll, findArgument, matchArgument } from "./text-pattern.ts";
import type { Match } from "./text-pattern.ts";

const MAX_TEXT_CHARS = 8 * 1024 * 1024;

const MAX_WRAPPED_CHARS = 4 * MAX_TEXT_CHARS;
const MAX_WIDTH = 10_000;
const MAX_INDENT_CHARS = 200;

const text = z.string().max(MAX_TEXT_CHARS);

export const textWrap = defineTool({
  name: "text.wrap",
  version: "1.0.0",
  description: "Breaks lines longer than a width between words. A longer word stays whole; existing line ends stay.",
  input: z.strictObject({
    text,
    width: z.int().positive().max(MAX_WIDTH).default(80).describe("in characters (code points)"),
    indent: z.string().max(MAX_INDENT_CHARS).default("").describe("before each line after the first of a paragraph"),
  }),
  output: z.string(),
  sideEffects: "read",
  run({ text: whole, width, indent }) {
    // Each word may come to stand on a line of its own: refused before it is built.
    if (whole.length + occurrences(whole, /\S+/g) * indent.length > MAX_WRAPPED_CHARS) throw tooLong();
    const lines = whole.split("\n").flatMap((line) => wrapLine(line, width, indent));
    return bounded(lines.join("\n"));
  },
});

export const textReplace = defineTool({
  name: "text.replace",
  version: "1.0.0",
  description:
    "Replaces every occurrence of a literal or a pattern. With a pattern, `$1` is its first group and `$$` a dollar.",
  input: z.strictObject({
    text,
    find: findArgument,
    replacement: text,
    match: matchArgument.default("literal"),
  }),
  output: z.string(),
  sideEffects: "read",
  async run({ text: whole, find, replacement, match }) {
    const expand = match === "literal" ? () => replacement : (found: Match) => expandGroups(replacement, found, whole);
    const parts: string[] = [];
    let chars = 0;
    let from = 0;
    for (const found of await findAll(whole, find, match)) {
      const part = whole.slice(from, found.start) + expand(found);
      chars += part.length;
      if (chars > MAX_TEXT_CHARS) throw tooLong();
      parts.push(part);
      from = found.end;
    }
    return bounded(parts.join("") + whole.slice(from));
  },
});

export const textCount = defineTool({
  name: "text.count",
  version: "1.0.0",
  description: "Counts lines, words, characters (code points) and UTF-8 bytes, and matches of a literal or a pattern.",
  input: z.strictObject({ text, find: findArgument.optional(), match: matchArgument.default("literal") }),
  output: z.object({
    lines: z.int().describe("a last line without line end counts"),
    words: z.int(),
    characters: z.int(),
    bytes: z.int(),
    matches: z.int().describe("0 without `find`"),
  }),
  sideEffects: "read",
  async run({ text: whole, find, match }) {
    return {
      lines: occurrences(whole, /\n/g) + (whole === "" || whole.endsWith("\n") ? 0 : 1),
      words: occurrences(whole, /\S+/g),
      characters: codePoints(whole),
      bytes: Buffer.byteLength(whole),
      matches: find === undefined ? 0 : (await findAll(whole, find, match)).length,
    };
  },
});

function wrapLine(line: string, width: number, indent: string): string[] {
  if (codePoints(line) <= width) return [line];
  const lead = /^\s*/.exec(line)?.[0] ?? "";
  const lines: string[] = [];
  let current = lead;
  let used = codePoints(lead);
  let isEmpty = true;
  for (const word of line.split(/\s+/).filter(Boolean)) {
    const length = codePoints(word);
    if (!isEmpty && used + 1 + length > width) {
      lines.push(current);
      [current, used, isEmpty] = [indent, codePoints(indent), true];
    }
    current += isEmpty ? word : ` ${word}`;
    used += length + (isEmpty ? 0 : 1);
    isEmpty = false;
  }
  return [...lines, current];
}

function expandGroups(replacement: string, match: Match, whole: string): string {
  return replacement.replaceAll(/\$(\$|&|\d)/g, (_, sign: string) => {
    if (sign === "$") return "$";
    return sign === "&" || sign === "0" ? whole.slice(match.start, match.end) : (match.groups[Number(sign) - 1] ?? "");
  });
}

function occurrences(whole: string, pattern: RegExp): number {
  return lengthOf(whole.matchAll(pattern));
}

function codePoints(whole: string): number {
  return lengthOf(whole[Symbol.iterator]());
}

function lengthOf(items: IteratorObject<unknown>): number {
  return items.reduce<number>((count) => count + 1, 0);
}

function bounded(result: string): string {
  if (result.length > MAX_TEXT_CHARS) throw tooLong();
  return result;
}

function tooLong(): ToolFailure {
  return new ToolFailure("resource-exhausted", `the result is over ${MAX_TEXT_CHARS} characters`, {
    code: "text-too-long",
  });
}
