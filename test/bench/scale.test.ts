import { describe, expect, it } from "vitest";
import type { ServiceTimes } from "#src/simulation/labour.ts";
import { loadOf } from "../../bench/scale/loaded-cluster.ts";
import { MEASURED } from "../../bench/scale/service-times.ts";

const COORDINATORS = 8;
/** Machines that are five times as slow have a fifth of the steps to simulate, and as much to do for one another. */
const SLOWER = 5;
const TIMES: ServiceTimes = {
  messageMs: SLOWER * MEASURED.messageMs,
  appendMs: SLOWER * MEASURED.appendMs,
  factMs: SLOWER * MEASURED.factMs,
  readMs: SLOWER * MEASURED.readMs,
};
/** As long as owners take to look at the log again. */
const LOAD = { times: TIMES, windowMs: 5_000 };

describe("a simulated cluster", () => {
  // What a step costs is its owner's alone: nobody asks the others about it. What is left are signs of life, lent slots and leases,
  // a few messages a second for each pair, and plans that lie unevenly for a while.
  it("grows near-linearly from one coordinator to eight", { timeout: 240_000 }, async () => {
    const alone = await loadOf({ ...LOAD, coordinators: 1 });
    const together = await loadOf({ ...LOAD, coordinators: COORDINATORS });
    expect(together.stepsPerS / alone.stepsPerS).toBeGreaterThan(0.85 * COORDINATORS);
    expect(together.partitions).toEqual(Array.from({ length: COORDINATORS }, () => 32));
    // All of them had work all the time: the load was no limit.
    expect(Math.min(...together.busy, ...alone.busy)).toBeGreaterThan(0.95);
  });

  it("does not where there are so few plans that some coordinators have none", { timeout: 240_000 }, async () => {
    const few = { ...LOAD, plans: 2 };
    const alone = await loadOf({ ...few, coordinators: 1 });
    const together = await loadOf({ ...few, coordinators: COORDINATORS });
    expect(together.stepsPerS / alone.stepsPerS).toBeLessThan(0.85 * COORDINATORS);
    expect(Math.min(...together.busy)).toBeLessThan(0.9);
  });
});
