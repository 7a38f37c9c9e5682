import type { SourceNode } from "./source-node.ts";
import type { Range } from "./source-text.ts";

// Finds in the source what stands at an offset of a scalar's value, although quoting, escapes, folding and indentation
// make the two texts differ. Value and source are read side by side; where they part (a rare folding), the scalar's own
// beginning is the answer: a place that is too coarse, never a wrong one.

export interface ValuePart {
  readonly offset: number;
  readonly length: number;
}

/** In UTF-16 code units of the source. */
export function rangeInScalar(source: string, node: SourceNode, part: ValuePart): Range {
  const { value } = node;
  if (typeof value !== "string" || part.offset > value.length) return node;
  const scalar = { source, node, value };
  const start = walk(scalar, { from: firstChar(source, node), index: 0 }, part.offset);
  if (start === undefined) return firstLine(source, node);
  const until = Math.min(value.length, part.offset + part.length);
  const end = walk(scalar, { from: start, index: part.offset }, until);
  return { start, end: Math.min(Math.max(end ?? 0, start + 1), Math.max(node.end, start + 1)) };
}

interface Scalar {
  readonly source: string;
  readonly node: SourceNode;
  readonly value: string;
}

/** Source offset of `value[until]`, from a known pair. */
function walk(scalar: Scalar, known: { from: number; index: number }, until: number): number | undefined {
  const { source, node, value } = scalar;
  let at = known.from;
  for (let index = known.index; index < until; index++) {
    const next = afterOne(source, at, { sign: value[index] ?? "", node });
    if (next === undefined || next > node.end) return undefined;
    at = next;
  }
  return agreed(scalar, at, value[until]);
}

/** Where the source goes on after it has written one code unit of the value. */
function afterOne(source: string, at: number, { sign, node }: { sign: string; node: SourceNode }): number | undefined {
  if (node.quoting === "double" && source[at] === "\\") return afterEscape(source, at);
  if (node.quoting === "single" && source.startsWith("''", at)) return sign === "'" ? at + 2 : undefined;
  if (source[at] === sign && sign !== "\n") return at + 1;
  if (sign !== " " && sign !== "\n") return undefined;
  return afterBreak(source, at, { sign, node });
}

/** `\n`, `\x41`, `\u0041`: one code unit each; above the basic plane it is two, which this reads as none. */
function afterEscape(source: string, at: number): number | undefined {
  switch (source[at + 1]) {
    case "x":
      return at + 4;
    case "u":
      return at + 6;
    case "U":
    case "\n":
    case "\r":
    case undefined:
      return undefined;
    default:
      return at + 2;
  }
}

/** A line break of the source with the indentation after it; in folded text the spaces before it belong to it. */
function afterBreak(
  source: string,
  at: number,
  { sign, node }: { sign: string; node: SourceNode },
): number | undefined {
  const found = /[ \t]*\r?\n/y;
  found.lastIndex = at;
  if (!found.test(source)) return undefined;
  const isBlank = /[ \t]*\r?\n/y;
  isBlank.lastIndex = found.lastIndex;
  // A folded break before an empty line writes nothing itself.
  if (node.quoting !== "block" && sign === "\n" && isBlank.test(source))
    return afterIndent(source, isBlank.lastIndex, node);
  return afterIndent(source, found.lastIndex, node);
}

function afterIndent(source: string, at: number, node: SourceNode): number {
  const limit = node.quoting === "block" ? at + indentOf(source, node) : node.end;
  let next = at;
  while (next < limit && (source[next] === " " || source[next] === "\t")) next += 1;
  return next;
}

/** The place itself, if the source still agrees with the value there. */
function agreed({ source, node }: Scalar, at: number, sign: string | undefined): number | undefined {
  if (sign === undefined || source[at] === sign || node.quoting === "double") return at;
  return sign === "\n" || sign === " " ? at : undefined;
}

function firstChar(source: string, node: SourceNode): number {
  if (node.quoting === "plain") return node.start;
  if (node.quoting !== "block") return node.start + 1;
  const { start } = firstContent(source, node);
  return start + indentOf(source, node);
}

/** Columns before the first line of a block scalar. */
function indentOf(source: string, node: SourceNode): number {
  const { start, indent } = firstContent(source, node);
  return start >= node.end ? 0 : indent;
}

function firstContent(source: string, node: SourceNode): { start: number; indent: number } {
  const header = source.indexOf("\n", node.start);
  const start = header === -1 ? node.end : header + 1;
  const indent = /^ */.exec(source.slice(start, node.end))?.[0].length ?? 0;
  return { start, indent };
}

function firstLine(source: string, node: SourceNode): Range {
  const newline = source.indexOf("\n", node.start);
  return { start: node.start, end: newline === -1 ? node.end : Math.max(node.start + 1, Math.min(newline, node.end)) };
}
