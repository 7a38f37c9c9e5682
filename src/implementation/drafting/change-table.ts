import { shortText } from "#src/implementation/short-text.ts";
import type { ShownChange } from "./shown-draft.ts";

// Changes as a table for people: one line each, in the order in which they are merged.
// Bounded, and on one line whatever is in a name: it is also what approvers are shown.

/** Of a table; the others are counted. */
const MAX_ROWS = 500;
const MAX_CELL_CHARS = 60;
const MAX_FILES = 3;

interface Column {
  readonly name: string;
  readonly cell: (change: ShownChange) => string;
  /** Characters that are left of it where there is no room; absent: it is not shortened. */
  readonly least?: number;
}

const COLUMNS: readonly Column[] = [
  { name: "change", cell: ({ id }) => cell(id), least: 20 },
  { name: "what", cell: ({ title }) => cell(title), least: 16 },
  { name: "remedy", cell: ({ remedy }) => cell(remedy), least: 6 },
  { name: "risk", cell: ({ risk, irreversible }) => (irreversible ? `${risk}, irreversible` : risk) },
  { name: "difficulty", cell: ({ difficulty }) => String(difficulty.level) },
  { name: "likely", cell: ({ estimate }) => shortDuration(estimate.points.likelyMs) },
  { name: "files", cell: filesCell, least: 12 },
  { name: "after", cell: needsCell, least: 8 },
];
/** What is left out where even the shortest columns do not fit. */
const SPARED = ["remedy", "difficulty"];
const GAP = "  ";

/** `width`: characters that a line may have, as far as columns can be shortened and left out. */
export function changeTable(changes: readonly ShownChange[], width = Infinity): string {
  const shown = changes.slice(0, MAX_ROWS);
  const all = COLUMNS.map((column) => filled(column, shown));
  const spared = SPARED.map((_, at) => all.filter(({ name }) => !SPARED.slice(0, at + 1).includes(name)));
  const columns = fitted(
    [all, ...spared].find((some) => totalOf(some.map(leastOf)) <= width) ?? spared.at(-1) ?? all,
    width,
  );
  const line = (cellsOf: (column: Filled) => string): string =>
    columns
      .map((column) => shortText(cellsOf(column), column.width).padEnd(column.width))
      .join(GAP)
      .trimEnd();
  const more = changes.length - shown.length;
  const rows = shown.map((_, at) => line(({ cells }) => cells[at] ?? ""));
  return [line(({ name }) => name), ...rows, ...(more > 0 ? [`and ${more} more`] : [])].join("\n");
}

interface Filled extends Omit<Column, "cell"> {
  readonly cells: readonly string[];
  width: number;
}

function filled({ cell: cellOf, ...column }: Column, changes: readonly ShownChange[]): Filled {
  const cells = changes.map(cellOf);
  return { ...column, cells, width: Math.max(column.name.length, ...cells.map(({ length }) => length)) };
}

function leastOf({ width, least = width }: Filled): number {
  return Math.min(width, least);
}

function totalOf(widths: readonly number[]): number {
  return widths.reduce((sum, each) => sum + each, GAP.length * (widths.length - 1));
}

/** The widest column gives way first. */
function fitted(columns: readonly Filled[], width: number): readonly Filled[] {
  for (let tooMuch = totalOf(columns.map((column) => column.width)) - width; tooMuch > 0; tooMuch -= 1) {
    const [widest] = columns.filter((column) => column.width > leastOf(column)).sort((a, b) => b.width - a.width);
    if (widest === undefined) break;
    widest.width -= 1;
  }
  return columns;
}

function filesCell({ files }: ShownChange): string {
  const more = files.length - MAX_FILES;
  return [...files.slice(0, MAX_FILES).map(cell), ...(more > 0 ? [`+${more}`] : [])].join(" ");
}

function needsCell({ needs }: ShownChange): string {
  return [...new Set(needs.map(({ on }) => on))].slice(0, MAX_FILES).map(cell).join(" ");
}

const INVISIBLE = /[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}]/gu;

/** On one line, and with nothing in it that hides or moves something. */
export function cell(text: string): string {
  const plain = text.replaceAll(/\s/gu, " ").replaceAll(INVISIBLE, "\ufffd");
  return shortText(plain, MAX_CELL_CHARS);
}

const UNITS: readonly (readonly [number, string])[] = [
  [86_400_000, "d"],
  [3_600_000, "h"],
  [60_000, "m"],
  [1_000, "s"],
];

/** `45s`, `2m`, `1.5h`. */
export function shortDuration(ms: number): string {
  const [size, unit] = UNITS.find(([least]) => ms >= least) ?? [1, "ms"];
  return `${Number((ms / size).toPrecision(2))}${unit}`;
}
