import { medianOf } from "../soak/judge/trend.ts";

// How long a load needs to be as it was before something was killed.
//
// R1. Before: the median of successes a second, over the seconds before the kill.
// R2. It is back from the moment on after which no window of WINDOW_MS has less than half of that, until something else is killed:
//     a throughput that comes back and falls again is not back. The window lies before the moment, so the figure is up to WINDOW_MS
//     more than the truth, never less.

interface Fault {
  /** Monotonic ms, as the successes. */
  readonly atMs: number;
  /** When the next one came, or the load ended. */
  readonly untilMs: number;
}

export interface Recovery {
  /** Successes a second. */
  readonly before: number;
  /** Ms from the kill; Infinity where it was not back when it ended to be looked at. */
  readonly backMs: number;
  /** What was left of it at the worst, 1 for all. */
  readonly lowest: number;
}

const WINDOW_MS = 2_000;
const BEFORE_MS = 10_000;
const STEP_MS = 100;
const MS_PER_S = 1_000;
const SHARE = 0.5;

export function recoveryOf(successes: readonly number[], { atMs, untilMs }: Fault): Recovery {
  const before = medianOf(
    Array.from({ length: BEFORE_MS / MS_PER_S }, (_, index) => {
      const toMs = atMs - index * MS_PER_S;
      return countBetween(successes, toMs - MS_PER_S, toMs);
    }),
  );
  const whole = (before * WINDOW_MS) / MS_PER_S;
  let lastBelowMs = -Infinity;
  let fewest = Infinity;
  for (let momentMs = atMs; momentMs <= untilMs; momentMs += STEP_MS) {
    const count = countBetween(successes, momentMs - WINDOW_MS, momentMs);
    fewest = Math.min(fewest, count);
    if (count < whole * SHARE) lastBelowMs = momentMs;
  }
  return { before, backMs: backAfter(lastBelowMs, { atMs, untilMs }), lowest: whole === 0 ? 1 : fewest / whole };
}

function backAfter(lastBelowMs: number, { atMs, untilMs }: Fault): number {
  if (lastBelowMs === -Infinity) return 0;
  const backAt = lastBelowMs + STEP_MS;
  return backAt > untilMs ? Infinity : backAt - atMs;
}

/** In (from, to]; the successes are in the order of time. */
function countBetween(successes: readonly number[], fromMs: number, toMs: number): number {
  return countUpTo(successes, toMs) - countUpTo(successes, fromMs);
}

function countUpTo(successes: readonly number[], ms: number): number {
  let [low, high] = [0, successes.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((successes[middle] ?? Infinity) <= ms) low = middle + 1;
    else high = middle;
  }
  return low;
}
