import { describe, expect, it } from "vitest";
import { newPlanId } from "#events/ids.ts";
import { partitionOf } from "#events/streams.ts";
import { ABANDON_AFTER_MS } from "#src/executor/attempt.ts";
import { PROTOCOL } from "#src/ports/bus.ts";
import { ToolFailure } from "#src/tools/define.ts";
import { PLAN } from "../machines/plans.ts";
import { Bench, forever, ID, SECOND_MS, untilAborted } from "./bench.ts";

describe("an executor", () => {
  it("says that it is there when it begins and each second, and offers its slots to whoever greets it", async () => {
    const bench = new Bench(3);
    await bench.pass(0);
    const about = { protocol: 1, version: "unnamed" };
    const offer = { kind: "offer", executor: ID, number: 1, since: 1, heardAt: 1, slots: [1, 2, 3], back: [] };
    expect(bench.heard).toEqual([
      { kind: "alive", executor: ID, load: { slots: 3, used: 0 } },
      { ...offer, about },
    ]);
    bench.coordinator.hello();
    await bench.pass(0);
    expect(bench.heard.at(-1)).toEqual({ ...offer, number: 2, heardAt: 2 });
    await bench.pass(3 * SECOND_MS);
    expect(bench.heard.filter(({ kind }) => kind === "alive")).toHaveLength(4);
  });

  it("says that it has gone when it is closed", async () => {
    const bench = new Bench(3);
    await bench.executor[Symbol.asyncDispose]();
    await bench.pass(0);
    expect(bench.heard.at(-1)).toEqual({ kind: "gone", executor: ID });
  });

  it("has nothing to do with a coordinator that speaks another protocol, and tells both sides why", async () => {
    const strangers: unknown[] = [];
    const bench = new Bench(3, { onStranger: (stranger) => strangers.push(stranger) });
    await bench.pass(0);
    bench.coordinator.goodbye();
    for (const version of ["2.0.0", "2.0.0"]) bench.coordinator.hello({ protocol: 2, version });
    await bench.pass(0);
    await bench.send("a");
    expect(bench.contexts).toEqual([]);
    const [, ...offers] = bench.coordinator.offers;
    const nothing = { number: 0, slots: [], back: [], about: { protocol: PROTOCOL } };
    expect(offers).toMatchObject([nothing, nothing]);
    expect(strangers).toEqual([{ coordinator: bench.coordinator.id, version: "2.0.0", protocol: 2 }]);
  });

  it("runs a tool once, however often it is told to", async () => {
    const bench = new Bench();
    const done = Promise.withResolvers<string>();
    bench.run = () => done.promise;
    const key = await bench.send("a");
    await bench.send("a");
    done.resolve("once");
    await bench.pass(0);
    await bench.send("a");
    await bench.acknowledge(key);
    await bench.send("a");
    await bench.pass(10 * SECOND_MS);
    expect(bench.contexts).toHaveLength(1);
  });

  it("answers a repeated run with the report that waits for its acknowledgement", async () => {
    const bench = new Bench();
    await bench.send("a");
    expect(bench.reports).toEqual(["a succeeded"]);
    await bench.send("a");
    expect(bench.reports).toEqual(["a succeeded", "a succeeded"]);
  });

  it("sends a report again until it is acknowledged, and then no more", async () => {
    const bench = new Bench();
    const key = await bench.send("a");
    await bench.pass(5 * SECOND_MS);
    const before = bench.reports.length;
    expect(before).toBeGreaterThan(3);
    // That of another outcome: the attempt's timeout was recorded, and what came after it was not.
    await bench.acknowledge(key, "timed-out");
    await bench.pass(5 * SECOND_MS);
    expect(bench.reports.length).toBeGreaterThan(before);
    await bench.acknowledge(key);
    const later = bench.reports.length;
    await bench.pass(10 * SECOND_MS);
    expect(bench.reports).toHaveLength(later);
  });

  it("starts and stops nothing for an epoch older than the newest it has heard of", async () => {
    const bench = new Bench(4);
    bench.run = forever;
    const old = await bench.send("old", { epoch: 4 });
    await bench.send("new", { epoch: 5 });
    await bench.send("stale", { epoch: 4 });
    expect(bench.contexts.map(({ idempotencyKey }) => idempotencyKey)).toEqual([`${PLAN}/old`, `${PLAN}/new`]);
    await bench.cancel(old);
    expect(bench.contexts[0]!.signal.aborted).toBe(false);
    await bench.cancel({ ...old, epoch: 5 });
    expect(bench.contexts[0]!.signal.aborted).toBe(true);
  });

  it("knows the epochs of partitions apart", async () => {
    const bench = new Bench(4);
    bench.run = forever;
    const elsewhere = newPlanId(7, new Uint8Array(10));
    expect(partitionOf(elsewhere)).not.toBe(partitionOf(PLAN));
    await bench.send("a", { epoch: 5, plan: elsewhere });
    await bench.send("b", { epoch: 4 });
    expect(bench.contexts).toHaveLength(2);
  });

  it("never runs more attempts than it has slots", async () => {
    const bench = new Bench(2);
    bench.run = forever;
    for (const step of ["a", "b", "c"]) await bench.send(step);
    expect(bench.contexts).toHaveLength(2);
  });

  it("reports an unknown tool as a failure", async () => {
    const bench = new Bench();
    await bench.send("a", { tool: "other.tool" });
    expect(bench.heard.find(({ kind }) => kind === "report")).toMatchObject({
      outcome: { kind: "failed", error: { code: "unknown-tool", category: "not-found" } },
    });
  });

  it("carries progress and log lines to whoever listens", async () => {
    const bench = new Bench();
    bench.run = (context) => {
      context.progress({ percent: 40, message: "halfway" });
      context.log("a line", { n: 1 });
      return "done";
    };
    await bench.send("a");
    expect(bench.live).toMatchObject([
      { plan: PLAN, step: "a", attempt: 1, kind: "progress", percent: 40, message: "halfway" },
      { step: "a", kind: "log", message: "a line", fields: { n: 1 } },
    ]);
  });

  it("aborts what runs when it is closed, waits for it, and says no more", async () => {
    const bench = new Bench();
    bench.run = untilAborted;
    await bench.send("a");
    let isClosed = false;
    void bench.executor[Symbol.asyncDispose]().then(() => (isClosed = true));
    await bench.pass(0);
    expect([isClosed, bench.contexts[0]!.signal.aborted]).toEqual([true, true]);
    await bench.pass(10 * SECOND_MS);
    expect(bench.reports).toEqual([]);
  });

  it("closes although a tool ignores its abort", async () => {
    const bench = new Bench();
    bench.run = forever;
    await bench.send("a");
    let isClosed = false;
    void bench.executor[Symbol.asyncDispose]().then(() => (isClosed = true));
    await bench.pass(ABANDON_AFTER_MS + 1);
    expect(isClosed).toBe(true);
  });
});

