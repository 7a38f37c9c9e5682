import process from "node:process";
import type { Isolation } from "#events/definition.ts";
import { errorOf } from "#events/errors.ts";
import type { Json } from "#events/json.ts";
import type { Clock, Timer } from "#src/ports/clock.ts";
import { childEnvironment } from "#src/tools/builtin/child-process.ts";
import type { Tool, ToolContext } from "#src/tools/define.ts";
import type { ToolOutcome } from "#src/tools/run.ts";
import { Cell, type TransportEvents } from "./cell.ts";
import { attemptIn, type InCell, type IsolatedCall } from "./isolated-attempt.ts";
import { DEFAULT_MEMORY, type MemoryLimits } from "./limits.ts";
import { startProcess } from "./process-cell.ts";
import { startThread } from "./thread-cell.ts";

// The threads and processes of one executor.
//
// L1. A cell runs one attempt at a time, of tools of one module.
// L2. An attempt that a used cell has not heard of when it ends runs in a new one: it answers for what it did itself.
// L3. At most MAX_IDLE cells wait for a next attempt, each IDLE_MS at most: starting one costs more than most attempts.
//     One in which something was aborted, or that has grown, is ended instead.
// L4. Closing ends every cell and resolves when nothing of any is left.

const MAX_IDLE = 4;
const IDLE_MS = 10_000;
const MAX_RUNS = 1_000;
const BYTES_PER_MIB = 1024 * 1024;

export interface CellsOptions {
  readonly clock: Clock;
  /** Default: the allow-listed names of this process's environment. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
  readonly memory?: MemoryLimits;
}

export interface Isolated {
  readonly tool: Tool;
  readonly isolate: Isolation;
  readonly args: Json;
}

export interface IsolatedRun {
  readonly outcome: Promise<ToolOutcome>;
  /** Ends the attempt whatever it does; the outcome then says so. */
  kill(): void;
}

/** Where an attempt runs. */
interface Place {
  readonly key: string;
  readonly isolate: Isolation;
  cell: Cell | undefined;
}

interface Idle {
  readonly cell: Cell;
  readonly key: string;
  readonly timer: Timer;
}

export class Cells implements AsyncDisposable {
  private readonly clock: Clock;
  private readonly environment: Readonly<Record<string, string>>;
  private readonly memory: MemoryLimits;
  private readonly cells = new Set<Cell>();
  private idle: readonly Idle[] = [];
  private isClosed = false;

  constructor({ clock, environment, memory = DEFAULT_MEMORY }: CellsOptions) {
    this.clock = clock;
    this.environment = environment ?? childEnvironment(process.env);
    this.memory = memory;
  }

  run({ tool, isolate, args }: Isolated, context: ToolContext): IsolatedRun {
    const { module } = tool;
    if (module === undefined) return missing(tool.name);
    const place: Place = { key: `${isolate} ${module}`, isolate, cell: undefined };
    return { outcome: this.attempt(place, { tool, module, args }, context), kill: () => place.cell?.kill() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.isClosed = true;
    for (const { timer } of this.idle) timer[Symbol.dispose]();
    this.idle = [];
    for (const cell of this.cells) cell.end();
    await Promise.all([...this.cells].map(({ ended }) => ended));
  }

  private async attempt(place: Place, call: IsolatedCall, context: ToolContext): Promise<ToolOutcome> {
    const used = this.take(place.key);
    place.cell = used ?? this.start(place.isolate);
    let inCell = await attemptIn(place.cell, call, context);
    if (used !== undefined && inCell.isUnheard && !this.isClosed) {
      // What an earlier attempt left behind has ended it.
      used.end();
      place.cell = this.start(place.isolate);
      inCell = await attemptIn(place.cell, call, context);
    }
    this.giveBack(place.cell, place.key, inCell);
    return inCell.outcome;
  }

  private take(key: string): Cell | undefined {
    // The one that was used last is the most likely to be in the machine's caches still.
    const found = this.idle.findLast((idle) => idle.key === key && !idle.cell.isEnded);
    if (found === undefined) return undefined;
    found.timer[Symbol.dispose]();
    this.idle = this.idle.filter((idle) => idle !== found);
    return found.cell;
  }

  private start(isolate: Isolation): Cell {
    const { clock, environment, memory } = this;
    const start = (events: TransportEvents) =>
      isolate === "thread" ? startThread(environment, events) : startProcess({ clock, environment, memory }, events);
    const cell = new Cell(start, clock);
    this.cells.add(cell);
    void cell.ended.then(() => this.cells.delete(cell));
    return cell;
  }

  private giveBack(cell: Cell, key: string, { isClean, rssBytes }: InCell): void {
    const hasGrown = rssBytes > (this.memory.rssMiB * BYTES_PER_MIB) / 2;
    if (this.isClosed || !isClean || hasGrown || cell.runs >= MAX_RUNS) {
      cell.end();
      return;
    }
    const timer = this.clock.after(IDLE_MS, () => this.endIdle(idle), { background: true });
    const idle: Idle = { cell, key, timer };
    this.idle = [...this.idle.filter((other) => !other.cell.isEnded), idle];
    const [oldest] = this.idle;
    if (this.idle.length > MAX_IDLE && oldest !== undefined) this.endIdle(oldest);
  }

  private endIdle(idle: Idle): void {
    idle.timer[Symbol.dispose]();
    this.idle = this.idle.filter((other) => other !== idle);
    idle.cell.end();
  }
}

function missing(tool: string): IsolatedRun {
  const message = `${tool} cannot be isolated: this process does not know which module exports it`;
  const error = errorOf("bug", "isolated-tool-missing", message);
  return { outcome: Promise.resolve({ ok: false, error }), kill: () => undefined };
}
