import type { Clock, Timer } from "#src/ports/clock.ts";
import { SeededRandom } from "#src/testing/seeded-random.ts";
import { VirtualClock } from "#src/testing/virtual-clock.ts";

// The simulated world: one queue of things that happen, one virtual time, one seed. Whatever the real runtime waits for
// is an entry here, so a seed fixes the whole run, and a crash is that the entries of a process never happen.

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
  readonly clock: VirtualClock;

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
