import { describe, expect, it } from "vitest";
import { catalog } from "#events/catalog.ts";
import { simulate } from "./simulate.ts";

const SEEDS = 200;

describe("the simulation", () => {
  it(`keeps every rule over ${SEEDS} seeds`, { timeout: 120_000 }, async () => {
    const totals = { crashes: 0, executions: 0, events: 0 };
    const facts = new Map<string, number>();
    for (let seed = 1; seed <= SEEDS; seed++) {
      const result = await simulate(seed);
      expect(result.violation, `repeat it: npm run sim -- --seed ${seed} --trace`).toBeUndefined();
      totals.crashes += result.crashes;
      totals.executions += result.executions;
      totals.events += result.events;
      for (const [type, count] of Object.entries(result.facts)) facts.set(type, (facts.get(type) ?? 0) + count);
    }
    // A run in which nothing happens keeps every rule as well.
    expect(totals.crashes).toBeGreaterThan(200);
    expect(totals.executions).toBeGreaterThan(2_000);
    expect(totals.events).toBeGreaterThan(10_000);
    // Nor does one that leaves something out.
    expect(Object.keys(catalog).filter((type) => !facts.has(type))).toEqual([]);
  });

  it("repeats a run exactly from its seed", async () => {
    const [first, second] = [await simulate(7), await simulate(7)];
    expect(second).toEqual(first);
  });
});
