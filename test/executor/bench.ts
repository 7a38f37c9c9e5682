// An executor in virtual time, with a tool that does what the test says and a coordinator in the place of the real one.
import { z } from "zod";
import { executorId } from "#events/ids.ts";
import { MemoryBus } from "#src/bus/memory.ts";
import { Executor, type ExecutorOptions } from "#src/executor/executor.ts";
import type { AttemptKey, CoordinatorMessage, LiveMessage } from "#src/ports/bus.ts";
import type { Clock } from "#src/ports/clock.ts";
import { SILENT } from "#src/ports/log.ts";
import { defineTool, type ToolContext } from "#src/tools/define.ts";
import { registry } from "#src/tools/registry.ts";
import { Process } from "#src/simulation/process.ts";
import { World } from "#src/simulation/world.ts";
import { PLAN } from "../machines/plans.ts";
import { TestCoordinator } from "./coordinator.ts";

export const ID = executorId.parse("executor-1");
export const SECOND_MS = 1_000;
const MAX_STEPS = 100_000;

type Run = (context: ToolContext) => unknown;

/** An executor, and this test in the place of its coordinator. */
export class Bench {
  readonly world = new World(1);
  readonly bus = new MemoryBus(SILENT);
  private stalledMs = 0;
  readonly live: LiveMessage[] = [];
  readonly contexts: ToolContext[] = [];
  readonly executor: Executor;
  readonly coordinator: TestCoordinator;
  run: Run = () => "done";

  constructor(slots = 2, options: Partial<ExecutorOptions> = {}) {
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
      clock: this.clock(),
      tools: registry([tool]),
      roots: { fs: "/nowhere", allowPrivateNetwork: false },
      secrets: { resolve: () => Promise.resolve("hush") },
      slots,
      ...options,
    });
    this.coordinator = new TestCoordinator(this.bus, ID);
  }

  get heard(): readonly CoordinatorMessage[] {
    return this.coordinator.heard;
  }

  /** The executor stood still for so long: what was sent to it meanwhile arrives now. */
  stall(ms: number): void {
    this.stalledMs += ms;
  }

  private clock(): Clock {
    const clock = this.world.clockOf(new Process("executor"));
    const now = (): number => clock.now() + this.stalledMs;
    return { ...clock, now, monotonic: () => clock.monotonic() + this.stalledMs };
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
    await this.pass(0);
    const { timeoutMs = 60 * SECOND_MS, tool = "test.tool", ...rest } = fields;
    const key: AttemptKey = { plan: PLAN, step, attempt: 1, epoch: 1, edition: 1, ...rest };
    this.coordinator.run({ key, tool, timeoutMs });
    await this.pass(0);
    return key;
  }

  async cancel(key: AttemptKey): Promise<void> {
    this.coordinator.cancel(key);
    await this.pass(0);
  }

  async acknowledge(key: AttemptKey, outcome: "succeeded" | "timed-out" = "succeeded"): Promise<void> {
    this.coordinator.acknowledge(key, outcome);
    await this.pass(0);
  }

  get reports(): string[] {
    return this.coordinator.reports;
  }
}

export const forever: Run = () => new Promise(() => undefined);
export const untilAborted: Run = ({ signal }) =>
  new Promise((_, reject) => {
    signal.addEventListener("abort", () => {
      reject(signal.reason as Error);
    });
  });
