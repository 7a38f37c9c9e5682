import type { Clock, Timer } from "#src/ports/clock.ts";

// Says that an executor is there while its loop stands still: a tool that computes for some seconds without a pause is no dead
// executor. It runs apart from that loop, and sees of it one number, which the loop raises every second.
//
// P1. While the number grows, the loop speaks for itself, and nothing is said here.
// P2. A number that stands still for `patienceMs` belongs to a loop that may be blocked for ever: from then on nothing is said, and
//     coordinators give the executor up as one that is gone.
// P3. A process that is killed or stopped takes this with it.

/** Half of the silence after which an executor is given up. */
const HELD_UP_MS = 1_500;
const LOOK_EVERY_MS = 500;

export interface LoopWatchOptions {
  readonly clock: Clock;
  /** How often the loop has said that it goes. */
  readonly beats: () => number;
  /** Says that the executor is there. */
  readonly pulse: () => void;
  readonly patienceMs: number;
}

export class LoopWatch implements Disposable {
  private readonly options: LoopWatchOptions;
  private seen: number;
  private since: number;
  private timer: Timer | undefined;

  constructor(options: LoopWatchOptions) {
    this.options = options;
    this.seen = options.beats();
    this.since = options.clock.monotonic();
  }

  begin(): void {
    this.timer = this.options.clock.after(LOOK_EVERY_MS, () => this.look());
  }

  [Symbol.dispose](): void {
    this.timer?.[Symbol.dispose]();
  }

  private look(): void {
    const { clock, beats, pulse, patienceMs } = this.options;
    const [now, count] = [clock.monotonic(), beats()];
    if (count !== this.seen) {
      this.seen = count;
      this.since = now;
    }
    const stillMs = now - this.since;
    if (stillMs >= HELD_UP_MS && stillMs < patienceMs) pulse();
    this.begin();
  }
}
