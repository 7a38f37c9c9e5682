import type { Clock, Timer } from "#src/ports/clock.ts";

// The machine's own clock and timers: the only place that reads time or waits.
//
// C1. A callback never comes early: Node may fire a timer up to a millisecond before its time, so what is left is
//     waited for again.
// C2. A delay beyond what Node's timers hold is waited for in parts; Node itself would fire at once.

/** Longest delay that `setTimeout` keeps (a signed 32-bit number of milliseconds). */
const MAX_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (delayMs, callback, options = {}) => startTimer(delayMs, callback, options.background ?? false),
  soon: (callback) => {
    setImmediate(callback);
  },
};

function startTimer(delayMs: number, callback: () => void, background: boolean): Timer {
  const dueMs = performance.now() + delayMs;
  let handle: NodeJS.Timeout;
  const arm = (leftMs: number): void => {
    handle = setTimeout(
      () => {
        const stillMs = dueMs - performance.now();
        if (stillMs > 0) arm(stillMs);
        else callback();
      },
      Math.min(Math.ceil(leftMs), MAX_TIMER_MS),
    );
    if (background) handle.unref();
  };
  arm(Math.max(delayMs, 0));
  return { [Symbol.dispose]: () => clearTimeout(handle) };
}
