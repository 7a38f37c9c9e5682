// Offsets of a text as lines and columns, and the line of a place with a caret below it. What is shown of a text never
// holds a secret or a control character.

const MAX_CARET_CHARS = 100;

interface Place {
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 code units. */
  readonly column: number;
}

export interface Range {
  readonly start: number;
  readonly end: number;
}

export interface SourceText {
  place(offset: number): Place;
  /** Two lines. What lies in `hidden` is not repeated (it may be a secret). */
  caret(range: Range, hidden: readonly Range[]): string;
}

/** Reads the text once, when the first place is asked for. */
export function sourceText(text: string): SourceText {
  let starts: readonly number[] | undefined;
  const place = (offset: number): Place => {
    starts ??= lineStarts(text);
    const index = lastAtMost(starts, offset);
    return { line: index + 1, column: offset - (starts[index] ?? 0) + 1 };
  };
  return {
    place,
    caret: (range, hidden) => {
      const lineStart = range.start - place(range.start).column + 1;
      return caret(text, { ...range, lineStart }, hidden);
    },
  };
}

function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let newline = text.indexOf("\n"); newline !== -1; newline = text.indexOf("\n", newline + 1)) {
    starts.push(newline + 1);
  }
  return starts;
}

function lastAtMost(sorted: readonly number[], wanted: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((sorted[middle] ?? 0) <= wanted) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** A long line is cut around the place. */
function caret(text: string, range: Range & { lineStart: number }, hidden: readonly Range[]): string {
  const newline = text.indexOf("\n", range.start);
  const lineEnd = newline === -1 ? text.length : newline;
  const from = Math.max(range.lineStart, range.start - MAX_CARET_CHARS / 2);
  const to = Math.min(lineEnd, from + MAX_CARET_CHARS);
  const marked = Math.max(1, Math.min(range.end, to) - range.start);
  const line = hidden.reduce((shown, secret) => blotOut(shown, { from, secret }), text.slice(from, to));
  return `${clean(line).trimEnd()}\n${" ".repeat(range.start - from)}${"^".repeat(marked)}`;
}

function blotOut(line: string, { from, secret }: { from: number; secret: Range }): string {
  const start = Math.max(0, secret.start - from);
  const end = Math.min(line.length, secret.end - from);
  return start >= end ? line : line.slice(0, start) + "*".repeat(end - start) + line.slice(end);
}

/** Control characters would move the caret, or the terminal. */
function clean(line: string): string {
  // eslint-disable-next-line no-control-regex
  return line.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, " ");
}
