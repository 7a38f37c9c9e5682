import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { sleep } from "#src/ports/clock.ts";
import { systemClock } from "#src/ports/system/clock.ts";

const FOREVER_MS = 2 ** 40;
const DAY_MS = 86_400_000;

describe("the system clock", () => {
  it("never calls back early", async () => {
    for (const delayMs of [0, 1, 2, 5, 7.5]) {
      const beganMs = systemClock.monotonic();
      await sleep(systemClock, delayMs, new AbortController().signal);
      expect(systemClock.monotonic() - beganMs).toBeGreaterThanOrEqual(delayMs);
    }
  });

  it("tells the time of the machine", () => {
    expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(1000);
    expect(systemClock.monotonic()).toBeLessThanOrEqual(systemClock.monotonic());
  });

  it("calls back soon, after what is already under way", async () => {
    const order: string[] = [];
    const done = new Promise<void>((resolve) => {
      systemClock.soon(() => {
        order.push("soon");
        resolve();
      });
    });
    await Promise.resolve().then(() => order.push("promise"));
    process.nextTick(() => order.push("tick"));
    order.push("now");
    await done;
    expect(order).toEqual(["promise", "now", "tick", "soon"]);
  });

  describe("with timers of a year", () => {
    beforeEach(() => vi.useFakeTimers());
    afterEach(() => vi.useRealTimers());

    it("waits as long as asked, also beyond what a timer of Node holds", () => {
      const delayMs = 60 * DAY_MS;
      const called = vi.fn();
      systemClock.after(delayMs, called);
      vi.advanceTimersByTime(delayMs - 1);
      expect(called).not.toHaveBeenCalled();
      vi.advanceTimersByTime(1);
      expect(called).toHaveBeenCalledOnce();
      vi.advanceTimersByTime(delayMs);
      expect(called).toHaveBeenCalledOnce();
    });

    it("stops for good, also between the parts of a long wait", () => {
      const called = vi.fn();
      const timer = systemClock.after(60 * DAY_MS, called);
      vi.advanceTimersByTime(40 * DAY_MS);
      timer[Symbol.dispose]();
      timer[Symbol.dispose]();
      vi.advanceTimersByTime(FOREVER_MS);
      expect(called).not.toHaveBeenCalled();
      expect(vi.getTimerCount()).toBe(0);
    });
  });

  it("gives a background timer no hold on the process", () => {
    const before = handles();
    const timer = systemClock.after(DAY_MS, () => undefined, { background: true });
    expect(handles()).toBe(before);
    timer[Symbol.dispose]();
    const foreground = systemClock.after(DAY_MS, () => undefined);
    expect(handles()).toBe(before + 1);
    foreground[Symbol.dispose]();
  });

  it("ends a sleep with the signal's reason", async () => {
    const controller = new AbortController();
    const sleeping = sleep(systemClock, DAY_MS, controller.signal);
    controller.abort(new Error("enough"));
    await expect(sleeping).rejects.toThrow("enough");
    await expect(sleep(systemClock, DAY_MS, controller.signal)).rejects.toThrow("enough");
  });
});

function handles(): number {
  return process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
}
