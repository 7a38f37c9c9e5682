import type { Clock } from "#src/ports/clock.ts";
import type { Log } from "#src/ports/log.ts";

// Messages that cannot be used: each is counted, and now and then one is written about. Whoever sends rubbish may send a
// lot of it.

const EVERY_MS = 10_000;

export class Complaints {
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #log: Log;
  #count = 0;
  #unsaid = 0;
  #saidAt = -Infinity;

  constructor(clock: Pick<Clock, "monotonic">, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  /** Since the beginning. */
  get count(): number {
    return this.#count;
  }

  about(subject: string, why: string): void {
    this.#count += 1;
    this.#unsaid += 1;
    const now = this.#clock.monotonic();
    if (now - this.#saidAt < EVERY_MS) return;
    this.#log.warn("a message was dropped", { subject, why, dropped: this.#unsaid });
    this.#saidAt = now;
    this.#unsaid = 0;
  }
}
