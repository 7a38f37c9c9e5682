import { describe, expect, it } from "vitest";
import { catalog } from "#events/catalog.ts";
import { simulate } from "./simulate.ts";

const SEEDS = 300;
const MIN_STEPS = 200_000;

/** What has to have happened in many runs, as traces say it. */
const TROUBLES = [" dies", "stands still", "the disk is full", "ms wrong", "is damaged"] as const;

describe("the simulation", () => {
  it(`keeps every rule over ${SEEDS} seeds`, { timeout: 240_000 }, async () => {
    const totals = { steps: 0, crashes: 0, executions: 0, events: 0 };
    const troubles = new Map(TROUBLES.map((trouble) => [trouble, 0]));
    const facts = new Map<string, number>();
    for (let seed = 1; seed <= SEEDS; seed++) {
      const result = await simulate(seed);
      expect(result.violation, `repeat it: npm run sim -- --seed ${seed} --trace`).toBeUndefined();
      totals.steps += result.steps;
      totals.crashes += result.crashes;
      totals.executions += result.executions;
      totals.events += result.events;
      for (const trouble of TROUBLES)
        if (result.trace.some((line) => line.includes(trouble)))
          troubles.set(trouble, (troubles.get(trouble) ?? 0) + 1);
      for (const [type, count] of Object.entries(result.facts)) facts.set(type, (facts.get(type) ?? 0) + count);
    }
    // A run in which nothing happens keeps every rule as well.
    expect(totals.steps).toBeGreaterThan(MIN_STEPS);
    expect(totals.crashes).toBeGreaterThan(200);
    expect(totals.executions).toBeGreaterThan(2_000);
    expect(totals.events).toBeGreaterThan(10_000);
    expect([...troubles].filter(([, runs]) => runs < SEEDS / 20)).toEqual([]);
    // Nor does one that leaves something out.
    expect(Object.keys(catalog).filter((type) => !facts.has(type))).toEqual([]);
  });

  it("repeats a run exactly from its seed", async () => {
    const [first, second] = [await simulate(7), await simulate(7)];
    expect(second).toEqual(first);
  });
});
