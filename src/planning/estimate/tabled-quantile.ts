import { quantilesAt, type ThreePoints } from "#projections/pert.ts";

// Quantiles of durations that are known by three points, read from tables, because an estimate draws some hundred thousand of them.
//
// P1. A draw takes one number by chance: how often distributions are drawn from does not depend on their shapes.

/** Steps of a table: an error of less than a thousandth of the range. */
const STEPS = 256;
const SHARES = Array.from({ length: STEPS + 1 }, (_, at) => at / STEPS);
/** Shapes are told apart by this much of the range. */
const SHAPES = 200;

/** `share` from 0 to 1. */
export function tabledQuantile({ optimisticMs, likelyMs, pessimisticMs }: ThreePoints, share: number): number {
  const range = pessimisticMs - optimisticMs;
  if (range <= 0) return likelyMs;
  const table = tableOf(Math.round(((likelyMs - optimisticMs) / range) * SHAPES));
  const at = Math.min(STEPS, Math.max(0, share * STEPS));
  const below = Math.floor(at);
  const [low, high] = [table[below] ?? 1, table[below + 1] ?? 1];
  return optimisticMs + range * (low + (high - low) * (at - below));
}

const tables = new Map<number, Float64Array>();

function tableOf(shape: number): Float64Array {
  let table = tables.get(shape);
  if (table === undefined) {
    table = Float64Array.from(quantilesAt(shape / SHAPES, SHARES));
    tables.set(shape, table);
  }
  return table;
}
