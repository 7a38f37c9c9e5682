import { describe, expect, it } from "vitest";
import type { Isolation } from "#events/definition.ts";
import { executorId } from "#events/ids.ts";
import { MemoryBus } from "#src/bus/memory.ts";
import { ABANDON_AFTER_MS } from "#src/executor/attempt.ts";
import { Executor } from "#src/executor/executor.ts";
import type { AttemptKey, CoordinatorMessage, LiveMessage } from "#src/ports/bus.ts";
import { SILENT } from "#src/ports/log.ts";
import { registry } from "#src/tools/registry.ts";
import { tools } from "../fixtures/tools/isolated.tools.ts";
import { PLAN } from "../machines/plans.ts";
import { TestCoordinator } from "./coordinator.ts";
import { Process } from "#src/simulation/process.ts";
import { World } from "#src/simulation/world.ts";
import { isAlive } from "./isolation/cell-bench.ts";

// An executor whose tools run in real threads and processes, while the test owns the time of its timeouts.

const ID = executorId.parse("executor-1");
const TIMEOUT_MS = 60_000;
const HANGING_MS = 20_000;
const MAX_STEPS = 10_000;
const BOTH = ["thread", "process"] as const;

class Bench implements AsyncDisposable {
  readonly world = new World(1);
  readonly bus = new MemoryBus(SILENT);
  private readonly coordinator: TestCoordinator;
  readonly live: LiveMessage[] = [];
  readonly key: AttemptKey = { plan: PLAN, step: "a", attempt: 1, epoch: 1, edition: 1 };
  private readonly executor: Executor;

  constructor() {
    this.bus.onLive((message) => this.live.push(message));
    this.executor = new Executor({
      id: ID,
      bus: this.bus,
      clock: this.world.clockOf(new Process("executor")),
      tools: registry(tools),
      roots: { fs: "/nowhere", allowPrivateNetwork: false },
      secrets: { resolve: () => Promise.resolve("hush-hush") },
      slots: 1,
    });
    this.coordinator = new TestCoordinator(this.bus, ID);
  }

  private get heard(): readonly CoordinatorMessage[] {
    return this.coordinator.heard;
  }

  send(tool: string, isolate?: Isolation): void {
    const place = isolate === undefined ? {} : { isolate };
    // The first that there is, which the executor lends when it hears the hello that is under way.
    const first = { offer: 1, slot: 1 };
    this.coordinator.run({ key: this.key, tool, timeoutMs: TIMEOUT_MS, idempotencyKey: "key", ...first, ...place });
  }

  cancel(): void {
    this.coordinator.cancel(this.key);
  }

  /** The process that a tool has named in its log. */
  async pid(): Promise<number> {
    const named = () => this.live.flatMap((message) => (message.kind === "log" ? [message.fields?.["pid"]] : [])).at(0);
    await expect.poll(named, { timeout: HANGING_MS }).toBeDefined();
    return named() as number;
  }

  async reported(count: number): Promise<unknown[]> {
    const reports = () => this.heard.flatMap((message) => (message.kind === "report" ? [message.outcome] : []));
    await expect.poll(() => reports().length, { timeout: HANGING_MS }).toBeGreaterThanOrEqual(count);
    return reports();
  }

  get slots(): number {
    return this.coordinator.slots.length;
  }

  async pass(ms: number): Promise<void> {
    const untilMs = this.world.elapsed + ms;
    // What was just sent arrives first.
    this.world.schedule(0, () => undefined);
    await this.world.runUntil(() => false, { untilMs, maxSteps: MAX_STEPS });
  }

  /** Closes while time goes on. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = this.executor[Symbol.asyncDispose]();
    await this.pass(ABANDON_AFTER_MS);
    await closed;
  }
}

describe("an executor", () => {
  it("runs a tool where the message says, and in its own loop where it says nothing", async () => {
    for (const [isolate, isHere] of [
      [undefined, true],
      ["thread", true],
      ["process", false],
    ] as const) {
      await using bench = new Bench();
      bench.send("cell.where", isolate);
      const [outcome] = await bench.reported(1);
      const { pid, runs } = (outcome as { output: { pid: number; runs: number } }).output;
      expect([isolate, pid === process.pid]).toEqual([isolate, isHere]);
      // Each has a copy of the module of its own.
      expect(runs).toBe(1);
    }
  });
});

describe.each(BOTH)("an attempt in a %s of its own", (isolate) => {
  it("that is cancelled is told so, and reports it", async () => {
    await using bench = new Bench();
    bench.send("cell.waits", isolate);
    await bench.pid();
    bench.cancel();
    expect(await bench.reported(1)).toEqual([{ kind: "cancelled" }]);
  });

  it("that loops although it was cancelled is ended, and gives its slot back", async () => {
    await using bench = new Bench();
    bench.send("cell.loops", isolate);
    const pid = await bench.pid();
    bench.cancel();
    await bench.pass(ABANDON_AFTER_MS - 1);
    expect(await bench.reported(0)).toEqual([]);
    await bench.pass(1);
    expect((await bench.reported(1))[0]).toEqual({ kind: "timed-out" });
    if (isolate === "process") await expect.poll(() => isAlive(pid)).toBe(false);
    expect(bench.slots).toBe(1);
  });

  it("that loops beyond its timeout is ended, and nothing more is said of it", async () => {
    await using bench = new Bench();
    bench.send("cell.loops", isolate);
    const pid = await bench.pid();
    await bench.pass(TIMEOUT_MS);
    expect(await bench.reported(1)).toEqual([{ kind: "timed-out" }]);
    await bench.pass(ABANDON_AFTER_MS);
    if (isolate === "process") await expect.poll(() => isAlive(pid)).toBe(false);
    const said = await bench.reported(1);
    expect(new Set(said.map((outcome) => (outcome as { kind: string }).kind))).toEqual(new Set(["timed-out"]));
    expect(bench.slots).toBe(1);
  });

  it("leaves nothing behind when the executor closes in the middle", async () => {
    for (const tool of ["cell.waits", "cell.loops"]) {
      const bench = new Bench();
      bench.send(tool, isolate);
      const pid = await bench.pid();
      await bench[Symbol.asyncDispose]();
      if (isolate === "process") expect([tool, isAlive(pid)]).toEqual([tool, false]);
      expect(await bench.reported(0)).toEqual([]);
    }
  });
});
