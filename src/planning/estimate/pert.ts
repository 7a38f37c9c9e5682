import type { ThreePoints } from "#projections/pert.ts";

// Draws from durations that are known by three points: the quantiles of the beta distribution that PERT takes (projections/pert.ts), read from
// tables, because an estimate draws some hundred thousand of them (its shape: Clark, "The PERT model for the distribution of an activity
// time", 1962).
//
// P1. A draw takes one number by chance: how often distributions are drawn from does not depend on their shapes.

/** Steps of the table from which quantiles are read: an error of less than a thousandth of the range. */
const STEPS = 256;
/** Shapes are told apart by this much of the range. */
const SHAPES = 200;

/** The classical one, a sixth of the range as the standard deviation. */
export function pertVariance({ optimisticMs, pessimisticMs }: ThreePoints): number {
  return ((pessimisticMs - optimisticMs) / 6) ** 2;
}

/** `share` from 0 to 1. */
export function pertQuantile({ optimisticMs, likelyMs, pessimisticMs }: ThreePoints, share: number): number {
  const range = pessimisticMs - optimisticMs;
  if (range <= 0) return likelyMs;
  return optimisticMs + range * standardQuantile((likelyMs - optimisticMs) / range, share);
}

const tables = new Map<number, Float64Array>();

/** Between 0 and 1, with the mode there. */
function standardQuantile(mode: number, share: number): number {
  const shape = Math.round(mode * SHAPES);
  let table = tables.get(shape);
  if (table === undefined) {
    table = quantilesOf(shape / SHAPES);
    tables.set(shape, table);
  }
  const at = Math.min(STEPS, Math.max(0, share * STEPS));
  const below = Math.floor(at);
  const [low, high] = [table[below] ?? 1, table[below + 1] ?? 1];
  return low + (high - low) * (at - below);
}

/** The density summed up by the trapezoidal rule, and read the other way round. */
function quantilesOf(mode: number): Float64Array {
  const sums = summedDensity(4 * mode, 4 * (1 - mode));
  const fine = sums.length - 1;
  const sumAt = (step: number): number => sums[step] ?? 0;
  let step = 0;
  return Float64Array.from({ length: STEPS + 1 }, (_, at) => {
    if (at === STEPS) return 1;
    const wanted = (at / STEPS) * sumAt(fine);
    while (step < fine && sumAt(step + 1) < wanted) step += 1;
    const [low, high] = [sumAt(step), sumAt(step + 1)];
    return (step + (high > low ? (wanted - low) / (high - low) : 0)) / fine;
  });
}

function summedDensity(alpha: number, beta: number): Float64Array {
  const fine = 4 * STEPS;
  const sums = new Float64Array(fine + 1);
  const density = (x: number): number => x ** alpha * (1 - x) ** beta;
  for (let step = 1; step <= fine; step += 1) {
    sums[step] = (sums[step - 1] ?? 0) + density((step - 1) / fine) + density(step / fine);
  }
  return sums;
}
