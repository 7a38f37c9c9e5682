import { describe, expect, it } from "vitest";
import { z } from "zod";
import { executorId } from "#events/ids.ts";
import { MemoryBus } from "#src/bus/memory.ts";
import { ABANDON_AFTER_MS } from "#src/executor/attempt.ts";
import { Executor } from "#src/executor/executor.ts";
import type { AttemptKey, CoordinatorMessage, LiveMessage } from "#src/ports/bus.ts";
import { SILENT } from "#src/ports/log.ts";
import { defineTool, ToolFailure, type ToolContext } from "#src/tools/define.ts";
import { registry } from "#src/tools/registry.ts";
import { PLAN } from "../machines/plans.ts";
import { Process } from "#src/simulation/process.ts";
import { World } from "#src/simulation/world.ts";

const ID = executorId.parse("executor-1");
const SECOND_MS = 1_000;
const MAX_STEPS = 100_000;

type Run = (context: ToolContext) => unknown;

/** An executor, and this test in the place of its coordinator. */
class Bench {
  readonly world = new World(1);
  readonly bus = new MemoryBus(SILENT);
  readonly heard: CoordinatorMessage[] = [];
  readonly live: LiveMessage[] = [];
  readonly contexts: ToolContext[] = [];
  readonly executor: Executor;
  run: Run = () => "done";

  constructor(slots = 2) {
    this.bus.onCoordinator((message) => this.heard.push(message));
    this.bus.onLive((message) => this.live.push(message));
    const tool = defineTool({
      name: "test.tool",
      version: "1.0.0",
      description: "Does what the test says.",
      input: z.any(),
      output: z.any(),
      sideEffects: "write",
      run: (_, context) => {
        this.contexts.push(context);
        return this.run(context);
      },
    });
    this.executor = new Executor({
      id: ID,
      bus: this.bus,
      clock: this.world.clockOf(new Process("executor")),
      tools: registry([tool]),
      roots: { fs: "/nowhere", allowPrivateNetwork: false },
      secrets: { resolve: () => Promise.resolve("hush") },
      slots,
    });
  }

  async pass(ms: number): Promise<void> {
    let isOver = false;
    this.world.schedule(ms, () => (isOver = true));
    await this.world.runUntil(() => isOver, { untilMs: this.world.elapsed + ms + 1, maxSteps: MAX_STEPS });
  }

  async send(
    step: string,
    fields: Partial<AttemptKey> & { timeoutMs?: number; tool?: string } = {},
  ): Promise<AttemptKey> {
    const { timeoutMs = 60 * SECOND_MS, tool = "test.tool", ...rest } = fields;
    const key: AttemptKey = { plan: PLAN, step, attempt: 1, epoch: 1, edition: 1, ...rest };
    const idempotencyKey = `${PLAN}/${step}`;
    this.bus.toExecutor(ID, { kind: "run", key, tool, toolVersion: "1.0.0", args: {}, timeoutMs, idempotencyKey });
    await this.pass(0);
    return key;
  }

  async cancel(key: AttemptKey): Promise<void> {
    this.bus.toExecutor(ID, { kind: "cancel", key });
    await this.pass(0);
  }

  async acknowledge(key: AttemptKey, outcome: "succeeded" | "timed-out" = "succeeded"): Promise<void> {
    this.bus.toExecutor(ID, { kind: "acknowledged", key, outcome });
    await this.pass(0);
  }

  get reports(): string[] {
    return this.heard.flatMap((message) =>
      message.kind === "report" ? [`${message.key.step} ${message.outcome.kind}`] : [],
    );
  }

  get lastOffer(): number | undefined {
    return this.heard.findLast((message) => message.kind === "offer")?.slots;
  }
}

const forever: Run = () => new Promise(() => undefined);
const untilAborted: Run = ({ signal }) =>
  new Promise((_, reject) => {
    signal.addEventListener("abort", () => {
      reject(signal.reason as Error);
    });
  });

describe("an executor", () => {
  it("offers its slots when it begins, and whenever it is asked", async () => {
    const bench = new Bench(3);
    await bench.pass(0);
    expect(bench.heard).toEqual([{ kind: "offer", executor: ID, slots: 3, holding: [] }]);
    bench.bus.toExecutors({ kind: "hello", epoch: 1 });
    await bench.pass(0);
    expect(bench.heard).toHaveLength(2);
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
    for (const hear of ["hello", "run"] as const) {
      const bench = new Bench(4);
      bench.run = forever;
      const old = await bench.send("old", { epoch: 4 });
      if (hear === "hello") bench.bus.toExecutors({ kind: "hello", epoch: 5 });
      await bench.send("new", { epoch: 5 });
      await bench.send("stale", { epoch: 4 });
      expect(bench.contexts.map(({ idempotencyKey }) => idempotencyKey)).toEqual([`${PLAN}/old`, `${PLAN}/new`]);
      await bench.cancel(old);
      expect(bench.contexts[0]!.signal.aborted, hear).toBe(false);
      await bench.cancel({ ...old, epoch: 5 });
      expect(bench.contexts[0]!.signal.aborted).toBe(true);
    }
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
    expect(bench.heard.at(-1)).toMatchObject({
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
    expect(bench.lastOffer).toBe(0);
    const order = bench.heard.map(({ kind }) => kind);
    expect(order.lastIndexOf("offer")).toBeLessThan(order.indexOf("report"));
    await bench.acknowledge(key);
    bench.run = () => "done";
    await bench.send("b");
    expect(bench.contexts).toHaveLength(1);
    await bench.pass(ABANDON_AFTER_MS);
    expect(bench.lastOffer).toBe(1);
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
