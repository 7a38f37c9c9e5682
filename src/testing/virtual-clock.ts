import { Fault } from "#events/fault.ts";
import type { Clock, Timer } from "#src/ports/clock.ts";
import { systemClock } from "#src/ports/system/clock.ts";

// Time that passes only when a test lets it: one queue of things that happen, and nothing waits for a real moment.
//
// K1. After each thing that happens everything that is ready runs, before the next one does.
// K2. While somebody holds the clock, because a tool reads a real file, what is due later happens no earlier than it would
//     outside. What is due now happens at once, so that work which waits for nothing takes no time.
// K3. With `coalesced` background timers a long time in which nothing but housekeeping happens is passed over: after
//     MAX_IDLE_TIMERS of them in a row, those that are set from then on happen once, at the next other timer. What was set
//     before, and everything that is close, happens exactly when it is due. Two days cost what two minutes do.

export interface VirtualClockOptions {
  /** Milliseconds since the epoch at which it begins. Default: 1 January 2026, 0:00 UTC. */
  readonly startAt?: number;
  /** A number for each thing that is scheduled: of those due at one moment the lowest happens first. Default: in order. */
  readonly order?: () => number;
  /** `each` background timer happens when it is due (default), or they are `coalesced`. */
  readonly background?: "each" | "coalesced";
}

export interface RunBounds {
  /** Time that may pass. */
  readonly withinMs?: number;
  /** Things that may happen: a run that goes round in circles ends too. */
  readonly maxSteps?: number;
}

/** A moment of the machine's own monotonic clock, and what time it was here. */
interface Moment {
  readonly real: number;
  readonly virtual: number;
}

interface Entry {
  readonly at: number;
  /** When it was scheduled, if the clock was held then. */
  readonly from: Moment | undefined;
  readonly order: number;
  readonly kind: "timer" | "background" | "soon";
  readonly callback: () => void;
  /** Says that whoever scheduled it is gone. */
  readonly isDropped: () => boolean;
  isCancelled: boolean;
}

const DEFAULT_START = Date.UTC(2026, 0, 1);
const MAX_IDLE_TIMERS = 64;

export class VirtualClock implements Clock {
  /** Virtual milliseconds since it began. */
  elapsedMs = 0;
  /** Things that have happened. */
  steps = 0;
  private readonly startAt: number;
  private readonly order: () => number;
  private readonly isCoalesced: boolean;
  private readonly queue: Entry[] = [];
  /** Background timers, where they are coalesced, and those of them that wait for the next other timer. */
  private readonly background: Entry[] = [];
  private postponed: Entry[] = [];
  private idleTimers = 0;
  private scheduled = 0;
  private holds = 0;
  private heldFrom: Moment | undefined;

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
    const isBackground = this.isCoalesced && options.background === true;
    return this.enter({ delayMs, callback, kind: isBackground ? "background" : "timer" });
  }

  soon(callback: () => void): void {
    this.enter({ delayMs: 0, callback, kind: "soon" });
  }

  /** Like `after`; it does not happen when `isDropped` by then. */
  schedule(
    delayMs: number,
    callback: () => void,
    { isDropped, background = false }: { readonly isDropped: () => boolean; readonly background?: boolean },
  ): Timer {
    return this.enter({ delayMs, callback, kind: this.isCoalesced && background ? "background" : "timer", isDropped });
  }

  /** Until the hold is disposed of, time passes no faster than outside (K2). */
  hold(): Disposable {
    if (this.holds++ === 0) this.heldFrom = this.moment();
    let isHeld = true;
    return {
      [Symbol.dispose]: () => {
        if (isHeld && --this.holds === 0) this.heldFrom = undefined;
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

  private enter({ delayMs, callback, kind, isDropped = never }: Scheduled): Timer {
    const at = this.elapsedMs + Math.max(0, delayMs);
    const from = this.holds > 0 ? this.moment() : undefined;
    const entry: Entry = { at, from, order: this.order(), kind, callback, isDropped, isCancelled: false };
    if (kind !== "background") insert(this.queue, entry);
    else if (this.idleTimers < MAX_IDLE_TIMERS) insert(this.background, entry);
    else this.postponed.push(entry);
    return { [Symbol.dispose]: () => (entry.isCancelled = true) };
  }

  /** Lets the next thing happen; false where nothing is left until then. */
  private async step(untilMs: number): Promise<boolean> {
    const [queue, entry] = this.next();
    if (this.isAwaitingOutside(entry)) await pause();
    else if (entry === undefined || entry.at > untilMs) return false;
    else {
      queue.pop();
      await this.happen(entry);
    }
    return true;
  }

  private isAwaitingOutside(entry: Entry | undefined): boolean {
    const from = entry?.from ?? this.heldFrom;
    if (this.heldFrom === undefined || from === undefined) return false;
    if (entry === undefined) return true;
    return entry.at > this.elapsedMs && systemClock.monotonic() - from.real < entry.at - from.virtual;
  }

  private moment(): Moment {
    return { real: systemClock.monotonic(), virtual: this.elapsedMs };
  }

  /** The next thing that will happen, and where it stands. */
  private next(): readonly [Entry[], Entry | undefined] {
    const entry = nextIn(this.queue);
    const idle = nextIn(this.background);
    const isIdleFirst = idle !== undefined && (entry === undefined || isAfter(entry, idle));
    return isIdleFirst ? [this.background, idle] : [this.queue, entry];
  }

  private async happen(entry: Entry): Promise<void> {
    this.elapsedMs = Math.max(this.elapsedMs, entry.at);
    this.steps++;
    if (entry.kind === "background") this.idleTimers++;
    else if (entry.kind === "timer") this.wake();
    entry.callback();
    await turn();
  }

  /** Something else than housekeeping happens: what was postponed until then is due. */
  private wake(): void {
    this.idleTimers = 0;
    for (const entry of this.postponed) insert(this.background, entry);
    this.postponed = [];
  }
}

interface Scheduled {
  readonly delayMs: number;
  readonly callback: () => void;
  readonly kind: Entry["kind"];
  readonly isDropped?: () => boolean;
}

/** What was cancelled meanwhile is cleared away. */
function nextIn(queue: Entry[]): Entry | undefined {
  for (let entry = queue.at(-1); entry !== undefined; entry = queue.at(-1)) {
    if (!entry.isCancelled && !entry.isDropped()) return entry;
    queue.pop();
  }
  return undefined;
}

/** Kept sorted, the next one last. */
function insert(queue: Entry[], entry: Entry): void {
  let low = 0;
  let high = queue.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = queue[middle];
    if (other !== undefined && isAfter(other, entry)) low = middle + 1;
    else high = middle;
  }
  queue.splice(low, 0, entry);
}

function isAfter(one: Entry, other: Entry): boolean {
  return one.at > other.at || (one.at === other.at && one.order > other.order);
}

function never(): boolean {
  return false;
}

/** Looked for work from outside again after so long. */
const PAUSE_MS = 1;

function pause(): Promise<void> {
  return new Promise((resolve) => {
    systemClock.after(PAUSE_MS, resolve);
  });
}

/** Everything that is ready runs. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    systemClock.soon(resolve);
  });
}
