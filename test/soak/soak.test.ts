import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { crashPlace } from "../crash/place.ts";
import { judge } from "./judge/judge.ts";
import { lineOf, reportOf } from "./report.ts";
import { soak, type SoakOptions } from "./soak.ts";
import { TELLS } from "./measured/vitals.ts";

// Short runs of the real program: too short to say that memory is flat, long enough to see that everything is measured, and that a
// tool which leaks is found.

const LEAKY_TOOLS = fileURLToPath(new URL("./leaky.tools.ts", import.meta.url));
const LEAKY_PLAN = {
  name: "leaky",
  weight: 1,
  source: "plan: leaky\ninputs: { id: { type: string } }\nsteps:\n  one: { tool: leaky.leak }\nrespond: ended\n",
};
const SLOW_TEST_MS = 120_000;

const never = new AbortController().signal;
const SHORT: Pick<SoakOptions, "seed" | "rate" | "stop" | "signal"> = { seed: 3, rate: 4, stop: never, signal: never };

describe.runIf(TELLS)("a short soak", { timeout: SLOW_TEST_MS }, () => {
  it("breaks nothing, and measures processes that die and one that lives", async () => {
    await using place = await crashPlace();
    const record = await soak(place, { ...SHORT, durationMs: 20_000, killsPerMinute: 15, subscribers: 3 });
    expect(record.broken).toEqual([]);
    const { deaths, subscribers, samples, memory, totals } = record;
    // One at the end of each stretch, at least.
    expect(deaths.length).toBeGreaterThanOrEqual(3);
    expect(deaths.some(({ goingOnMs = 0 }) => goingOnMs > 0)).toBe(true);
    expect(subscribers.map(({ kind }) => kind)).toEqual([
      "all facts over HTTP",
      "all facts over the local socket",
      "single plans over HTTP",
    ]);
    for (const { kind, connections } of subscribers) expect(connections, kind).toBeGreaterThan(2);
    expect(subscribers[0]?.facts).toBe(totals.facts);
    expect(samples.filter(({ vitals }) => vitals !== undefined).length).toBeGreaterThan(20);
    expect(memory.length).toBeGreaterThan(3);
    expect(totals.plans).toBeGreaterThan(20);
    expect(record.latencies.length).toBeGreaterThan(2);
    const verdicts = judge(record);
    expect(verdicts.find(({ claim }) => claim === "resident memory is flat")?.holds).toBeUndefined();
    const ran = { record, verdicts, tookMs: 20_000, isInterrupted: false, command: "--minutes 0.3" };
    expect(lineOf(ran)).toMatch(/^0\.3 minutes, \d+ plans, \d+ facts, \d+ kills; nothing broken; /);
    expect(reportOf(ran)).toContain("| claim ");
  });

  it("finds a tool that keeps memory and files", async () => {
    await using place = await crashPlace();
    const record = await soak(place, {
      ...{ ...SHORT, durationMs: 14_000, killsPerMinute: 0, subscribers: 1 },
      ...{ plans: [LEAKY_PLAN], arguments: ["--tools", LEAKY_TOOLS] },
    });
    expect(record.broken).toEqual([]);
    const verdicts = judge(record, { spanMs: 4_000, plans: 10 });
    const failed = verdicts.filter(({ holds }) => holds === false).map(({ claim }) => claim);
    expect(failed).toContain("nothing of plans that ended stays on the heap");
    expect(failed).toContain("open files and sockets are flat");
    expect(failed).not.toContain("threads are flat");
  });

  it("ends early when it is told to, and judges what it has", async () => {
    await using place = await crashPlace();
    const stop = new AbortController();
    const record = await soak(place, {
      ...{ ...SHORT, durationMs: 600_000, killsPerMinute: 0, subscribers: 2, stop: stop.signal },
      onSample: ({ plans }) => (plans > 2 ? stop.abort() : undefined),
    });
    expect(record.broken).toEqual([]);
    expect(record.totals.plans).toBeGreaterThan(2);
    expect(record.samples.at(-1)?.stretch).toBe("end");
  });
});
