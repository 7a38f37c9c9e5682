import { chargeChars, chargeElements } from "#machines/expressions/meter.ts";
import type { Meter } from "#machines/expressions/meter.ts";
import type { Value } from "#machines/expressions/value.ts";
import { toText } from "#machines/expressions/value-output.ts";

// A table as Markdown (GitHub Flavored Markdown, section 4.10), which reads well as plain text too: short columns are filled up. A value is
// one cell, whatever is in it: a bar in it is escaped, what would end its line is a space. That makes it no safe HTML.

export interface TableOf {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Value[])[];
}

/** Characters (UTF-16 units) that a column is filled up to. */
const MAX_FILLED_CHARS = 40;
const MIN_COLUMN_CHARS = 3;
/** Around a cell, and the marks of an escaped one, in characters. */
const FRAME_CHARS = 3;

/** Empty where there are no columns. A row ends, or is filled up, at the last column. */
export function markdownTable({ columns, rows }: TableOf, meter: Meter): string {
  if (columns.length === 0) return "";
  chargeElements(meter, (rows.length + 2) * columns.length);
  const lines = [columns, ...rows].map((row) => columns.map((_name, at) => cellOf(row[at] ?? null, meter)));
  const widths = columns.map((_name, at) =>
    lines.reduce(
      (width, cells) => Math.min(MAX_FILLED_CHARS, Math.max(width, cells[at]?.length ?? 0)),
      MIN_COLUMN_CHARS,
    ),
  );
  const cells = lines.flat().reduce((sum, cell) => sum + cell.length, 0);
  const filled = widths.reduce((sum, width) => sum + width + FRAME_CHARS, 1);
  chargeChars(meter, cells + filled * (lines.length + 1));
  const [head = [], ...body] = lines;
  const rule = widths.map((width) => "-".repeat(width));
  return [head, rule, ...body].map((line) => lineOf(line, widths)).join("\n");
}

function lineOf(cells: readonly string[], widths: readonly number[]): string {
  return `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(" | ")} |`;
}

/** A backslash counts as one only before punctuation, so that most paths stay as they are. */
const SPECIAL = /\\(?=[!-/:-@[-`{-~])|\|/g;
// eslint-disable-next-line no-control-regex -- what ends a line, or moves a terminal's cursor
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;

function cellOf(value: Value, meter: Meter): string {
  const text = toText(meter, value);
  chargeChars(meter, text.length);
  return text.replace(CONTROL, " ").replace(SPECIAL, "\\$&").trim();
}
