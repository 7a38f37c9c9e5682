// Lives of plans in which every index is held against what it follows from, after every fact.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Fact } from "#events/catalog.ts";
import type { PlanState } from "#machines/state.ts";
import { Driver } from "./driver.ts";
import { checkIndexes, indexesOf, throughSnapshot } from "./index-truth.ts";
import { JOURNEYS } from "./journeys.ts";
import { live, turbulentWorlds } from "./world.ts";

function checkAll(_: Fact, state: PlanState): void {
  checkIndexes(state);
  expect(indexesOf(state)).toEqual(indexesOf(throughSnapshot(state)));
}

describe("every index", () => {
  it.each(Object.keys(JOURNEYS))("is true to the records and to what a snapshot rebuilds: %s", (name) => {
    JOURNEYS[name]!(new Driver({ onFold: checkAll }));
  });

  it.each(Array.from({ length: 24 }, (_, seed) => seed))("is so in the turbulent world %i", (seed) => {
    const [world] = fc.sample(turbulentWorlds, { seed, numRuns: 1 });
    live(world!, { onFold: checkAll });
  });
});
