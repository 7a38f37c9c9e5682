import { describe, expect, it } from "vitest";
import { recoveryOf } from "./recovery.ts";

// Successes every 100 ms, ten a second, but for the stretches that are left out.

const KILL = { atMs: 20_000, untilMs: 29_000 };

function successes(...without: readonly (readonly [number, number])[]): readonly number[] {
  const all = Array.from({ length: 300 }, (_, index) => index * 100);
  return all.filter((ms) => !without.some(([from, to]) => ms > from && ms <= to));
}

describe("the throughput after a kill", () => {
  it("that does not fall is back at once", () => {
    expect(recoveryOf(successes(), KILL)).toEqual({ before: 10, backMs: 0, lowest: 1 });
  });

  it("that falls is back when half of what was before it has come and stays", () => {
    const { before, backMs, lowest } = recoveryOf(successes([20_000, 23_000]), KILL);
    expect({ before, lowest }).toEqual({ before: 10, lowest: 0 });
    expect(backMs).toBeGreaterThanOrEqual(3_000);
    expect(backMs).toBeLessThanOrEqual(5_000);
  });

  it("that comes back for a moment only is not back", () => {
    const { backMs } = recoveryOf(successes([20_000, 22_000], [22_800, 24_800]), KILL);
    expect(backMs).toBeGreaterThan(4_800);
  });

  it("that stays away is not back", () => {
    expect(recoveryOf(successes([20_000, 30_000]), KILL)).toMatchObject({ backMs: Infinity, lowest: 0 });
  });

  it("is held against the median of before, which a quiet second does not change", () => {
    expect(recoveryOf(successes([12_000, 13_000]), KILL).before).toBe(10);
  });

  it("that falls long after the kill fell for something else", () => {
    expect(recoveryOf(successes([26_000, 29_000]), KILL)).toMatchObject({ backMs: 0 });
  });
});
