import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  countDuration,
  emptyHistogram,
  latencyOf,
  MAX_BUCKETS,
  MAX_DURATION_MS,
  mergeHistograms,
  quantileMs,
  RELATIVE_ERROR,
  type LatencyHistogram,
} from "#projections/latency-histogram.ts";

const ROUNDING = 1e-9;

/** Durations from no time at all to more than can be told apart. */
const durations = fc.oneof(
  fc.constantFrom(0, 0.0004, 0.001, 1, MAX_DURATION_MS, MAX_DURATION_MS * 2),
  fc.double({ min: 0, max: 10, noNaN: true }),
  fc.double({ min: -8, max: 10, noNaN: true }).map((power) => 10 ** power),
);
const lists = fc.array(durations, { maxLength: 60 });
const shares = fc.oneof(fc.constantFrom(0, 0.5, 0.9, 0.99, 1), fc.double({ min: 0, max: 1, noNaN: true }));

function histogramOf(list: readonly number[]): LatencyHistogram {
  const histogram = emptyHistogram();
  for (const duration of list) countDuration(histogram, duration);
  return histogram;
}

const wholeUs = (durationMs: number) => Math.min(MAX_DURATION_MS * 1000, Math.round(durationMs * 1000)) / 1000;

describe("a histogram of latencies", () => {
  it("gives every quantile within its relative error of the sorted durations", () => {
    fc.assert(
      fc.property(fc.array(durations, { minLength: 1, maxLength: 200 }), shares, (list, share) => {
        const sorted = list.map(wholeUs).sort((a, b) => a - b);
        const exact = sorted[Math.floor(share * (sorted.length - 1))]!;
        const told = quantileMs(histogramOf(list), share)!;
        expect(Math.abs(told - exact)).toBeLessThanOrEqual(exact * (RELATIVE_ERROR + ROUNDING));
      }),
    );
  });

  it("merges to what counting everything gives, in any order and grouping", () => {
    fc.assert(
      fc.property(lists, lists, lists, (a, b, c) => {
        const [first, second, third] = [histogramOf(a), histogramOf(b), histogramOf(c)];
        const whole = histogramOf([...a, ...b, ...c]);
        expect(mergeHistograms(mergeHistograms(first, second), third)).toEqual(whole);
        expect(mergeHistograms(first, mergeHistograms(second, third))).toEqual(whole);
        expect(mergeHistograms(mergeHistograms(third, first), second)).toEqual(whole);
        expect(mergeHistograms(first, emptyHistogram())).toEqual(first);
        expect(first).toEqual(histogramOf(a));
      }),
    );
  });

  it("is the same after it was saved, and goes on counting", () => {
    fc.assert(
      fc.property(lists, lists, (before, after) => {
        const read = JSON.parse(JSON.stringify(histogramOf(before))) as LatencyHistogram;
        for (const duration of after) countDuration(read, duration);
        expect(read).toEqual(histogramOf([...before, ...after]));
      }),
    );
  });

  it("tells least and greatest exactly, and the mean within its relative error", () => {
    fc.assert(
      fc.property(fc.array(durations, { minLength: 1, maxLength: 200 }), (list) => {
        const exact = list.map(wholeUs);
        const mean = exact.reduce((sum, one) => sum + one, 0) / exact.length;
        const told = latencyOf(histogramOf(list))!;
        expect(told).toMatchObject({ count: list.length, minMs: Math.min(...exact), maxMs: Math.max(...exact) });
        expect(Math.abs(told.meanMs - mean)).toBeLessThanOrEqual(mean * (RELATIVE_ERROR + ROUNDING));
      }),
    );
  });

  it("never has more buckets than it says, however long it counts", () => {
    const histogram = emptyHistogram();
    for (let power = -9; power < 12; power += 0.001) countDuration(histogram, 10 ** power);
    expect(Object.keys(histogram.buckets).length).toBeLessThanOrEqual(MAX_BUCKETS);
    expect(Object.keys(histogram.buckets).length).toBeGreaterThan(MAX_BUCKETS * 0.9);
    expect(MAX_BUCKETS).toBeLessThan(2_000);
  });

  it("tells nothing of nothing", () => {
    expect(latencyOf(emptyHistogram())).toBeUndefined();
    expect(quantileMs(emptyHistogram(), 0.5)).toBeUndefined();
  });
});
