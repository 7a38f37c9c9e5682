import { cell, shortDuration } from "./change-table.ts";
import type { ShownChange, ShownTotals } from "./shown-draft.ts";

// Changes over time, as text: a bar from where each begins to where it ends at the medians, `#` where it decides when the whole ends.

const MAX_ROWS = 500;
const MAX_LABEL_CHARS = 30;
const DEFAULT_WIDTH = 100;
const MIN_BARS = 20;

export function changeGantt(changes: readonly ShownChange[], totals: ShownTotals, width = DEFAULT_WIDTH): string {
  const critical = new Set(totals.criticalPath);
  const listed = changes.slice(0, MAX_ROWS);
  const label = Math.min(MAX_LABEL_CHARS, Math.max(0, ...listed.map(({ id }) => id.length)));
  const bars = Math.max(MIN_BARS, width - label - TIMES_CHARS);
  const end = Math.max(1, ...Object.values(totals.schedule).map(({ endMs }) => endMs));
  const rows = listed.flatMap(({ id }) => {
    const slot = Object.hasOwn(totals.schedule, id) ? totals.schedule[id] : undefined;
    if (slot === undefined) return [];
    const from = Math.min(bars - 1, Math.floor((slot.startMs / end) * bars));
    const to = Math.max(from + 1, Math.ceil((slot.endMs / end) * bars));
    const bar = `${" ".repeat(from)}${(critical.has(id) ? "#" : "=").repeat(to - from)}`.padEnd(bars);
    const times = `${shortDuration(slot.startMs)} to ${shortDuration(slot.endMs)}`;
    return [
      {
        at: slot.startMs,
        line: `${cell(id).slice(0, label).padEnd(label)} |${bar}| ${times}`,
      },
    ];
  });
  const more = changes.length - listed.length;
  return [
    ...rows.toSorted((one, other) => one.at - other.at).map(({ line }) => line),
    ...(more > 0 ? [`and ${more} more`] : []),
  ].join("\n");
}

/** Two bars at the sides, and what stands behind them. */
const TIMES_CHARS = 20;
