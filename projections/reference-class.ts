import { quantileIn, quantilesOf, type ThreePoints } from "#projections/pert.ts";

// How long a change takes, by how long others like it took: reference class forecasting (Kahneman & Tversky, "Intuitive prediction: biases
// and corrective procedures", 1979; Flyvbjerg, "From Nobel Prize to project management: getting risks right", 2006).
//
// G1. Logarithms of durations are averaged class by class, from the broadest to the narrowest. A class with n changes moves what the one
//     before it says by n / (n + CREDIBILITY) of the way (Bühlmann, "Experience rating and credibility", 1967): few changes say little.
// G2. It begins with what the remedy itself says (the inside view) where something does; all changes and all of the same difficulty
//     count only where nothing does.
// G3. The same changes give the same forecast, whatever their order.

/** What a change is like, as far as it says how long it takes. */
export type ChangeClass = {
  /** Name of the remedy or template, `model:NAME` for a model's; empty where it is not known. */
  readonly remedy: string;
  /** Difficulty from 1 to 5; 0 where it is not known. */
  readonly level: number;
  readonly size: ChangeSize;
};

export const CHANGE_SIZES = ["small", "medium", "large", "unknown"] as const;
export type ChangeSize = (typeof CHANGE_SIZES)[number];

/** A change that is done: what was said of it and how long its attempts took together, in ms. */
export type FinishedChange = {
  readonly estimate: ThreePoints | null;
  /** That its actions write; 0 where it is not known. */
  readonly lines: number;
  readonly actualMs: number;
  /** When it was merged, in ms since the epoch. */
  readonly at: number;
};

export interface ClassHistory {
  readonly class: ChangeClass;
  /** The newest ones, bounded; `finished` counts all. */
  readonly changes: readonly FinishedChange[];
  readonly finished: number;
}

export interface Forecast {
  readonly estimate: ThreePoints;
  /** What moved it, from the broadest class to the narrowest; empty where it is what was said, or a guess. */
  readonly basis: readonly ForecastBasis[];
  /** A sentence for people. */
  readonly text: string;
}

interface ForecastBasis {
  /** `remedy add-licence, difficulty 1`. */
  readonly class: string;
  readonly changes: number;
  /** How far it moved the forecast, from 0 to 1. */
  readonly weight: number;
}

/** Changes that say as much as everything broader together. */
const CREDIBILITY = 5;
/** Of the standard normal distribution. */
const Z_P90 = 1.281_551_565_544_6;
const Z_P99 = 2.326_347_874_040_8;
/** Where nobody said anything and nothing was ever done: a minute, nine of ten within two and a half. */
const GUESS = { mean: Math.log(60_000), variance: (Math.log(2.5) / Z_P90) ** 2 };
const BISECTIONS = 40;
const MS_AT_LEAST = 1;

let guessed: ThreePoints | undefined;

/** `said`: what the remedy itself says. */
export function forecast(of: ChangeClass, history: readonly ClassHistory[], said?: ThreePoints): Forecast {
  let known = said === undefined ? GUESS : logOf(said);
  const basis: ForecastBasis[] = [];
  for (const { label, holds } of classesOf(of, said !== undefined)) {
    const logs = history
      .filter((one) => holds(one.class))
      .flatMap(({ changes }) => changes.map(({ actualMs }) => Math.log(Math.max(MS_AT_LEAST, actualMs))))
      .toSorted((a, b) => a - b);
    if (logs.length === 0) continue;
    const weight = logs.length / (logs.length + CREDIBILITY);
    known = moved(known, logs, weight);
    basis.push({ class: label, changes: logs.length, weight });
  }
  if (basis.length === 0 && said !== undefined) return { estimate: said, basis, text: "as its remedy says" };
  const estimate = basis.length === 0 ? (guessed ??= pointsOf(GUESS)) : pointsOf(known);
  return { estimate, basis, text: textOf(basis, said !== undefined) };
}

interface Logarithms {
  readonly mean: number;
  readonly variance: number;
}

interface Wider {
  readonly label: string;
  readonly holds: (one: ChangeClass) => boolean;
}

/** G2. */
function classesOf({ remedy, level, size }: ChangeClass, isSaid: boolean): readonly Wider[] {
  const all: Wider = { label: "all changes", holds: () => true };
  const alike: Wider = { label: `difficulty ${level}`, holds: (one) => one.level === level };
  const own: Wider = { label: `remedy ${remedy}`, holds: (one) => one.remedy === remedy };
  const narrow: Wider = {
    label: `${own.label}, ${alike.label}`,
    holds: (one) => own.holds(one) && alike.holds(one),
  };
  const narrowest: Wider = {
    label: `${narrow.label}, ${size}`,
    holds: (one) => narrow.holds(one) && one.size === size,
  };
  const broad = isSaid ? [] : [all, ...(level === 0 ? [] : [alike])];
  return remedy === "" ? broad : [...broad, own, narrow, narrowest];
}

/** G1; the variance is that of both together. */
function moved(before: Logarithms, logs: readonly number[], weight: number): Logarithms {
  const mean = logs.reduce((sum, one) => sum + one, 0) / logs.length;
  const variance = logs.reduce((sum, one) => sum + (one - mean) ** 2, 0) / logs.length;
  return {
    mean: weight * mean + (1 - weight) * before.mean,
    variance: weight * variance + (1 - weight) * before.variance + weight * (1 - weight) * (mean - before.mean) ** 2,
  };
}

function logOf(points: ThreePoints): Logarithms {
  const { p50, p90 } = quantilesOf(points);
  const median = Math.log(Math.max(MS_AT_LEAST, p50));
  return { mean: median, variance: (Math.max(0, Math.log(Math.max(MS_AT_LEAST, p90)) - median) / Z_P90) ** 2 };
}

/**
 * Three points whose P90 is that of the logarithms: from one in a hundred, over the mode, to where that holds. Of durations that differ very
 * much the P50 is more than it was: no three points are as skewed.
 */
function pointsOf({ mean, variance }: Logarithms): ThreePoints {
  const sigma = Math.sqrt(variance);
  const optimisticMs = Math.exp(mean - Z_P99 * sigma);
  const likelyMs = Math.max(optimisticMs, Math.exp(mean - variance));
  const p90 = Math.exp(mean + Z_P90 * sigma);
  let [low, high] = [Math.max(p90, likelyMs), Math.max(p90, likelyMs) * 4 + 1];
  for (let step = 0; step < BISECTIONS; step += 1) {
    const middle = (low + high) / 2;
    if (quantileIn({ optimisticMs, likelyMs, pessimisticMs: middle }, 0.9) < p90) low = middle;
    else high = middle;
  }
  return {
    optimisticMs: Math.round(optimisticMs),
    likelyMs: Math.round(likelyMs),
    pessimisticMs: Math.round(sigma === 0 ? likelyMs : high),
  };
}

function textOf(basis: readonly ForecastBasis[], isSaid: boolean): string {
  const last = basis.at(-1);
  if (last === undefined) return "a guess: nothing like it was ever done";
  const from = isSaid ? "as its remedy says, moved by" : "by";
  return `${from} ${last.changes} finished (${last.class})${basis.length > 1 ? " and broader classes" : ""}`;
}
