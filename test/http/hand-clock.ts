// A clock whose timers fire when the test says so; everything else is the machine's.
import type { Clock, Timer } from "#src/ports/clock.ts";
import { systemClock } from "#src/ports/system/clock.ts";

export class HandClock implements Clock {
  private readonly timers = new Set<{ readonly delayMs: number; readonly callback: () => void }>();

  now(): number {
    return systemClock.now();
  }

  monotonic(): number {
    return systemClock.monotonic();
  }

  after(delayMs: number, callback: () => void): Timer {
    const timer = { delayMs, callback };
    this.timers.add(timer);
    return { [Symbol.dispose]: () => this.timers.delete(timer) };
  }

  soon(callback: () => void): void {
    systemClock.soon(callback);
  }

  /** How many timers of this delay are pending. */
  pending(delayMs: number): number {
    return [...this.timers].filter((timer) => timer.delayMs === delayMs).length;
  }

  /** Fires every pending timer of this delay. */
  fire(delayMs: number): void {
    for (const timer of [...this.timers]) {
      if (timer.delayMs === delayMs && this.timers.delete(timer)) timer.callback();
    }
  }
}
