import { expect, it } from "vitest";
import { hasNats } from "../nats/server.ts";
import { requireServer } from "../require.ts";
import { chaos } from "./chaos.ts";
import { lineOf, reportOf } from "./report.ts";

// A short run of `npm run chaos`: real processes over a real nats-server and the stand-in for a log on a server. With this seed a
// coordinator is killed, then nats-server and an executor at once, then an executor.

const SEED = 33;
const SLOW_TEST_MS = 180_000;
/** How long something shows depends on what else the machine does; the command judges it, this test does not. */
const TIMES = / within 5 s$/;

requireServer("nats", hasNats)("coordinators and executors that are killed at random", () => {
  it("lose nothing, and record nothing twice", { timeout: SLOW_TEST_MS }, async () => {
    const never = new AbortController().signal;
    const lines: string[] = [];
    const record = await chaos({
      ...{ seed: SEED, durationMs: 36_000, warmUpMs: 8_000, rate: 3 },
      ...{ coordinators: 3, executors: 4, slots: 4, stop: never, signal: never },
      onProgress: (line) => lines.push(line),
    });
    const judged = record.claims.filter(({ claim }) => !TIMES.test(claim));
    expect(judged.filter(({ holds }) => !holds)).toEqual([]);
    expect(judged).toHaveLength(8);
    expect(record.faults.map(({ kind, name }) => `${name.replace(/-\d$/, "")} ${kind}`)).toEqual(
      expect.arrayContaining(["coordinator kill", "nats-server nats", "executor kill"]),
    );
    // Everybody once, and who was killed again.
    expect(record.processes).toBeGreaterThan(7);
    expect(record.plans).toBeGreaterThan(50);
    expect(record.effects).toBeGreaterThan(100);
    expect(record.connections.map(({ facts }) => facts)).toEqual([record.facts, record.facts]);
    expect(lines.join("\n")).toMatch(/steps\/s/);
    const ran = { record, command: "--minutes 0.6", log: "a stand-in", tookMs: 36_000, isInterrupted: false };
    expect(lineOf(ran)).toMatch(/^0\.6 minutes, \d+ plans, \d+ facts, \d+ faults; \d+ claims hold, \d+ do not$/);
    expect(reportOf(ran)).toContain("| executor: kill ");
  });

  it("are told to end early, and everything is judged all the same", { timeout: SLOW_TEST_MS }, async () => {
    const stop = new AbortController();
    const record = await chaos({
      ...{ seed: SEED, durationMs: 600_000, rate: 3, coordinators: 2, executors: 1, slots: 4 },
      ...{ stop: stop.signal, signal: new AbortController().signal },
      onProgress: () => stop.abort(),
    });
    expect(record.claims.filter(({ holds }) => !holds)).toEqual([]);
    expect(record.faults).toEqual([]);
    expect(record.plans).toBeGreaterThan(10);
  });
});
