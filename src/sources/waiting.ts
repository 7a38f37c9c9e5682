import type { Clock, Timer } from "#src/ports/clock.ts";
import { ToolFailure } from "#src/tools/define.ts";

/** Whoever waits may stop, and gets the signal's reason; what is waited for goes on for others. */
export function waited<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason instanceof Error ? signal.reason : new Error("aborted"));
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
    void work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}

/** Aborts when the time is over, or when `outer` does. */
export class Deadline implements Disposable {
  readonly signal: AbortSignal;
  private readonly timer: Timer;

  constructor(limitMs: number, clock: Clock, outer: AbortSignal) {
    const controller = new AbortController();
    const message = `it did not answer within ${limitMs} ms`;
    this.timer = clock.after(limitMs, () => {
      controller.abort(new ToolFailure("timeout", message, { code: "source-unavailable" }));
    });
    this.signal = AbortSignal.any([controller.signal, outer]);
  }

  [Symbol.dispose](): void {
    this.timer[Symbol.dispose]();
  }
}
