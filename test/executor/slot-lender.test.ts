import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { coordinatorId, type CoordinatorId } from "#events/ids.ts";
import { SlotLender, type LentOffer } from "#src/executor/slot-lender.ts";
import type { SlotToken } from "#src/ports/bus.ts";

const LEASE_MS = 4_000;
const A = coordinatorId.parse("a");
const B = coordinatorId.parse("b");

/** A coordinator as the lender sees it. */
class Borrower {
  readonly id: CoordinatorId;
  offer: LentOffer | undefined;
  readonly used = new Set<SlotToken>();
  wants = 0;
  private readonly lender: SlotLender;
  private at = 0;

  constructor(lender: SlotLender, id: CoordinatorId) {
    this.lender = lender;
    this.id = id;
  }

  get usable(): SlotToken[] {
    return (this.offer?.slots ?? []).filter((slot) => !this.used.has(slot));
  }

  hello(now = 0): void {
    const listed = [...(this.offer?.slots ?? []), ...(this.offer?.back ?? [])];
    for (const slot of this.used) if (!listed.includes(slot)) this.used.delete(slot);
    const keeps = [...this.usable, ...this.used];
    const said = { kind: "hello" as const, from: this.id, protocol: 1, version: "1", at: ++this.at, wants: this.wants };
    this.lender.hello({ ...said, heard: this.offer?.number ?? 0, keeps }, now);
  }

  /** Hears an offer. */
  hear(): void {
    this.offer = this.lender.offerTo(this.id) ?? this.offer;
  }

  use(): SlotToken | undefined {
    const [slot] = this.usable;
    if (slot !== undefined) this.used.add(slot);
    return slot;
  }

  run(slot: SlotToken | undefined, offer = this.offer?.number ?? 0): boolean {
    const call = { tool: "t", toolVersion: "1", args: {}, timeoutMs: 1, idempotencyKey: "k" };
    const key = { plan: "p" as never, step: "s", attempt: 1, epoch: 1, edition: 1 };
    const cited = slot === undefined ? {} : { slot };
    return this.lender.takes({ kind: "run", from: this.id, key, offer, ...cited, ...call });
  }
}

function twoOf(slots: number): { lender: SlotLender; a: Borrower; b: Borrower } {
  const lender = new SlotLender(slots, LEASE_MS);
  return { lender, a: new Borrower(lender, A), b: new Borrower(lender, B) };
}

const ACTIONS = ["hello", "hear", "use", "arrive", "end", "want", "expire", "idle"] as const;

/** Two coordinators of which anything is lost or late. */
class Story {
  readonly running: Borrower[] = [];
  private readonly onTheWay: { readonly by: Borrower; readonly slot: SlotToken }[] = [];
  private readonly both: { readonly lender: SlotLender; readonly a: Borrower; readonly b: Borrower };
  private now = 0;

  constructor(slots: number) {
    this.both = twoOf(slots);
  }

  do(action: (typeof ACTIONS)[number], { isA, number }: { readonly isA: boolean; readonly number: number }): void {
    const { lender, a, b } = this.both;
    const one = isA ? a : b;
    this.now += 100;
    const acts = {
      hello: () => one.hello(this.now),
      want: () => (one.wants = number),
      expire: () => lender.expire(this.now),
      hear: () => one.hear(),
      use: () => this.send(one),
      arrive: () => this.arrive(number),
      end: () => this.end(),
      idle: () => undefined,
    };
    acts[action]();
    lender.balance();
  }

  lent(): SlotToken[] {
    const { lender, a, b } = this.both;
    return [a, b].flatMap(({ id }) => {
      const offer = lender.coordinators.includes(id) ? lender.offerTo(id) : undefined;
      return offer === undefined ? [] : [...offer.slots, ...offer.back];
    });
  }

  private send(by: Borrower): void {
    const slot = by.use();
    if (slot !== undefined) this.onTheWay.push({ by, slot });
  }

  private arrive(number: number): void {
    const [run] = this.onTheWay.splice(number % Math.max(1, this.onTheWay.length), 1);
    if (run?.by.run(run.slot) === true) this.running.push(run.by);
  }

  private end(): void {
    const ended = this.running.shift();
    if (ended !== undefined) this.both.lender.ends(ended.id);
  }
}

