import { describe, expect, it } from "vitest";
import type { ExecutorId } from "#events/ids.ts";
import type { ExecutorAbout, Offer, SlotToken } from "#src/ports/bus.ts";
import { UNLIMITED } from "#src/ports/limits.ts";
import { attemptName, SlotLedger } from "#src/runtime/slot-ledger.ts";
import { OTHER_WORKER, WORKER } from "../machines/plans.ts";

const ABOUT = { protocol: 1, version: "1.0.0" };
const ANY = { tool: "a.tool", pool: undefined };

let numbers = 0;

/** What an executor says; each offer is newer than those before. */
function offer(executor: ExecutorId, slots: readonly SlotToken[], fields: Partial<Offer> = {}): Offer {
  const number = ++numbers;
  return { kind: "offer", executor, number, since: 1, heardAt: 0, slots, back: [], about: ABOUT, ...fields };
}

const choosy = (about: Partial<ExecutorAbout>): Partial<Offer> => ({ about: { ...ABOUT, ...about } });

describe("the slot ledger", () => {
  it("counts the slots that were lent, and takes each once", () => {
    const ledger = new SlotLedger();
    ledger.offer(offer(WORKER, [1, 2]), 0);
    expect(ledger.free).toBe(2);
    ledger.take(WORKER, "p/a/1");
    ledger.take(WORKER, "p/a/1");
    expect(ledger.free).toBe(1);
    expect(ledger.promised(WORKER, "p/a/1")).toMatchObject({ slot: 1 });
    expect(attemptName("p", "a", 1)).toBe("p/a/1");
  });

  it("has a slot again whose dispatch was refused, and not one whose attempt has ended", () => {
    const ledger = new SlotLedger();
    ledger.offer(offer(WORKER, [1, 2]), 0);
    ledger.take(WORKER, "p/a/1");
    ledger.putBack(WORKER, "p/a/1");
    expect(ledger.free).toBe(2);
    ledger.take(WORKER, "p/a/1");
    ledger.ended(WORKER, "p/a/1");
    ledger.ended(WORKER, "p/a/1");
    expect(ledger.free).toBe(1);
    ledger.offer(offer(WORKER, [1, 2]), 1);
    expect([ledger.free, ledger.kept(WORKER).keeps.length]).toEqual([1, 1]);
  });

  it("keeps a slot that it has used until its executor lists it no more", () => {
    const ledger = new SlotLedger();
    ledger.offer(offer(WORKER, [1, 2]), 0);
    ledger.take(WORKER, "p/a/1");
    ledger.offer(offer(WORKER, [1, 2]), 1);
    expect(ledger.free).toBe(1);
    expect([...ledger.kept(WORKER).keeps].sort()).toEqual([1, 2]);
    ledger.offer(offer(WORKER, [2], { back: [1] }), 2);
    expect(ledger.promised(WORKER, "p/a/1")).toMatchObject({ slot: 1 });
    ledger.offer(offer(WORKER, [2]), 3);
    expect(ledger.promised(WORKER, "p/a/1")).not.toHaveProperty("slot");
    expect(ledger.kept(WORKER).keeps).toEqual([2]);
  });

  it("gives back what it is asked for and has not used", () => {
    const ledger = new SlotLedger();
    ledger.offer(offer(WORKER, [1, 2]), 0);
    expect(ledger.offer(offer(WORKER, [1], { back: [2] }), 1)).toBe(true);
    expect(ledger.kept(WORKER).keeps).toEqual([1]);
    expect(ledger.offer(offer(WORKER, [1]), 1)).toBe(false);
  });

  it("hears nothing in an offer that is older than the newest, nor of an executor that has not said what it is", () => {
    const ledger = new SlotLedger();
    const old = offer(WORKER, [1]);
    ledger.offer(offer(WORKER, [2, 3]), 0);
    ledger.offer(old, 1);
    expect(ledger.free).toBe(2);
    const { about: _, ...unknown } = offer(OTHER_WORKER, [1]);
    ledger.offer(unknown, 1);
    expect([ledger.free, ledger.knows(OTHER_WORKER)]).toEqual([2, false]);
  });

  it("sets a slot aside for each attempt that an earlier owner dispatched, until it is sent again or has ended", () => {
    const ledger = new SlotLedger();
    for (const step of ["a", "b", "c"]) ledger.adopt(WORKER, `p/${step}/1`);
    ledger.offer(offer(WORKER, [1, 2]), 0);
    expect([ledger.free, ledger.unsureAttempts]).toEqual([0, 3]);
    expect(ledger.promised(WORKER, "p/a/1")).toMatchObject({ slot: 1 });
    ledger.ended(WORKER, "p/b/1");
    expect(ledger.free).toBe(0);
    ledger.offer(offer(WORKER, [2, 3]), 1);
    expect([ledger.free, ledger.unsureAttempts]).toEqual([1, 1]);
    expect(ledger.promised(WORKER, "p/a/1")).not.toHaveProperty("slot");
  });

  it("is not sure any more of what it had sent when an executor begins to lend anew", () => {
    const ledger = new SlotLedger();
    ledger.offer(offer(WORKER, [1]), 0);
    ledger.take(WORKER, "p/a/1");
    ledger.offer(offer(WORKER, [2, 3], { since: numbers }), 1);
    expect(ledger.free).toBe(1);
    expect(ledger.promised(WORKER, "p/a/1")).toMatchObject({ slot: 2 });
  });

  it("sets a slot aside for what an executor was promised that was given up and comes back", () => {
    const ledger = new SlotLedger();
    ledger.offer(offer(WORKER, [1]), 0);
    ledger.take(WORKER, "p/a/1");
    expect(ledger.expire(5_000, 5_000)).toEqual([WORKER]);
    ledger.offer(offer(WORKER, [2], { since: numbers }), 6_000);
    expect([ledger.free, ledger.unsureAttempts]).toEqual([0, 1]);
    expect(ledger.promised(WORKER, "p/a/1")).toMatchObject({ slot: 2 });
  });

  it("forgets what earlier owners of a plan had dispatched, and keeps what was promised here", () => {
    const ledger = new SlotLedger();
    ledger.adopt(WORKER, "p/a/1");
    ledger.offer(offer(WORKER, [1, 2]), 0);
    ledger.take(WORKER, "p/b/1");
    ledger.forgetUnsure("p");
    expect([ledger.unsureAttempts, ledger.free]).toEqual([0, 1]);
    expect([...ledger.kept(WORKER).keeps].sort()).toEqual([1, 2]);
  });

  it("keeps nothing for the attempts of a plan that it has left", () => {
    const ledger = new SlotLedger();
    ledger.adopt(WORKER, "p/a/1");
    ledger.offer(offer(WORKER, [1, 2, 3]), 0);
    ledger.take(WORKER, "p/b/1");
    ledger.take(WORKER, "q/b/1");
    ledger.forget("p");
    expect([ledger.unsureAttempts, ledger.free]).toEqual([0, 1]);
    expect([...ledger.kept(WORKER).keeps].sort()).toEqual([2, 3]);
  });

  it("names the executor with most free slots", () => {
    const ledger = new SlotLedger();
    ledger.offer(offer(WORKER, [1, 2]), 0);
    ledger.offer(offer(OTHER_WORKER, [1, 2, 3]), 0);
    expect(ledger.freest(ANY)).toBe(OTHER_WORKER);
    ledger.take(OTHER_WORKER, "p/a/1");
    ledger.take(OTHER_WORKER, "p/b/1");
    expect(ledger.freest(ANY)).toBe(WORKER);
  });

  it("chooses by tool and pool where executors name theirs", () => {
    const ledger = new SlotLedger();
    ledger.offer(offer(WORKER, [1, 2, 3], choosy({ pool: "gpu" })), 0);
    ledger.offer(offer(OTHER_WORKER, [1], choosy({ tools: ["a.tool"] })), 0);
    expect(ledger.freest({ tool: "b.tool", pool: "gpu" })).toBe(WORKER);
    expect(ledger.freest({ tool: "a.tool", pool: undefined })).toBe(OTHER_WORKER);
    expect(ledger.freest({ tool: "a.tool", pool: "cpu" })).toBe(OTHER_WORKER);
    expect(ledger.freest({ tool: "b.tool", pool: undefined })).toBeUndefined();
  });

  it("lets those look again who found no executor that suits, when one of them has slots", () => {
    const ledger = new SlotLedger();
    const before = ledger.claims.releases;
    ledger.offer(offer(WORKER, [1]), 0);
    expect(ledger.claims.releases).toBe(before);
    ledger.offer(offer(OTHER_WORKER, [1], choosy({ pool: "gpu" })), 0);
    expect(ledger.claims.releases).toBe(before + 1);
  });

  it("forgets an executor that was silent for the lease, or has gone, with its slots", () => {
    const ledger = new SlotLedger();
    ledger.offer(offer(WORKER, [1, 2]), 0);
    ledger.offer(offer(OTHER_WORKER, [1]), 3_000);
    expect(ledger.expire(4_999, 5_000)).toEqual([]);
    expect(ledger.alive(WORKER, 2_000)).toBe(true);
    expect(ledger.expire(5_000, 5_000)).toEqual([]);
    expect(ledger.expire(7_000, 5_000)).toEqual([WORKER]);
    expect([ledger.knows(WORKER), ledger.alive(WORKER, 7_000)]).toEqual([false, false]);
    expect(ledger.free).toBe(1);
    ledger.gone(OTHER_WORKER);
    expect([ledger.free, ledger.all.length]).toEqual([0, 0]);
  });

  it("uses slots only as long as executors surely lend them, from what it said last that they heard", () => {
    let now = 1_000;
    const ledger = new SlotLedger(UNLIMITED, { now: () => now, leaseMs: 4_000 });
    ledger.offer(offer(WORKER, [1, 2], { heardAt: 500 }), now);
    now = 3_699;
    expect([ledger.free, ledger.freest(ANY)]).toEqual([2, WORKER]);
    now = 3_700;
    expect([ledger.free, ledger.freest(ANY)]).toEqual([0, undefined]);
    ledger.offer(offer(WORKER, [1, 2], { heardAt: 3_500 }), now);
    expect(ledger.free).toBe(2);
  });
});
