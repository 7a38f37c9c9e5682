// Time. Nothing outside an implementation of this port reads a clock or waits, so that a simulation owns time.
// Wall time is for facts that people read and for due times; durations are measured on the monotonic clock.

export interface Timer extends Disposable {
  /** Stops the timer; stopping one that fired or was stopped does nothing. */
  [Symbol.dispose](): void;
}

export interface Clock {
  /** Milliseconds since the epoch; may jump when somebody sets the machine's clock. */
  now(): number;
  /** Milliseconds since an arbitrary moment; never goes backwards. For durations and timeouts. */
  monotonic(): number;
  /** Calls back once after at least this many milliseconds, however far away. A pending timer does not keep the process alive when `background` is set. */
  after(delayMs: number, callback: () => void, options?: { background?: boolean }): Timer;
  /** Calls back when everything already under way in this turn of the event loop has run. */
  soon(callback: () => void): void;
}

/** Resolves after the delay, or rejects with the signal's reason when that comes first. */
export function sleep(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(reasonOf(signal));
      return;
    }
    const onAbort = (): void => {
      timer[Symbol.dispose]();
      reject(reasonOf(signal));
    };
    const timer = clock.after(delayMs, () => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    });
    signal.addEventListener("abort", onAbort, { once: true });
  });
}

function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error("aborted");
}
