import { medianOf } from "../soak/judge/trend.ts";

// How long a load needs to be as it was before something was killed.
//
// R1. Before: the median of successes a second, over the seconds before the kill.
// R2. What is lost shows within DIPS_WITHIN_MS as a window of WINDOW_MS with less than half of that. It is back at the first
//     moment after that from which on no window has less for STAYS_MS. A window lies before its moment, so the figure is up to
//     WINDOW_MS more than the truth, never less.

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
const DIPS_WITHIN_MS = 5_000;
const STAYS_MS = 1_000;
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
  const moments = Array.from(
    { length: Math.floor((untilMs - atMs) / STEP_MS) + 1 },
    (_, index) => atMs + index * STEP_MS,
  );
  const shares = moments.map((ms) => (whole === 0 ? 1 : countBetween(successes, ms - WINDOW_MS, ms) / whole));
  const lowest = Math.min(1, ...shares);
  const fell = shares.findIndex((share) => share < SHARE);
  if (fell < 0 || fell * STEP_MS > DIPS_WITHIN_MS) return { before, backMs: 0, lowest };
  const stays = STAYS_MS / STEP_MS;
  const isBack = (_: number, index: number): boolean =>
    index > fell && shares.slice(index, index + stays).every((share) => share >= SHARE);
  const back = shares.findIndex(isBack);
  return { before, backMs: back < 0 ? Infinity : back * STEP_MS, lowest };
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
