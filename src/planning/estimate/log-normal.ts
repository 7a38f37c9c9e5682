import type { Quantiles } from "#src/planning/estimate/plan-estimate.ts";

// Durations as log-normal: positive, with a long tail to the right, and fixed by the two numbers that are known of them.

/** Of the standard normal distribution. */
const Z_P90 = 1.281_551_565_544_6;

export interface LogNormal {
  /** Of the logarithm; the median is `median`, also where that is 0. */
  readonly median: number;
  readonly sigma: number;
}

export function logNormal({ p50, p90 }: Quantiles): LogNormal {
  return {
    median: p50,
    sigma: p50 > 0 && p90 > p50 ? Math.log(p90 / p50) / Z_P90 : 0,
  };
}

/** For a number from the standard normal distribution. */
export function quantileAt({ median, sigma }: LogNormal, normal: number): number {
  return sigma === 0 ? median : median * Math.exp(sigma * normal);
}

/** Two uniform numbers make one normal one (Box & Muller, "A note on the generation of random normal deviates", 1958). */
export function normalFrom(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** The nearest rank of sorted values, `share` from 0 to 1; 0 without any. */
export function quantileOf(sorted: ArrayLike<number>, share: number): number {
  const rank = Math.ceil(share * sorted.length) - 1;
  return sorted[Math.min(sorted.length - 1, Math.max(0, rank))] ?? 0;
}
