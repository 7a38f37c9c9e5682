import { quantile } from "../../../bench/quantile.ts";

// What a series does, whatever single values in it do.
//
// R1. The slope is Theil's and Sen's: the median of the slopes between all pairs of points. A quarter of the points may be anything
//     (a garbage collection, a machine that was busy) and it stays (Sen 1968, J. Am. Stat. Assoc. 63).

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Pairs grow with the square of the points; a longer series is thinned out evenly. */
const MAX_POINTS = 400;

/** y a unit of x; 0 for fewer than two different x. */
export function slopeOf(points: readonly Point[]): number {
  const some = thinned(points);
  const slopes = some.flatMap((one, index) =>
    some.slice(index + 1).flatMap((other) => (other.x === one.x ? [] : [(other.y - one.y) / (other.x - one.x)])),
  );
  return slopes.length === 0 ? 0 : medianOf(slopes);
}

/** How much y has grown from the first point to the last, by the slope. */
export function growthOf(points: readonly Point[]): number {
  const [first, last] = [points[0], points.at(-1)];
  return first === undefined || last === undefined ? 0 : slopeOf(points) * (last.x - first.x);
}

/** NaN of nothing. */
export function medianOf(values: readonly number[]): number {
  return rankOf(values, 0.5);
}

/** Nearest rank; NaN of nothing. */
export function rankOf(values: readonly number[], share: number): number {
  return quantile(Float64Array.from(values).sort(), share) ?? NaN;
}

function thinned(points: readonly Point[]): readonly Point[] {
  const every = Math.ceil(points.length / MAX_POINTS);
  return points.filter((_, index) => index % every === 0);
}
