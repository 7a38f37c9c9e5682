import { describe, expect, it } from "vitest";
import { simulate } from "./simulate.ts";

const SEEDS = 50;

describe("the simulation", () => {
  it(`keeps every rule over ${SEEDS} seeds`, { timeout: 120_000 }, async () => {
    const totals = { crashes: 0, executions: 0, events: 0 };
    for (let seed = 1; seed <= SEEDS; seed++) {
      const result = await simulate(seed);
      expect(result.violation, `repeat it: npm run sim -- --seed ${seed} --trace`).toBeUndefined();
      totals.crashes += result.crashes;
      totals.executions += result.executions;
      totals.events += result.events;
    }
    // A run in which nothing happens keeps every rule as well.
    expect(totals.crashes).toBeGreaterThan(50);
    expect(totals.executions).toBeGreaterThan(300);
    expect(totals.events).toBeGreaterThan(1_000);
  });

  it("repeats a run exactly from its seed", async () => {
    const [first, second] = [await simulate(7), await simulate(7)];
    expect(second).toEqual(first);
  });
});
