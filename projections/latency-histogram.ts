// How long something took, over any number of times: counts in buckets whose bounds grow by a fixed factor, so that every
// quantile has the same relative error whatever the range. After DDSketch (Masson, Rim, Lee: "DDSketch: a fast and
// fully-mergeable quantile sketch with relative-error guarantees", PVLDB 12(12), 2019), with buckets that never collapse.
//
// H1. Durations are whole microseconds, at most MAX_DURATION_MS. A quantile differs from the one of the sorted durations by
//     at most RELATIVE_ERROR of it.
// H2. Merging adds counts of whole numbers: it is exact, and the order and grouping of merges do not matter.
// H3. A histogram has at most MAX_BUCKETS buckets (H1 bounds the range), about 10 bytes each as JSON.

export const RELATIVE_ERROR = 0.01;
export const MAX_DURATION_MS = 100 * 24 * 60 * 60 * 1000;

const US_PER_MS = 1000;
const MAX_DURATION_US = MAX_DURATION_MS * US_PER_MS;
const GROWTH = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR);
const LOG_GROWTH = Math.log(GROWTH);
/** The bucket of durations that are 0 when rounded to microseconds. */
const ZERO_BUCKET = -1;
export const MAX_BUCKETS = bucketOf(MAX_DURATION_US) - ZERO_BUCKET + 1;

export type LatencyHistogram = {
  count: number;
  /** Microseconds; undefined where nothing was counted. */
  minUs?: number;
  maxUs?: number;
  /** Counts by the number of the bucket: bucket b holds durations in (GROWTH^(b-1), GROWTH^b] µs. */
  readonly buckets: Record<string, number>;
};

export function emptyHistogram(): LatencyHistogram {
  return { count: 0, buckets: {} };
}

/** Counts one duration, in the histogram that is given. */
export function countDuration(histogram: LatencyHistogram, durationMs: number): void {
  const us = Math.min(MAX_DURATION_US, Math.max(0, Math.round(durationMs * US_PER_MS)));
  const bucket = bucketOf(us);
  histogram.count++;
  histogram.minUs = Math.min(us, histogram.minUs ?? us);
  histogram.maxUs = Math.max(us, histogram.maxUs ?? us);
  histogram.buckets[bucket] = (histogram.buckets[bucket] ?? 0) + 1;
}

/** What counting all durations of both would have given; both stay as they are. */
export function mergeHistograms(left: LatencyHistogram, right: LatencyHistogram): LatencyHistogram {
  const buckets = { ...left.buckets };
  for (const [bucket, count] of Object.entries(right.buckets)) buckets[bucket] = (buckets[bucket] ?? 0) + count;
  const minUs = Math.min(left.minUs ?? Infinity, right.minUs ?? Infinity);
  const maxUs = Math.max(left.maxUs ?? -Infinity, right.maxUs ?? -Infinity);
  const count = left.count + right.count;
  return count === 0 ? emptyHistogram() : { count, minUs, maxUs, buckets };
}

export interface Latency {
  readonly count: number;
  readonly minMs: number;
  readonly meanMs: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** Undefined where nothing was counted. Least and greatest are exact, the rest within RELATIVE_ERROR. */
export function latencyOf(histogram: LatencyHistogram): Latency | undefined {
  const { count, minUs, maxUs, buckets } = histogram;
  if (minUs === undefined || maxUs === undefined) return undefined;
  const sum = Object.entries(buckets).reduce((total, [bucket, times]) => total + times * estimateUs(Number(bucket)), 0);
  return {
    count,
    minMs: minUs / US_PER_MS,
    meanMs: sum / count / US_PER_MS,
    p50Ms: quantileMs(histogram, 0.5) ?? 0,
    p90Ms: quantileMs(histogram, 0.9) ?? 0,
    p99Ms: quantileMs(histogram, 0.99) ?? 0,
    maxMs: maxUs / US_PER_MS,
  };
}

/**
 * The duration that so great a share (0 to 1) of all does not exceed: of n sorted durations, number ⌊share · (n - 1)⌋
 * from 0. Undefined where nothing was counted.
 */
export function quantileMs({ count, minUs, maxUs, buckets }: LatencyHistogram, share: number): number | undefined {
  if (minUs === undefined || maxUs === undefined) return undefined;
  const rank = Math.floor(Math.min(1, Math.max(0, share)) * (count - 1));
  const numbers = Object.keys(buckets)
    .map(Number)
    .sort((a, b) => a - b);
  let seen = 0;
  for (const bucket of numbers) {
    seen += buckets[bucket] ?? 0;
    if (seen > rank) return Math.min(maxUs, Math.max(minUs, estimateUs(bucket))) / US_PER_MS;
  }
  return maxUs / US_PER_MS;
}

function bucketOf(us: number): number {
  return us < 1 ? ZERO_BUCKET : Math.max(0, Math.ceil(Math.log(us) / LOG_GROWTH));
}

/** The number whose relative distance from both bounds of the bucket is the same. */
function estimateUs(bucket: number): number {
  return bucket === ZERO_BUCKET ? 0 : (2 * GROWTH ** bucket) / (GROWTH + 1);
}
