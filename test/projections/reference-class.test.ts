import { describe, expect, it } from "vitest";
import { meanOf, quantileIn, quantilesOf } from "#projections/pert.ts";
import { forecast, type ChangeClass, type ClassHistory } from "#projections/reference-class.ts";
import { mulberry32 } from "#src/planning/seeded-numbers.ts";

const LICENCE: ChangeClass = { remedy: "licence", level: 1, size: "small" };
const SAID = { optimisticMs: 60_000, likelyMs: 120_000, pessimisticMs: 300_000 };

function history(of: ChangeClass, durations: readonly number[]): ClassHistory {
  return {
    class: of,
    finished: durations.length,
    changes: durations.map((actualMs) => ({ estimate: SAID, lines: 1, actualMs, at: 0 })),
  };
}

interface Drawn {
  readonly median: number;
  readonly sigma: number;
  readonly seed?: number;
}

function logNormals(count: number, { median, sigma, seed = 7 }: Drawn): readonly number[] {
  const random = mulberry32(seed);
  return Array.from({ length: count }, () => {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return median * Math.exp(sigma * normal);
  });
}

describe("a duration of three points", () => {
  it("has the quantiles of its distribution", () => {
    const even = { optimisticMs: 0, likelyMs: 50, pessimisticMs: 100 };
    expect(meanOf(even)).toBe(50);
    expect(quantileIn(even, 0.5)).toBeCloseTo(50, 1);
    // Beta(3, 3): P(X <= 0.7531) = 0.9.
    expect(quantileIn(even, 0.9)).toBeCloseTo(75.31, 0);
  });

  it("is one number where the points are one", () => {
    expect(quantilesOf({ optimisticMs: 5, likelyMs: 5, pessimisticMs: 5 })).toEqual({ p50: 5, p90: 5 });
  });
});

describe("a forecast by reference class", () => {
  it("is what its remedy says while nothing like it was done", () => {
    expect(forecast(LICENCE, [], SAID)).toEqual({ estimate: SAID, basis: [], text: "as its remedy says" });
  });

  it("is a guess, and says so, where nobody said anything", () => {
    const { estimate, text } = forecast(LICENCE, []);
    expect(text).toMatch(/guess/u);
    expect(Math.abs(quantilesOf(estimate).p50 / 60_000 - 1)).toBeLessThan(0.2);
    expect(Math.abs(quantilesOf(estimate).p90 / 150_000 - 1)).toBeLessThan(0.01);
  });

  it("moves a little with few changes and nearly all the way with many", () => {
    const p50After = (count: number): number =>
      quantilesOf(forecast(LICENCE, [history(LICENCE, Array<number>(count).fill(1_200_000))], SAID).estimate).p50;
    const said = quantilesOf(SAID).p50;
    expect(p50After(1)).toBeGreaterThan(said);
    expect(p50After(1)).toBeLessThan(800_000);
    expect(p50After(1)).toBeLessThan(p50After(10));
    expect(p50After(200)).toBeGreaterThan(1_000_000);
  });

  it("stands on broader classes where its own is small", () => {
    const large: ChangeClass = { ...LICENCE, size: "large" };
    const { basis, text } = forecast(LICENCE, [history(large, logNormals(20, { median: 600_000, sigma: 0.3 }))], SAID);
    expect(basis.map((one) => one.class)).toEqual(["remedy licence", "remedy licence, difficulty 1"]);
    expect(text).toContain("20 finished");
  });

  it("asks all changes only where nothing was said", () => {
    const other: ChangeClass = { remedy: "ci", level: 4, size: "large" };
    const done = [history(other, logNormals(20, { median: 600_000, sigma: 0.3 }))];
    expect(forecast(LICENCE, done, SAID).basis).toEqual([]);
    expect(forecast(LICENCE, done).basis.map((one) => one.class)).toEqual(["all changes"]);
  });

  it("is calibrated: nine of ten changes of its class stay below its P90, half below its P50", () => {
    const { estimate } = forecast(LICENCE, [history(LICENCE, logNormals(100, { median: 300_000, sigma: 0.5 }))], SAID);
    const { p50, p90 } = quantilesOf(estimate);
    const fresh = logNormals(4_000, { median: 300_000, sigma: 0.5, seed: 99 });
    const below = (bound: number): number => fresh.filter((one) => one <= bound).length / fresh.length;
    expect(below(p90)).toBeGreaterThan(0.86);
    expect(below(p90)).toBeLessThan(0.95);
    expect(below(p50)).toBeGreaterThan(0.42);
    expect(below(p50)).toBeLessThan(0.6);
  });

  it("is the same whatever the order of the changes, and grows from point to point", () => {
    const durations = logNormals(30, { median: 90_000, sigma: 0.8 });
    const forwards = forecast(LICENCE, [history(LICENCE, durations)]);
    expect(forecast(LICENCE, [history(LICENCE, durations.toReversed())])).toEqual(forwards);
    const { optimisticMs, likelyMs, pessimisticMs } = forwards.estimate;
    expect(optimisticMs).toBeLessThanOrEqual(likelyMs);
    expect(likelyMs).toBeLessThanOrEqual(pessimisticMs);
  });
});