describe("a cancellation", () => {
  it("aborts the tool's signal and reports that it stopped", async () => {
    const bench = new Bench();
    bench.run = untilAborted;
    const key = await bench.send("a");
    await bench.cancel(key);
    expect(bench.reports).toEqual(["a cancelled"]);
  });

  it("that comes too late changes nothing: the success counts", async () => {
    const bench = new Bench();
    const done = Promise.withResolvers<string>();
    bench.run = () => done.promise;
    const key = await bench.send("a");
    await bench.cancel(key);
    done.resolve("done all the same");
    await bench.pass(0);
    expect(bench.reports).toEqual(["a succeeded"]);
  });

  it("of a tool that ignores it reports after a while that nobody knows, and gives the slot back", async () => {
    const bench = new Bench(1);
    bench.run = forever;
    const key = await bench.send("a");
    await bench.cancel(key);
    await bench.pass(ABANDON_AFTER_MS - 1);
    expect(bench.reports).toEqual([]);
    await bench.pass(2);
    expect(bench.reports[0]).toBe("a timed-out");
    bench.run = () => "done";
    await bench.send("b");
    expect(bench.contexts).toHaveLength(2);
  });
});

describe("a timeout", () => {
  it("aborts the signal and reports at once", async () => {
    const bench = new Bench();
    bench.run = untilAborted;
    await bench.send("a", { timeoutMs: SECOND_MS });
    await bench.pass(SECOND_MS);
    expect(bench.contexts[0]!.signal.reason).toMatchObject({ name: "TimeoutError" });
    expect(new Set(bench.reports)).toEqual(new Set(["a timed-out"]));
  });

  it("of a tool that never returns keeps its slot until it is given up", async () => {
    const bench = new Bench(1);
    bench.run = forever;
    const key = await bench.send("a", { timeoutMs: SECOND_MS });
    await bench.pass(SECOND_MS);
    expect(bench.reports).toEqual(["a timed-out"]);
    expect(bench.coordinator.slots).toEqual([]);
    await bench.acknowledge(key);
    bench.run = () => "done";
    await bench.send("b");
    expect(bench.contexts).toHaveLength(1);
    await bench.pass(ABANDON_AFTER_MS + 1);
    expect(bench.coordinator.slots).toHaveLength(1);
    await bench.send("b");
    expect(bench.contexts).toHaveLength(2);
  });

  it("is followed by a late report when the tool succeeds after all", async () => {
    for (const lateMs of [SECOND_MS, 60 * SECOND_MS]) {
      const bench = new Bench();
      const done = Promise.withResolvers<string>();
      bench.run = () => done.promise;
      const key = await bench.send("a", { timeoutMs: SECOND_MS });
      await bench.pass(SECOND_MS);
      await bench.acknowledge(key, "timed-out");
      await bench.pass(lateMs);
      done.resolve("late");
      await bench.pass(0);
      expect(bench.reports).toEqual(["a timed-out", "a succeeded"]);
      await bench.pass(SECOND_MS);
      expect(bench.reports.at(-1)).toBe("a succeeded");
    }
  });

  it("is followed by the real failure when the tool fails for a reason of its own", async () => {
    const bench = new Bench();
    const done = Promise.withResolvers<string>();
    bench.run = () => done.promise;
    await bench.send("a", { timeoutMs: SECOND_MS });
    await bench.pass(SECOND_MS);
    done.reject(new ToolFailure("conflict", "somebody was faster"));
    await bench.pass(0);
    expect(bench.reports).toEqual(["a timed-out", "a failed"]);
  });
});
