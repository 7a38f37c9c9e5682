// Wakes subscriptions of the process that appends. A waiter is woken by any commit and looks at the log itself, so a
// wake-up too many costs a look and none can be missed: the look and the registration happen in one turn.

export class Arrivals {
  readonly #waiters = new Set<(open: boolean) => void>();
  #closed = false;

  /** Resolves with true at the next commit, with false when the signal aborts or the store is closed. */
  next(signal: AbortSignal): Promise<boolean> {
    if (signal.aborted || this.#closed) return Promise.resolve(false);
    return new Promise((resolve) => {
      const wake = (open: boolean): void => {
        this.#waiters.delete(wake);
        signal.removeEventListener("abort", onAbort);
        resolve(open);
      };
      const onAbort = (): void => wake(false);
      signal.addEventListener("abort", onAbort, { once: true });
      this.#waiters.add(wake);
    });
  }

  announce(): void {
    for (const wake of [...this.#waiters]) wake(true);
  }

  close(): void {
    this.#closed = true;
    for (const wake of [...this.#waiters]) wake(false);
  }
}
