import { sleep, type Clock, type Timer } from "#src/ports/clock.ts";
import type { Log } from "#src/ports/log.ts";
import type { ServerTime } from "#src/nats/leases.ts";

// The time that coordinators share: due times are in the log, and whoever owns a plan next must not read them by a clock that is
// minutes away from the one by which they were written.
//
// D1. Leases, timeouts and pauses are measured on the monotonic clock, whatever any wall clock says.
// D2. A machine's clock that is within TOLERATED_MS of the server's is left alone: then nothing here is new. One that is farther
//     away is corrected by the difference, and that is said, once, until it is right again.
// D3. Time goes on by the difference that is known while the server is away.

/** What the leases say of the time. */
interface TimeSource {
  readonly servers: string;
  serverTime(): Promise<ServerTime>;
}

interface SharedClockOptions {
  readonly source: TimeSource;
  /** Of this machine. */
  readonly clock: Clock;
  readonly log: Log;
}

const TOLERATED_MS = 1_000;
/** Who did not hear the answer for so long may have stood still: the difference could be anything. */
const MAX_UNSURE_MS = 500;
const LOOK_EVERY_MS = 10_000;
const MS_PER_S = 1_000;
const S_PER_MINUTE = 60;

export class SharedClock implements Clock, AsyncDisposable {
  readonly #options: SharedClockOptions;
  readonly #leaving = new AbortController();
  readonly #looking: Promise<void>;
  /** Added to what this machine's clock says. */
  #correctionMs = 0;

  /** Resolves when the difference is known. Faults: `leases-unavailable`. */
  static async open(options: SharedClockOptions): Promise<SharedClock> {
    return new SharedClock(options, await options.source.serverTime());
  }

  private constructor(options: SharedClockOptions, first: ServerTime) {
    this.#options = options;
    this.#take(first);
    this.#looking = this.#lookAgain();
  }

  now(): number {
    return this.#options.clock.now() + this.#correctionMs;
  }

  monotonic(): number {
    return this.#options.clock.monotonic();
  }

  after(delayMs: number, callback: () => void, options?: { background?: boolean }): Timer {
    return this.#options.clock.after(delayMs, callback, options);
  }

  soon(callback: () => void): void {
    this.#options.clock.soon(callback);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#leaving.abort();
    await this.#looking;
  }

  async #lookAgain(): Promise<void> {
    const { source, clock, log } = this.#options;
    const { signal } = this.#leaving;
    for (;;) {
      await sleep(clock, LOOK_EVERY_MS, signal).catch(() => undefined);
      if (signal.aborted) return;
      try {
        this.#take(await source.serverTime());
      } catch (error) {
        log.debug("the server's time is not known now", { error });
      }
    }
  }

  /** D2. */
  #take({ aheadMs, unsureMs }: ServerTime): void {
    if (unsureMs > MAX_UNSURE_MS) return;
    const isWrong = Math.abs(aheadMs) > TOLERATED_MS;
    const wasWrong = this.#correctionMs !== 0;
    this.#correctionMs = isWrong ? Math.round(aheadMs) : 0;
    if (isWrong !== wasWrong) this.#say(aheadMs, isWrong);
  }

  #say(aheadMs: number, isWrong: boolean): void {
    const { log, source } = this.#options;
    if (!isWrong) {
      log.info(`the clock of this machine agrees with that of ${source.servers} again`);
      return;
    }
    const seconds = Math.abs(aheadMs) / MS_PER_S;
    const far = seconds < 2 * S_PER_MINUTE ? `${seconds.toFixed(1)} s` : `${(seconds / S_PER_MINUTE).toFixed(1)} min`;
    const where = aheadMs > 0 ? "behind" : "ahead of";
    log.warn(
      `the clock of this machine is ${far} ${where} that of ${source.servers}; plans go by the server's until it is set right`,
    );
  }
}
