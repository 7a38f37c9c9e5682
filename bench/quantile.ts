import { quantileOf } from "#src/planning/estimate/log-normal.ts";

/** The nearest-rank quantile of sorted values; null of none. */
export function quantile(sorted: ArrayLike<number>, share: number): number | null {
  return sorted.length === 0 ? null : quantileOf(sorted, share);
}
