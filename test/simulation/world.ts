import type { Clock, Timer } from "#src/ports/clock.ts";
import type { Random } from "#src/ports/random.ts";

// The simulated world: one queue of things that happen, one virtual time, one seed. Whatever the real runtime waits for
// is an entry here, so a seed fixes the whole run, and a crash is that the entries of a process never happen.

/** sfc32 (Chris Doty-Humphrey, PractRand): small, fast, good enough to shuffle and choose. */
export class SeededRandom implements Random {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  constructor(seed: number, stream = 0) {
    this.a = seed | 0;
    this.b = (seed ^ 0x9e3779b9) | 0;
    this.c = Math.imul(stream + 1, 0x85ebca6b) | 0;
    for (let round = 0; round < 15; round++) this.next();
  }

  next(): number {
    const t = (((this.a + this.b) | 0) + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = ((this.c << 21) | (this.c >>> 11)) + t;
    return (t >>> 0) / 0x1_0000_0000;
  }

  bytes(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => Math.floor(this.next() * 256));
  }

  /** An integer in [from, to]. */
  int(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.int(0, items.length - 1)]!;
  }
}

interface Entry {
  readonly at: number;
  readonly order: number;
  readonly process: Process | undefined;
  readonly callback: () => void;
  cancelled: boolean;
}

/** A process of the world: when it is dead, none of its entries happens and none of its promises settles. */
export class Process {
  alive = true;
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

const EPOCH_MS = Date.UTC(2026, 0, 1);

export class World {
  readonly random: SeededRandom;
  /** Virtual milliseconds since the world began. */
  elapsed = 0;
  /** Entries that have happened. */
  steps = 0;
  readonly trace: string[] = [];
  private readonly queue: Entry[] = [];

  constructor(seed: number) {
    this.random = new SeededRandom(seed);
  }

  now(): number {
    return EPOCH_MS + Math.floor(this.elapsed);
  }

  note(text: string): void {
    this.trace.push(`${this.elapsed.toFixed(0).padStart(8)} ${text}`);
  }

  schedule(delayMs: number, callback: () => void, process?: Process): Timer {
    const at = this.elapsed + Math.max(0, delayMs);
    const entry: Entry = { at, order: this.random.next(), process, callback, cancelled: false };
    this.insert(entry);
    return { [Symbol.dispose]: () => (entry.cancelled = true) };
  }

  clockOf(process: Process): Clock {
    return {
      now: () => this.now(),
      monotonic: () => this.elapsed,
      after: (delayMs, callback) => this.schedule(delayMs, callback, process),
      soon: (callback) => this.schedule(0, callback, process),
    };
  }

  /** Lets things happen until `isOver`, or until nothing is left, or the bounds are reached. Returns whether `isOver`. */
  async runUntil(
    isOver: () => boolean,
    bounds: { readonly untilMs: number; readonly maxSteps: number },
  ): Promise<boolean> {
    const lastStep = this.steps + bounds.maxSteps;
    while (!isOver()) {
      const entry = this.queue.at(-1);
      if (entry === undefined || this.steps >= lastStep) return false;
      if (entry.at > bounds.untilMs) {
        this.elapsed = bounds.untilMs;
        return false;
      }
      this.queue.pop();
      await this.happen(entry);
    }
    return true;
  }

  private async happen(entry: Entry): Promise<void> {
    if (entry.cancelled || entry.process?.alive === false) return;
    this.elapsed = entry.at;
    this.steps++;
    entry.callback();
    await microtasks();
  }

  /** Kept sorted, the next one last. */
  private insert(entry: Entry): void {
    let low = 0;
    let high = this.queue.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.queue[middle]!;
      const isLater = other.at > entry.at || (other.at === entry.at && other.order > entry.order);
      if (isLater) low = middle + 1;
      else high = middle;
    }
    this.queue.splice(low, 0, entry);
  }
}

/** Everything that is ready to run runs: nothing in a simulation waits for anything but entries and promises. */
function microtasks(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The promise as a process sees it: it never settles once the process is dead. */
export function within<T>(process: Process, source: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    source.then(
      (value) => process.alive && resolve(value),
      (error: unknown) => process.alive && reject(error instanceof Error ? error : new Error(String(error))),
    );
  });
}
