import { describe, expect, it } from "vitest";
import { PLAN } from "../machines/plans.ts";
import { TestCoordinator } from "./coordinator.ts";
import { Bench, forever, ID, SECOND_MS, untilAborted } from "./bench.ts";

const LEASE_MS = 4 * SECOND_MS;
const SILENCE_MS = 15 * SECOND_MS;

describe("an executor apart from its coordinators", () => {
  it("stops a tool whose owner is silent, and reports that nobody knows what it has done", async () => {
    const bench = new Bench(2, { leaseMs: LEASE_MS, silenceMs: SILENCE_MS });
    bench.run = untilAborted;
    await bench.send("a");
    await bench.pass(SILENCE_MS - SECOND_MS);
    expect(bench.contexts[0]!.signal.aborted).toBe(false);
    bench.coordinator.hello();
    await bench.pass(0);
    await bench.pass(SILENCE_MS - SECOND_MS);
    expect(bench.reports).toEqual([]);
    await bench.pass(2 * SECOND_MS);
    expect(bench.contexts[0]!.signal.aborted).toBe(true);
    expect(bench.reports[0]).toBe("a timed-out");
  });

  it("goes on for a new owner that asks for what it runs", async () => {
    const bench = new Bench(2, { leaseMs: LEASE_MS, silenceMs: SILENCE_MS });
    bench.run = untilAborted;
    const key = await bench.send("a");
    await bench.pass(SILENCE_MS - SECOND_MS);
    const next = new TestCoordinator(bench.bus, ID, "coordinator-2");
    await bench.pass(0);
    next.run({ key: { ...key, epoch: 2 } });
    await bench.pass(0);
    await bench.pass(SILENCE_MS - SECOND_MS);
    expect(bench.contexts.map(({ signal }) => signal.aborted)).toEqual([false]);
  });

  it("begins nothing after a standstill that it was told before", async () => {
    const bench = new Bench(2, { leaseMs: LEASE_MS, silenceMs: SILENCE_MS });
    bench.run = forever;
    await bench.pass(0);
    bench.stall(LEASE_MS);
    await bench.send("a");
    expect(bench.contexts).toEqual([]);
    bench.coordinator.hello();
    await bench.send("b");
    expect(bench.contexts).toHaveLength(1);
  });

  it("has heard of nobody while its loop stood still, and stops nothing that somebody spoke for meanwhile", async () => {
    let beats = 0;
    const spokesman = { beat: () => (beats += 1), patienceMs: 2 * SILENCE_MS };
    const bench = new Bench(2, { leaseMs: LEASE_MS, silenceMs: SILENCE_MS, spokesman });
    bench.run = untilAborted;
    await bench.send("a");
    await bench.pass(2 * SECOND_MS);
    expect(beats).toBeGreaterThanOrEqual(2);
    bench.stall(SILENCE_MS + SECOND_MS);
    await bench.pass(2 * SECOND_MS);
    expect(bench.contexts[0]!.signal.aborted).toBe(false);
    await bench.pass(SILENCE_MS);
    expect(bench.contexts[0]!.signal.aborted).toBe(true);
    const silent = new Bench(2, { leaseMs: LEASE_MS, silenceMs: SILENCE_MS, spokesman });
    silent.run = untilAborted;
    await silent.send("a");
    silent.stall(2 * SILENCE_MS);
    await silent.pass(2 * SECOND_MS);
    expect(silent.contexts[0]!.signal.aborted).toBe(true);
  });

  it("drains: lends nothing, lets what runs finish, and is done when the last report is durable", async () => {
    const bench = new Bench(2);
    const done = Promise.withResolvers<string>();
    bench.run = () => done.promise;
    const key = await bench.send("a");
    let isDrained = false;
    void bench.executor.drained().then(() => (isDrained = true));
    await bench.send("b");
    bench.coordinator.hello();
    await bench.pass(5 * SECOND_MS);
    expect([bench.contexts.length, bench.coordinator.slots.length]).toEqual([1, 0]);
    done.resolve("done");
    await bench.pass(SECOND_MS);
    expect(isDrained).toBe(false);
    bench.coordinator.acknowledge(key);
    bench.coordinator.hello();
    await bench.pass(0);
    expect(isDrained).toBe(true);
  });

  it("ends no sooner than it is known that no run is on its way in a slot that was lent", async () => {
    const bench = new Bench(1, { leaseMs: LEASE_MS });
    await bench.pass(0);
    let isDrained = false;
    void bench.executor.drained().then(() => (isDrained = true));
    await bench.pass(0);
    expect(isDrained).toBe(false);
    // What it had used before it heard that the slot is asked back.
    const key = { plan: PLAN, step: "a", attempt: 1, epoch: 1, edition: 1 };
    bench.coordinator.run({ key, slot: 1, offer: 1 });
    await bench.pass(0);
    expect([bench.contexts.length, isDrained]).toEqual([1, false]);
    const silent = new Bench(1, { leaseMs: LEASE_MS });
    await silent.pass(0);
    let isOver = false;
    void silent.executor.drained().then(() => (isOver = true));
    await silent.pass(LEASE_MS - SECOND_MS);
    expect(isOver).toBe(false);
    await silent.pass(2 * SECOND_MS);
    expect(isOver).toBe(true);
  });
});
