import process from "node:process";
import { expect, it } from "vitest";
import { requireServer } from "../require.ts";
import { crash } from "./crash.ts";
import { figuresOf } from "./report.ts";

// The crash test over a log on a server: processes of the real program, killed at seeded moments, while the server goes on.

const url = process.env["PLANWRIGHT_KURRENTDB_URL"];
const KILLS = 16;
const SEED = 3;
const SLOW_TEST_MS = 600_000;

requireServer("kurrent", url !== undefined)("a process that is killed over a log on a server", () => {
  it("has lost nothing, and the next one repeats nothing and goes on", { timeout: SLOW_TEST_MS }, async () => {
    const { signal } = new AbortController();
    const result = await crash({
      load: "all",
      seed: SEED,
      kills: KILLS,
      loops: 2,
      keeps: false,
      isBuilt: false,
      signal,
      server: url,
    });
    expect(result.broken).toEqual([]);
    const figures = figuresOf(result);
    expect(figures.kills).toBe(KILLS);
    expect(figures.answers).toBeGreaterThan(0);
    expect(figures.lostAttempts).toBeGreaterThan(0);
  });
});
