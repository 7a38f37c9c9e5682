import type { Clock, Timer } from "#src/ports/clock.ts";
import type { Process } from "#src/simulation/process.ts";
import { SeededRandom } from "#src/testing/seeded-random.ts";
import { VirtualClock, type VirtualClockOptions } from "#src/testing/virtual-clock.ts";

// The simulated world: one queue of things that happen, one virtual time, one seed. Whatever the real runtime waits for
// is an entry here, so a seed fixes the whole run, and a crash is that the entries of a process never happen.

interface Scheduled {
  readonly process?: Process | undefined;
  readonly background?: boolean;
}

export class World {
  readonly seed: number;
  readonly random: SeededRandom;
  readonly trace: string[] = [];
  readonly clock: VirtualClock;
  private readonly startAt: number;

  constructor(seed: number, options: Pick<VirtualClockOptions, "startAt" | "background"> = {}) {
    this.seed = seed;
    this.random = new SeededRandom(seed);
    this.clock = new VirtualClock({ ...options, order: () => this.random.next() });
    this.startAt = this.clock.now();
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

  /** What a process does happens only while it runs. Nothing waits for what happens in the background. */
  schedule(delayMs: number, callback: () => void, { process, background = false }: Scheduled = {}): Timer {
    const happen = process === undefined ? callback : (): void => process.run(callback);
    return this.clock.schedule(delayMs, happen, { isDropped: () => process?.alive === false, background });
  }

  clockOf(process: Process): Clock {
    const time = { elapsedMs: () => this.elapsed, startAt: this.startAt };
    return process.clock(time, (delayMs, callback, scheduled) => this.schedule(delayMs, callback, scheduled));
  }

  /** The process stands still for so long, in virtual ms. */
  halt(process: Process, forMs: number): void {
    this.note(`${process.name} stands still for ${forMs.toFixed(0)} ms`);
    process.stand();
    process.noteAbsence({ from: this.now(), to: this.now() + forMs });
    this.schedule(forMs, () =>
      process.goOn((delayMs, callback, scheduled) => this.schedule(delayMs, callback, scheduled)),
    );
  }

  /** For so long, in virtual ms, nothing that the process sends arrives, and nothing reaches it. */
  cutOff(process: Process, forMs: number): void {
    this.note(`${process.name} is cut off for ${forMs.toFixed(0)} ms`);
    process.cutOff();
    process.noteAbsence({ from: this.now(), to: this.now() + forMs });
    this.schedule(forMs, () => process.reconnect());
  }

  /** Lets things happen until `isOver`, or until nothing is left, or the bounds are reached. Returns whether `isOver`. */
  runUntil(
    isOver: () => boolean,
    { untilMs, maxSteps }: { readonly untilMs: number; readonly maxSteps: number },
  ): Promise<boolean> {
    return this.clock.runUntil(isOver, { withinMs: untilMs - this.elapsed, maxSteps });
  }
}
