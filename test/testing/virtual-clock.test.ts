import { describe, expect, it } from "vitest";
import { sleep } from "#src/ports/clock.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { VirtualClock } from "#src/testing/virtual-clock.ts";

const DAY_MS = 86_400_000;
const { signal } = new AbortController();

describe("a virtual clock", () => {
  it("lets things happen when they are due, in their order, and what follows from each before the next", async () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    clock.after(20, () => seen.push(`b ${clock.elapsedMs}`));
    clock.after(10, () => {
      seen.push(`a ${clock.elapsedMs}`);
      void Promise.resolve().then(() => seen.push("then"));
    });
    clock.after(20, () => seen.push(`c ${clock.elapsedMs}`));
    clock.soon(() => seen.push(`soon ${clock.elapsedMs}`));
    await clock.pass(20);
    expect(seen).toEqual(["soon 0", "a 10", "then", "b 20", "c 20"]);
    expect([clock.now(), clock.monotonic()]).toEqual([Date.UTC(2026, 0, 1) + 20, 20]);
  });

  it("forgets what was cancelled or dropped, and takes no time for it", async () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    clock.after(50, () => seen.push("cancelled"))[Symbol.dispose]();
    clock.schedule(60, () => seen.push("dropped"), { isDropped: () => true });
    expect(await clock.runUntil(() => false)).toBe(false);
    expect([seen, clock.elapsedMs, clock.steps]).toEqual([[], 0, 0]);
  });

  it("stops at its bounds: a time, a number of things, or a condition", async () => {
    const clock = new VirtualClock();
    const tick = (): void => void clock.after(10, tick);
    tick();
    expect(await clock.runUntil(() => clock.elapsedMs >= 50)).toBe(true);
    expect(await clock.runUntil(() => false, { withinMs: 45 })).toBe(false);
    expect(clock.elapsedMs).toBe(95);
    const { steps } = clock;
    expect(await clock.runUntil(() => false, { maxSteps: 7 })).toBe(false);
    expect(clock.steps - steps).toBe(7);
  });

  it("gives what a promise gives once time has brought it about, and says when nothing will", async () => {
    const clock = new VirtualClock();
    expect(await clock.answer(sleep(clock, DAY_MS, signal).then(() => "done"))).toBe("done");
    expect(clock.elapsedMs).toBe(DAY_MS);
    await expect(clock.answer(sleep(clock, 5, AbortSignal.abort(new Error("no"))))).rejects.toThrow("no");
    await expect(clock.answer(new Promise(() => undefined))).rejects.toMatchObject({ code: "clock-stands" });
  });

  it("passes over housekeeping, but for what is near, and for what was set before", async () => {
    const clock = new VirtualClock({ background: "coalesced" });
    const ticks: number[] = [];
    const seen: string[] = [];
    const tick = (): void => {
      ticks.push(clock.elapsedMs);
      clock.after(1_000, tick, { background: true });
    };
    clock.after(1_000, tick, { background: true });
    clock.after(DAY_MS / 2, () => seen.push(`guard ${clock.elapsedMs}`), { background: true });
    clock.after(DAY_MS, () => seen.push(`due ${clock.elapsedMs}`));
    await clock.pass(DAY_MS + 3_500);
    expect(seen).toEqual([`guard ${DAY_MS / 2}`, `due ${DAY_MS}`]);
    expect(ticks.slice(0, 3)).toEqual([1_000, 2_000, 3_000]);
    expect(ticks.length).toBeLessThan(80);
    expect(ticks.slice(-4)).toEqual([DAY_MS, DAY_MS + 1_000, DAY_MS + 2_000, DAY_MS + 3_000]);
  });

  it("knows that nothing is left when only housekeeping goes on", async () => {
    const clock = new VirtualClock({ background: "coalesced" });
    const tick = (): void => void clock.after(1_000, tick, { background: true });
    tick();
    expect(await clock.runUntil(() => false)).toBe(false);
  });

  it("passes no faster than outside while it is held", async () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    clock.after(40, () => seen.push("due"));
    const hold = clock.hold();
    const beganMs = systemClock.monotonic();
    void sleep(systemClock, 15, signal).then(() => {
      seen.push("outside");
      hold[Symbol.dispose]();
      hold[Symbol.dispose]();
    });
    await clock.runUntil(() => seen.includes("outside"));
    expect(seen).toEqual(["outside"]);
    await clock.runUntil(() => false);
    expect(seen).toEqual(["outside", "due"]);
    expect(systemClock.monotonic() - beganMs).toBeLessThan(5_000);
    const held = clock.hold();
    clock.after(30, () => seen.push(`real ${systemClock.monotonic() - beganMs >= 45}`));
    await clock.runUntil(() => seen.length === 3);
    expect(seen[2]).toBe("real true");
    held[Symbol.dispose]();
  });
});
