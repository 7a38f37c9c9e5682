import type { Clock, Timer } from "#src/ports/clock.ts";
import type { Random } from "#src/ports/random.ts";
import { VirtualClock } from "#src/testing/virtual-clock.ts";

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

/** A process of the world: when it is dead, none of its entries happens and none of its promises settles. */
export class Process {
  alive = true;
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

export class World {
  readonly random: SeededRandom;
  readonly trace: string[] = [];
  private readonly clock: VirtualClock;

  constructor(seed: number) {
    this.random = new SeededRandom(seed);
    this.clock = new VirtualClock({ order: () => this.random.next() });
  }

  /** Virtual milliseconds since the world began. */
  get elapsed(): number {
    return this.clock.elapsedMs;
  }

  /** Entries that have happened. */
  get steps(): number {
    return this.clock.steps;
  }

  now(): number {
    return this.clock.now();
  }

  note(text: string): void {
    this.trace.push(`${this.elapsed.toFixed(0).padStart(8)} ${text}`);
  }

  schedule(delayMs: number, callback: () => void, process?: Process): Timer {
    return this.clock.schedule(delayMs, callback, () => process?.alive === false);
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
  runUntil(
    isOver: () => boolean,
    { untilMs, maxSteps }: { readonly untilMs: number; readonly maxSteps: number },
  ): Promise<boolean> {
    return this.clock.runUntil(isOver, { withinMs: untilMs - this.elapsed, maxSteps });
  }
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
