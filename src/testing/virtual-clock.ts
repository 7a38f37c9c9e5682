import { Fault } from "#events/fault.ts";
import type { Clock, Timer } from "#src/ports/clock.ts";
import { systemClock } from "#src/ports/system/clock.ts";

// Time that passes only when a test lets it: one queue of things that happen, and nothing waits for a real moment.
//
// K1. After each thing that happens everything that is ready runs, before the next one does.
// K2. While somebody holds the clock, because a tool reads a real file, time stands still; what is due now still happens.
// K3. With `coalesced` background timers time goes straight to the next timer that is not in the background; those that
//     became due on the way happen once, then, as on a machine that had slept. Two days cost what two seconds do.

export interface VirtualClockOptions {
  /** Milliseconds since the epoch at which it begins. Default: 1 January 2026, 0:00 UTC. */
  readonly startAt?: number;
  /** A number for each thing that is scheduled: of those due at one moment the lowest happens first. Default: in order. */
  readonly order?: () => number;
  /** `each` background timer happens when it is due (default), or all of a stretch together at its end. */
  readonly background?: "each" | "coalesced";
}

export interface RunBounds {
  /** Time that may pass. */
  readonly withinMs?: number;
  /** Things that may happen: a run that goes round in circles ends too. */
  readonly maxSteps?: number;
}

interface Entry {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
  /** Says that whoever scheduled it is gone. */
  readonly isDropped: () => boolean;
  isCancelled: boolean;
}

const DEFAULT_START = Date.UTC(2026, 0, 1);

export class VirtualClock implements Clock {
  /** Virtual milliseconds since it began. */
  elapsedMs = 0;
  /** Things that have happened. */
  steps = 0;
  private readonly startAt: number;
  private readonly order: () => number;
  private readonly isCoalesced: boolean;
  private readonly queue: Entry[] = [];
  /** Background timers, where they are coalesced. */
  private readonly background: Entry[] = [];
  private scheduled = 0;
  private holds = 0;

  constructor({ startAt = DEFAULT_START, order, background = "each" }: VirtualClockOptions = {}) {
    this.startAt = startAt;
    this.order = order ?? (() => this.scheduled++);
    this.isCoalesced = background === "coalesced";
  }

  now(): number {
    return this.startAt + Math.floor(this.elapsedMs);
  }

  monotonic(): number {
    return this.elapsedMs;
  }

  after(delayMs: number, callback: () => void, options: { background?: boolean } = {}): Timer {
    const queue = this.isCoalesced && options.background === true ? this.background : this.queue;
    return this.enter(queue, { delayMs, callback });
  }

  soon(callback: () => void): void {
    this.enter(this.queue, { delayMs: 0, callback });
  }

  /** Like `after`; it does not happen when `isDropped` by then. */
  schedule(delayMs: number, callback: () => void, isDropped: () => boolean): Timer {
    return this.enter(this.queue, { delayMs, callback, isDropped });
  }

  /** Time stands still until the hold is disposed of (K2). */
  hold(): Disposable {
    this.holds++;
    let isHeld = true;
    return {
      [Symbol.dispose]: () => {
        if (isHeld) this.holds--;
        isHeld = false;
      },
    };
  }

  /** Lets time pass until the condition holds. Resolves with whether it does: the bounds may come first, or nothing is left. */
  async runUntil(
    isOver: () => boolean,
    { withinMs = Infinity, maxSteps = Infinity }: RunBounds = {},
  ): Promise<boolean> {
    const untilMs = this.elapsedMs + withinMs;
    const lastStep = this.steps + maxSteps;
    while (!isOver()) {
      if (this.steps >= lastStep) return false;
      if (await this.step(untilMs)) continue;
      if (withinMs < Infinity) this.elapsedMs = untilMs;
      return false;
    }
    return true;
  }

  /** Lets time pass until the promise has settled, and gives what it gives. Fault: `clock-stands`, when it never does. */
  async answer<T>(source: Promise<T>, bounds: RunBounds = {}): Promise<T> {
    let isSettled = false;
    const settle = (): void => void (isSettled = true);
    source.then(settle, settle);
    await turn();
    if (await this.runUntil(() => isSettled, bounds)) return source;
    throw new Fault(
      "clock-stands",
      `nothing that still happens settles the promise (${this.elapsedMs} ms have passed)`,
    );
  }

  /** Lets this much time pass. */
  async pass(ms: number): Promise<void> {
    let isOver = false;
    this.after(ms, () => (isOver = true));
    await this.runUntil(() => isOver, { withinMs: ms });
  }

  private enter(queue: Entry[], { delayMs, callback, isDropped = never }: Scheduled): Timer {
    const at = this.elapsedMs + Math.max(0, delayMs);
    const entry: Entry = { at, order: this.order(), callback, isDropped, isCancelled: false };
    insert(queue, entry);
    return { [Symbol.dispose]: () => (entry.isCancelled = true) };
  }

  /** Lets the next thing happen; false where nothing is left until then. */
  private async step(untilMs: number): Promise<boolean> {
    const entry = this.next();
    const isLater = entry === undefined || entry.at > this.elapsedMs;
    if (isLater && this.holds > 0) await turn();
    else if (entry === undefined || entry.at > untilMs) return false;
    else if (isLater && this.isCoalesced) await this.wake(entry.at);
    else {
      this.queue.pop();
      await this.happen(entry);
    }
    return true;
  }

  /** The next thing that will happen; what was cancelled meanwhile is cleared away. */
  private next(): Entry | undefined {
    for (let entry = this.queue.at(-1); entry !== undefined; entry = this.queue.at(-1)) {
      if (!entry.isCancelled && !entry.isDropped()) return entry;
      this.queue.pop();
    }
    return undefined;
  }

  /** Moves time to the moment, and lets what became due in the background happen there. */
  private async wake(at: number): Promise<void> {
    this.elapsedMs = at;
    const due: Entry[] = [];
    for (let entry = this.background.at(-1); entry !== undefined && entry.at <= at; entry = this.background.at(-1)) {
      due.push(entry);
      this.background.pop();
    }
    for (const entry of due) await this.happen(entry);
  }

  private async happen(entry: Entry): Promise<void> {
    if (entry.isCancelled || entry.isDropped()) return;
    this.elapsedMs = Math.max(this.elapsedMs, entry.at);
    this.steps++;
    entry.callback();
    await turn();
  }
}

interface Scheduled {
  readonly delayMs: number;
  readonly callback: () => void;
  readonly isDropped?: () => boolean;
}

/** Kept sorted, the next one last. */
function insert(queue: Entry[], entry: Entry): void {
  let low = 0;
  let high = queue.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = queue[middle];
    const isLater =
      other !== undefined && (other.at > entry.at || (other.at === entry.at && other.order > entry.order));
    if (isLater) low = middle + 1;
    else high = middle;
  }
  queue.splice(low, 0, entry);
}

function never(): boolean {
  return false;
}

/** Everything that is ready runs. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    systemClock.soon(resolve);
  });
}
