import type { StepStateName } from "#machines/step-chart.ts";
import type { StepProgress } from "#projections/progress.ts";
import type { TreeRow } from "#projections/step-tree.ts";

// Which steps a screen shows that has fewer lines than the plan has steps: what moves, what just ended, what comes next.
// The order stays that of the tree, so that a row does not jump when its state changes.

export interface Window {
  readonly rows: readonly TreeRow[];
  /** Steps that are not shown, by state. */
  readonly hidden: ReadonlyMap<StepStateName, number>;
}

/** At most `lines` rows, in the order of the tree. */
export function selectWindow(tree: readonly TreeRow[], steps: readonly StepProgress[], lines: number): Window {
  if (tree.length <= lines) return { rows: tree, hidden: new Map() };
  const ranked = tree.map((row, place) => ({ place, rank: rankOf(steps[row.step]) }));
  ranked.sort((a, b) => a.rank.group - b.rank.group || b.rank.at - a.rank.at || a.place - b.place);
  const moving = ranked.filter(({ rank }) => rank.group === 0).slice(0, lines);
  const ended = ranked.filter(({ rank }) => rank.group === 1);
  const next = ranked.filter(({ rank }) => rank.group === 2);
  const left = lines - moving.length;
  const endedShown = Math.min(ended.length, Math.max(Math.ceil(left / 2), left - next.length));
  const shown = [...moving, ...ended.slice(0, endedShown), ...next.slice(0, left - endedShown)];
  const places = new Set(shown.map(({ place }) => place));
  return { rows: tree.filter((_, place) => places.has(place)), hidden: countHidden(tree, steps, places) };
}

interface Rank {
  /** 0 moves or wants a person, 1 has ended, 2 has not begun. */
  readonly group: number;
  /** Larger goes first within its group. */
  readonly at: number;
}

/** Failures stay in sight longer than successes. */
const FAILURE_BONUS_MS = 60_000;

const MOVING: ReadonlySet<StepStateName> = new Set(["running", "between", "waiting", "open", "unknown"]);

function rankOf(step: StepProgress | undefined): Rank {
  if (step === undefined || step.state === "pending") return { group: 2, at: 0 };
  if (MOVING.has(step.state)) return { group: 0, at: 0 };
  const isFailure = step.state === "failed" || step.state === "cancelled";
  return { group: 1, at: (step.endedAt ?? 0) + (isFailure ? FAILURE_BONUS_MS : 0) };
}

function countHidden(tree: readonly TreeRow[], steps: readonly StepProgress[], shown: ReadonlySet<number>) {
  const hidden = new Map<StepStateName, number>();
  tree.forEach((row, place) => {
    const state = steps[row.step]?.state;
    if (!shown.has(place) && state !== undefined) hidden.set(state, (hidden.get(state) ?? 0) + 1);
  });
  return hidden;
}
