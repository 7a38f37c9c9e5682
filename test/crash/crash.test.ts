import { describe, expect, it } from "vitest";
import { crash } from "./crash.ts";
import { figuresOf, LATE_MS } from "./report.ts";

// A hundred processes of the real program, killed at seeded moments over real stores (test/README.md). The seed is fixed; which
// call of the system a kill meets differs from run to run, and with it what is tested.

const KILLS = 100;
const SEED = 1;
const LOOPS = 2;
const SLOW_TEST_MS = 600_000;
/** Share of processes that may be slower than LATE_MS even without what they wait for a core: the disk is shared too. */
const LATE_SHARE = 0.02;

describe("a process that is killed", () => {
  it("has lost nothing, and the next one repeats nothing and goes on", { timeout: SLOW_TEST_MS }, async () => {
    const { signal } = new AbortController();
    const result = await crash({
      load: "all",
      seed: SEED,
      kills: KILLS,
      loops: LOOPS,
      keeps: false,
      isBuilt: false,
      signal,
    });
    expect(result.broken).toEqual([]);
    const figures = figuresOf(result);
    expect(figures.kills).toBe(KILLS);
    expect(figures.goingOn.samples).toBeGreaterThan(KILLS / 4);
    expect(figures.alone.p50, JSON.stringify(figures)).toBeLessThan(LATE_MS);
    expect(figures.late, JSON.stringify(figures)).toBeLessThanOrEqual(figures.goingOn.samples * LATE_SHARE);
    // The load is there, and the kills meet it.
    expect(Object.keys(figures.byMoment).sort()).toEqual(["checkpoint", "closing", "load", "recovery", "start-up"]);
    expect(Object.keys(figures.byCommand).sort()).toEqual(["resume", "run", "serve"]);
    expect(figures.lostAttempts).toBeGreaterThan(KILLS / 4);
    expect(figures.resolved).toBeGreaterThan(0);
    expect(figures.undone).toBeGreaterThan(0);
    expect(figures.attached).toBeGreaterThan(0);
    expect(figures.answers).toBeGreaterThan(KILLS);
  });
});
