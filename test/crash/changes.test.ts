import { expect, it } from "vitest";
import { crash } from "./crash.ts";
import { figuresOf } from "./report.ts";

// Plans that change files of repositories, in processes that are killed while they make, merge and take back. The seed is fixed; which
// operation a kill meets differs from run to run. `npm run crash -- --load changes` kills as many as one likes.

const KILLS = 8;
const SEED = 4;
const SLOW_TEST_MS = 120_000;

it(
  "a kill leaves nothing half-applied, and what goes on merges once and takes back to the byte",
  async () => {
    const { signal } = new AbortController();
    const options = {
      load: "changes",
      seed: SEED,
      kills: KILLS,
      loops: 1,
      keeps: false,
      isBuilt: false,
      signal,
    } as const;
    const result = await crash(options);
    expect(result.broken).toEqual([]);
    const { kills, changes, undone } = figuresOf(result);
    expect(kills).toBe(KILLS);
    expect(changes.merged).toBeGreaterThan(3);
    expect(changes.takenBack).toBeGreaterThan(0);
    expect(changes.unfinished).toBeGreaterThan(0);
    expect(undone).toBeGreaterThan(0);
  },
  SLOW_TEST_MS,
);
