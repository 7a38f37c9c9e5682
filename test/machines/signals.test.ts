import { describe, expect, it } from "vitest";
import { inline } from "#events/payload.ts";
import { Signals, type KeptSignal } from "#machines/signals.ts";

const sent = (number: number, name = "go", expiresAt = 0): KeptSignal => {
  return { number, name, payload: inline(number), by: "os:alice", at: number, expiresAt };
};

function kept(...signals: readonly KeptSignal[]): Signals {
  const found = new Signals();
  for (const signal of signals) found.keep(signal);
  return found;
}

describe("signals on their way", () => {
  it("are listed in the order in which they came, and counted even when none is kept any more", () => {
    const signals = kept(sent(1), sent(2, "stop"), sent(3));
    expect(signals.list().map(({ number }) => number)).toEqual([1, 2, 3]);
    expect(signals.take(2)).toEqual(sent(2, "stop"));
    expect(signals.take(2)).toBeUndefined();
    expect({ size: signals.size, count: signals.count }).toEqual({ size: 2, count: 3 });
    signals.take(1);
    signals.take(3);
    expect({ size: signals.size, count: signals.count }).toEqual({ size: 0, count: 3 });
  });

  it("are counted by their numbers, in whatever order a snapshot gives them", () => {
    expect(kept(sent(5), sent(2)).count).toBe(5);
  });

  it("go to who waits for their name, the first one to the first", () => {
    const signals = kept(sent(1, "stop"), sent(2), sent(3));
    expect(signals.next()).toBeUndefined();
    signals.listen("other", 9);
    expect(signals.next()).toBeUndefined();
    signals.listen("go", 7);
    signals.listen("go", 8);
    expect(signals.next()).toEqual({ signal: sent(2), step: 7 });
    signals.take(2);
    signals.leave("go", 7);
    expect(signals.next()).toEqual({ signal: sent(3), step: 8 });
    signals.take(3);
    expect(signals.next()).toBeUndefined();
  });

  it("are awaited as long as one step waits for any name", () => {
    const signals = kept(sent(1));
    expect(signals.isAwaited).toBe(false);
    signals.listen("go", 1);
    signals.listen("go", 2);
    signals.leave("go", 1);
    signals.leave("stop", 2);
    expect(signals.isAwaited).toBe(true);
    signals.leave("go", 2);
    expect(signals.isAwaited).toBe(false);
    signals.listen("go", 3);
    signals.clearListeners();
    expect([signals.isAwaited, signals.next()]).toEqual([false, undefined]);
  });

  it("expire the earliest first, and some never", () => {
    expect(kept(sent(1)).firstToExpire()).toBeUndefined();
    expect(kept(sent(1), sent(2, "go", 90), sent(3, "go", 40), sent(4, "stop", 60)).firstToExpire()?.number).toBe(3);
    expect(kept(sent(1, "go", 40), sent(2, "go", 40)).firstToExpire()?.number).toBe(1);
  });
});

describe("ids of signals", () => {
  it("are known until a thousand others have come", () => {
    const signals = new Signals();
    for (let index = 0; index < 1_000; index++) signals.remember(`id-${index}`);
    expect([signals.isKnown("id-0"), signals.rememberedIds().length]).toEqual([true, 1_000]);
    signals.remember("id-1000");
    expect(signals.rememberedIds()).toHaveLength(1_000);
    expect(["id-0", "id-1", "id-1000"].map((id) => signals.isKnown(id))).toEqual([false, true, true]);
    signals.remember("id-1");
    expect(signals.isKnown("id-2")).toBe(true);
  });
});
