import type { ShownChange } from "./shown-draft.ts";

// Changes as a table for people: one line each, in the order in which they are merged.
// Bounded, and on one line whatever is in a name: it is also what approvers are shown.

/** Of a table; the others are counted. */
const MAX_ROWS = 500;
const MAX_CELL_CHARS = 60;
const MAX_FILES = 3;

const COLUMNS = ["change", "what", "remedy", "risk", "difficulty", "likely", "files", "after"] as const;

export function changeTable(changes: readonly ShownChange[]): string {
  const rows = changes.slice(0, MAX_ROWS).map(cellsOf);
  const widths = COLUMNS.map((column, at) => Math.max(column.length, ...rows.map((row) => row[at]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join("  ")
      .trimEnd();
  const more = changes.length - rows.length;
  return [line(COLUMNS), ...rows.map(line), ...(more > 0 ? [`and ${more} more`] : [])].join("\n");
}

function cellsOf(change: ShownChange): readonly string[] {
  const { id, title, remedy, risk, difficulty, estimate, files, irreversible, needs } = change;
  const more = files.length - MAX_FILES;
  return [
    cell(id),
    cell(title),
    cell(remedy),
    irreversible ? `${risk}, irreversible` : risk,
    String(difficulty.level),
    shortDuration(estimate.points.likelyMs),
    [...files.slice(0, MAX_FILES).map(cell), ...(more > 0 ? [`+${more}`] : [])].join(" "),
    [...new Set(needs.map(({ on }) => on))].slice(0, MAX_FILES).map(cell).join(" "),
  ];
}

const INVISIBLE = /[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}]/gu;

/** On one line, and with nothing in it that hides or moves something. */
export function cell(text: string): string {
  const plain = text.replaceAll(/\s/gu, " ").replaceAll(INVISIBLE, "\ufffd");
  return plain.length <= MAX_CELL_CHARS ? plain : `${plain.slice(0, MAX_CELL_CHARS - 1)}…`;
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
