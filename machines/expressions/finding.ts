// What is wrong in a plan's string, with its place. For people and for editors: the caret is ready to print.
// Inside this folder a place is an offset in one expression (a remark); it becomes a finding where the string is known.

export type Path = readonly (string | number)[];

export interface Finding {
  /** Stable, kebab case. */
  readonly code: string;
  readonly message: string;
  /** Where the string is inside the JSON value. */
  readonly path: Path;
  /** Inside the string at `path`, in UTF-16 code units. */
  readonly offset: number;
  readonly length: number;
  /** The line of the string and, below it, a mark under the place. */
  readonly caret: string;
  /** The nearest name that exists. */
  readonly suggestion?: string;
}

/** A finding before its string is known. Offsets count inside the expression. */
export interface Remark {
  readonly code: string;
  readonly message: string;
  readonly start: number;
  readonly end: number;
  readonly suggestion?: string;
}

const MAX_CARET_LINE_CHARS = 100;

/** Places a remark about a part of `text` that begins at `offset`. */
export function findingAt(remark: Remark, place: { path: Path; text: string; offset: number }): Finding {
  const offset = place.offset + remark.start;
  const length = Math.max(1, remark.end - remark.start);
  return {
    code: remark.code,
    message: remark.message,
    path: place.path,
    offset,
    length,
    caret: caret(place.text, offset, length),
    ...(remark.suggestion === undefined ? {} : { suggestion: remark.suggestion }),
  };
}

function caret(text: string, offset: number, length: number): string {
  const lineStart = offset === 0 ? 0 : text.lastIndexOf("\n", offset - 1) + 1;
  const newline = text.indexOf("\n", offset);
  const lineEnd = newline === -1 ? text.length : newline;
  const start = Math.max(lineStart, offset - MAX_CARET_LINE_CHARS / 2);
  const end = Math.min(lineEnd, start + MAX_CARET_LINE_CHARS);
  const marks = Math.max(1, Math.min(length, end - offset));
  const line = text.slice(start, end).replaceAll("\t", " ").replaceAll("\r", " ");
  return `${line}\n${" ".repeat(offset - start)}${"^".repeat(marks)}`;
}