describe("the slots of an executor", () => {
  it("are all lent to one coordinator while it is the only one", () => {
    const { lender, a } = twoOf(3);
    a.hello();
    expect(lender.balance()).toEqual([A]);
    a.hear();
    expect(a.offer).toMatchObject({ slots: [1, 2, 3], back: [], isFirst: true });
    expect(lender.balance()).toEqual([]);
  });

  it("begin one attempt each, under the number that was lent", () => {
    const { lender, a } = twoOf(1);
    a.hello();
    lender.balance();
    a.hear();
    const slot = a.use();
    expect([a.run(undefined), a.run(99), a.run(slot), a.run(slot)]).toEqual([false, false, true, false]);
    expect(lender.balance()).toEqual([]);
    lender.ends(A);
    expect(lender.balance()).toEqual([A]);
    a.hear();
    expect(a.offer?.slots).toEqual([2]);
  });

  it("that lie idle are asked back for another who wants them, and lent when the first keeps them no more", () => {
    const { lender, a, b } = twoOf(2);
    a.hello();
    lender.balance();
    a.hear();
    b.wants = 5;
    b.hello();
    expect(lender.balance()).toEqual([A, B]);
    a.hear();
    b.hear();
    expect([a.offer?.slots, a.offer?.back, b.offer?.slots]).toEqual([[1], [2], []]);
    a.hello();
    lender.balance();
    b.hear();
    expect(b.offer?.slots).toEqual([3]);
  });

  it("are not lent again while one that was asked back may have been used", () => {
    const { lender, a, b } = twoOf(1);
    a.hello();
    lender.balance();
    a.hear();
    const slot = a.use();
    b.wants = 1;
    b.hello();
    lender.balance();
    a.hear();
    b.hear();
    a.hello();
    lender.balance();
    b.hear();
    expect(b.offer?.slots).toEqual([]);
    expect(a.run(slot)).toBe(true);
  });

  it("are shared by those who want them", () => {
    const { lender, a, b } = twoOf(4);
    for (const one of [a, b]) {
      one.wants = 10;
      one.hello();
    }
    lender.balance();
    for (const one of [a, b]) one.hear();
    expect([a.offer?.slots.length, b.offer?.slots.length]).toEqual([2, 2]);
  });

  it("go to one after the other where all want more than there is", () => {
    const { lender, a, b } = twoOf(1);
    const uses: string[] = [];
    for (let round = 0; round < 10; round++) {
      for (const one of [a, b]) {
        one.wants = 5;
        one.hello();
        lender.balance();
        one.hear();
        const slot = one.use();
        if (slot === undefined || !one.run(slot)) continue;
        uses.push(one.id);
        lender.ends(one.id);
        lender.balance();
      }
    }
    expect(uses.filter((id) => id === A).length).toBeGreaterThan(3);
    expect(uses.filter((id) => id === B).length).toBeGreaterThan(3);
  });

  it("of a coordinator that was silent for the lease, or says goodbye, are lent to others", () => {
    for (const end of ["silent", "goodbye"]) {
      const { lender, a, b } = twoOf(2);
      a.hello(0);
      lender.balance();
      a.hear();
      const slot = a.use();
      b.wants = 2;
      b.hello(LEASE_MS - 1);
      lender.expire(LEASE_MS - 1);
      if (end === "silent") lender.expire(LEASE_MS);
      else lender.goodbye(A);
      lender.balance();
      b.hear();
      expect(b.offer?.slots).toHaveLength(2);
      expect(a.run(slot), end).toBe(false);
    }
  });

  it("count no more after a standstill, whatever was cited of them", () => {
    const { lender, a } = twoOf(1);
    a.hello();
    lender.balance();
    a.hear();
    const slot = a.use();
    const before = a.offer?.number;
    lender.forgetAll();
    a.hello();
    lender.balance();
    expect(a.run(slot, before)).toBe(false);
    a.hear();
    expect(a.offer).toMatchObject({ since: 2, slots: [2] });
    expect([a.run(2, before), a.run(2)]).toEqual([false, true]);
  });

  it("are all asked back, and lent no more, when it is to end", () => {
    const { lender, a } = twoOf(2);
    a.hello();
    lender.balance();
    a.hear();
    lender.drain();
    expect(lender.balance()).toEqual([A]);
    a.hear();
    expect(a.offer).toMatchObject({ slots: [], back: [2, 1] });
    a.hello();
    lender.balance();
    a.hear();
    expect(a.offer).toMatchObject({ slots: [], back: [] });
  });

  it("that a coordinator returns are lent again", () => {
    const { lender, a } = twoOf(1);
    a.hello();
    lender.balance();
    a.hear();
    lender.returns({ from: A, slot: 1 } as never);
    lender.balance();
    a.hear();
    expect(a.offer?.slots).toEqual([2]);
  });

  it("are never lent or taken twice, whatever gets lost or comes late", () => {
    const actions = fc.array(fc.tuple(fc.constantFrom(...ACTIONS), fc.boolean(), fc.nat(9)), { maxLength: 120 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), actions, (slots, told) => {
        const story = new Story(slots);
        for (const [action, isA, number] of told) {
          story.do(action, { isA, number });
          const lent = story.lent();
          expect(new Set(lent).size).toBe(lent.length);
          expect(lent.length + story.running.length).toBeLessThanOrEqual(slots);
        }
      }),
      { numRuns: 300 },
    );
  });
});
