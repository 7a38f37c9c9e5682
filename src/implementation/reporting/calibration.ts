import { quantilesOf } from "#projections/pert.ts";
import type { ClassHistory, FinishedChange } from "#projections/reference-class.ts";
import type { Calibration } from "./report.ts";

// How good estimates have been: of finished changes with an estimate, how many stayed within its P50 and its P90. Scores are proper ones:
// the quantile (pinball) loss (Koenker & Bassett, 1978) and the Brier score (1950) of the statement "within its P90".

const STATED = 0.9;
const MAX_CLASSES = 50;

/** All of them, then class by class, those with the most changes first. */
export function calibrationOf(history: readonly ClassHistory[]): readonly Calibration[] {
  const all = scored(
    "all changes",
    history.flatMap(({ changes }) => changes),
  );
  const classes = history.flatMap(({ class: { remedy, level, size }, changes }) => {
    const name = remedy === "" ? "of no known remedy" : `${remedy}, difficulty ${level}, ${size}`;
    return scored(name, changes);
  });
  const largest = classes.toSorted((a, b) => b.changes - a.changes || (a.class < b.class ? -1 : 1));
  return [...all, ...largest.slice(0, MAX_CLASSES)];
}

/** None of changes without an estimate. */
function scored(name: string, changes: readonly FinishedChange[]): readonly Calibration[] {
  const rows = changes.flatMap(({ estimate, actualMs }) =>
    estimate === null ? [] : [{ ...quantilesOf(estimate), actualMs }],
  );
  if (rows.length === 0) return [];
  const mean = (of: (row: (typeof rows)[number]) => number): number =>
    rows.reduce((sum, row) => sum + of(row), 0) / rows.length;
  const ratios = rows.map(({ p50, actualMs }) => (p50 === 0 ? 1 : actualMs / p50)).toSorted((a, b) => a - b);
  return [
    {
      class: name,
      changes: rows.length,
      withinP50: mean(({ p50, actualMs }) => Number(actualMs <= p50)),
      withinP90: mean(({ p90, actualMs }) => Number(actualMs <= p90)),
      brier: mean(({ p90, actualMs }) => (STATED - Number(actualMs <= p90)) ** 2),
      pinballMs: {
        p50: mean(({ p50, actualMs }) => pinball(0.5, p50, actualMs)),
        p90: mean(({ p90, actualMs }) => pinball(STATED, p90, actualMs)),
      },
      ratio: ratios[Math.floor((ratios.length - 1) / 2)] ?? 1,
    },
  ];
}

function pinball(share: number, quantile: number, actual: number): number {
  return actual >= quantile ? share * (actual - quantile) : (1 - share) * (quantile - actual);
}
