// Real threads and processes with the tools of a fixture, in a time that the test owns.
import { readFileSync } from "node:fs";
import { expect } from "vitest";
import type { Isolation } from "#events/definition.ts";
import type { Json } from "#events/json.ts";
import { Cells, type CellsOptions, type IsolatedRun } from "#src/executor/isolation/cells.ts";
import type { Tool, ToolContext } from "#src/tools/define.ts";
import { registry } from "#src/tools/registry.ts";
import { tools as fixtures } from "../../fixtures/tools/isolated.tools.ts";
import { Process } from "#src/simulation/process.ts";
import { World } from "#src/simulation/world.ts";

export const SECRET = "hush-hush";

/** Enough to start in, and soon used up. */
export const SMALL = { heapMiB: 96, rssMiB: 256 };
const MAX_STEPS = 1_000;
const HANGING_MS = 20_000;

export interface LogLine {
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>> | undefined;
}

export class CellBench implements AsyncDisposable {
  readonly world = new World(1);
  readonly progress: unknown[] = [];
  readonly lines: LogLine[] = [];
  readonly abort = new AbortController();
  readonly cells: Cells;
  readonly asked: string[] = [];

  constructor(options: Partial<CellsOptions> = {}) {
    this.cells = new Cells({ clock: this.world.clockOf(new Process("cells")), ...options });
  }

  run(name: string, isolate: Isolation, args: Json = {}): IsolatedRun {
    return this.runTool(toolNamed(name), isolate, args);
  }

  runTool(tool: Tool, isolate: Isolation, args: Json = {}): IsolatedRun {
    return this.cells.run({ tool, isolate, args }, this.context());
  }

  /** The process of a tool that has said it in its log. */
  async pids(): Promise<{ readonly pid: number; readonly child: number | null }> {
    await expect.poll(() => this.lines.at(-1), { timeout: HANGING_MS }).toBeDefined();
    return this.lines.at(-1)?.fields as { pid: number; child: number | null };
  }

  async pass(ms: number): Promise<void> {
    const untilMs = this.world.elapsed + ms;
    // What was just sent arrives first.
    this.world.schedule(0, () => undefined);
    await this.world.runUntil(() => false, { untilMs, maxSteps: MAX_STEPS });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.cells[Symbol.asyncDispose]();
  }

  private context(): ToolContext {
    return {
      signal: this.abort.signal,
      idempotencyKey: "plan/step",
      roots: { fs: "/a/root", allowPrivateNetwork: false },
      clock: this.world.clockOf(new Process("tool")),
      progress: (update) => this.progress.push(update),
      log: (message, fields) => this.lines.push({ message, fields }),
      secret: async ({ $secret }) => {
        this.asked.push($secret);
        if ($secret === "MISSING") throw new Error("there is no such secret");
        return SECRET;
      },
    };
  }
}

export function toolNamed(name: string): Tool {
  const tool = registry(fixtures).get(name);
  if (tool === undefined) throw new Error(`no fixture ${name}`);
  return tool;
}

/** A process that has ended and that nobody has asked about yet is gone, too. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== "linux" || !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
