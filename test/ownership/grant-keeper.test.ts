// Pools, keys and resources of several owners: never more than there is, whoever asks, and everybody gets some.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Claim } from "#events/claims.ts";
import { partitionOf } from "#events/streams.ts";
import { limitsFrom } from "#src/config/limits.ts";
import { bookKey } from "#src/ownership/limit-words.ts";
import { Yard, type Owner } from "./yard.ts";

const limits = limitsFrom({
  pools: { gpu: { slots: 2 } },
  keys: { "c-*": { limit: 1 } },
  resources: { db: { capacity: 5 } },
});
const pool: Claim = { kind: "pool", name: "gpu", amount: 1 };
const key: Claim = { kind: "key", name: "c-7", amount: 1 };
const db = (amount: number): Claim => ({ kind: "resource", name: "db", amount });
const PLANS = ["p", "q", "r", "s"];

function yardOf(options: { readonly owners: number; readonly isCounted?: boolean }): Yard {
  const yard = new Yard(limits, options);
  PLANS.forEach((plan, index) => {
    const owner = yard.owners[index % options.owners];
    if (owner !== undefined) yard.give(plan, owner);
  });
  return yard;
}

function two(yard: Yard): readonly [Owner, Owner] {
  const [a, b] = yard.owners;
  if (a === undefined || b === undefined) throw new Error("there are two");
  return [a, b];
}

describe("limits that owners share", () => {
  it("belong to plans of different partitions", () => {
    expect(new Set(PLANS.map(partitionOf)).size).toBe(PLANS.length);
  });

  it("are granted to who wants them, and to the next one when they are given back", async () => {
    const yard = yardOf({ owners: 2 });
    const [a, b] = two(yard);
    expect(a.start("p/x/1", [key])).toBe(false);
    await yard.clock.pass(1);
    expect([a.start("p/x/1", [key]), b.start("q/x/1", [key])]).toEqual([true, false]);
    await yard.clock.pass(100);
    expect(b.start("q/x/1", [key])).toBe(false);
    a.end("p/x/1");
    await yard.clock.pass(1);
    expect([b.start("q/x/1", [key]), a.start("p/x/2", [key])]).toEqual([true, false]);
  });

  it("stay for a moment with who used them last, while nobody waits", async () => {
    const yard = yardOf({ owners: 2 });
    const [a, b] = two(yard);
    a.start("p/x/1", [key]);
    await yard.clock.pass(1);
    a.start("p/x/1", [key]);
    a.end("p/x/1");
    await yard.clock.pass(1);
    const { revision } = yard.book.entries.get(bookKey("key:c-7")) ?? {};
    expect(a.start("p/x/2", [key])).toBe(true);
    await yard.clock.pass(1);
    expect(yard.book.entries.get(bookKey("key:c-7"))?.revision).toBe(revision);
    a.end("p/x/2");
    await yard.clock.pass(2_000);
    expect(yard.book.entries.get(bookKey("key:c-7"))?.value).toEqual({});
    expect(b.start("q/x/1", [key])).toBe(false);
  });

  it("are held by what is in flight when a partition gets another owner, and are free again when it has ended there", async () => {
    const yard = yardOf({ owners: 2 });
    const [a, b] = two(yard);
    a.start("p/x/1", [key]);
    await yard.clock.pass(1);
    a.start("p/x/1", [key]);
    yard.give("p", b);
    await yard.clock.pass(100);
    a.start("r/x/1", [key]);
    await yard.clock.pass(100);
    expect(a.start("r/x/1", [key])).toBe(false);
    b.end("p/x/1");
    await yard.clock.pass(1);
    expect(a.start("r/x/1", [key])).toBe(true);
  });

  it("are not handed out before every partition of new leases was counted once", async () => {
    const yard = yardOf({ owners: 1, isCounted: false });
    const [a] = yard.owners;
    a?.start("p/x/1", [key]);
    await yard.clock.pass(2_000);
    expect(a?.start("p/x/1", [key])).toBe(false);
    const rest = new Set(Array.from({ length: 5_000 }, (_, index) => `plan-${index}`));
    const taken = new Set(PLANS.map(partitionOf));
    for (const plan of rest) {
      if (taken.has(partitionOf(plan)) || a === undefined) continue;
      taken.add(partitionOf(plan));
      yard.give(plan, a);
    }
    await yard.clock.pass(300);
    expect(a?.start("p/x/1", [key])).toBe(true);
  });

  it("are not used while it is unknown whether they were given back", async () => {
    const yard = yardOf({ owners: 2 });
    const [a, b] = two(yard);
    a.start("p/x/1", [key]);
    await yard.clock.pass(1);
    a.start("p/x/1", [key]);
    b.start("q/x/1", [key]);
    await yard.clock.pass(1);
    a.losesAnswers = true;
    a.end("p/x/1");
    expect(a.start("p/x/2", [key])).toBe(false);
    await yard.clock.pass(1);
    expect([a.start("p/x/2", [key]), b.start("q/x/1", [key])]).toEqual([false, true]);
  });

  it("come in turn: who wants many does not keep others waiting until it has them all", async () => {
    const yard = yardOf({ owners: 2 });
    const [a, b] = two(yard);
    a.start("p/x/1", [pool]);
    a.start("r/x/1", [pool]);
    await yard.clock.pass(1);
    a.start("p/x/1", [pool]);
    a.start("r/x/1", [pool]);
    a.claims.wants(
      "p",
      Array.from({ length: 8 }, () => [pool]),
    );
    await yard.clock.pass(1);
    b.start("q/x/1", [pool]);
    await yard.clock.pass(1);
    a.end("p/x/1");
    a.end("r/x/1");
    await yard.clock.pass(1);
    expect([a.start("p/x/2", [pool]), b.start("q/x/1", [pool])]).toEqual([true, true]);
  });

  it("are not used by a partition's new owner before its own word: an earlier owner's may be on its way", async () => {
    const yard = yardOf({ owners: 2 });
    const [a, b] = two(yard);
    a.start("p/x/1", [key]);
    await yard.clock.pass(1);
    a.start("p/x/1", [key]);
    a.end("p/x/1");
    await yard.clock.pass(1);
    b.claims.wants("p", [[key]]);
    yard.give("p", b);
    expect(b.start("p/x/2", [key])).toBe(false);
    await yard.clock.pass(1);
    expect(b.start("p/x/2", [key])).toBe(true);
  });

  it("are granted to an attempt that was found too late for the count before it is sent", async () => {
    const yard = yardOf({ owners: 2 });
    const [a, b] = two(yard);
    b.start("q/x/1", [key]);
    await yard.clock.pass(1);
    b.start("q/x/1", [key]);
    a.claims.adopt("p/x/1", ["key:1:c-7"]);
    await yard.clock.pass(300);
    expect([a.claims.covers("p/x/1"), b.claims.covers("q/x/1")]).toEqual([false, true]);
    b.end("q/x/1");
    await yard.clock.pass(1);
    expect(a.claims.covers("p/x/1")).toBe(true);
  });

  it("never hold more than there is, and everybody gets some, whatever is lost and whoever owns what", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(move, { minLength: 10, maxLength: 80 }), async (script) => {
        const yard = yardOf({ owners: 3 });
        const owned = new Map(PLANS.map((plan, index) => [plan, index % 3]));
        for (const one of script) {
          await MOVES[one.what](one, yard, owned);
          expect([yard.sumOf(pool) <= 2, yard.sumOf(key) <= 1, yard.sumOf(db(1)) <= 5]).toEqual([true, true, true]);
          await yard.clock.pass(1);
        }
        await everybodyGets([pool, db(4), key], yard, owned);
      }),
      { numRuns: 150 },
    );
  });
});

/** One after the other, when nothing runs, nobody wants anything else and no answer is lost. */
async function everybodyGets(claims: readonly Claim[], yard: Yard, owned: Map<string, number>): Promise<void> {
  for (const owner of yard.owners) owner.losesAnswers = false;
  for (const attempt of yard.running.keys()) ownerIn(yard, owned, attempt.charAt(0)).end(attempt);
  for (const plan of PLANS) ownerIn(yard, owned, plan).claims.wants(plan, []);
  for (const plan of PLANS) {
    const owner = ownerIn(yard, owned, plan);
    for (let tries = 0; !owner.start(`${plan}/last/1`, claims); tries++) {
      expect(tries, `${plan} gets what it wants`).toBeLessThan(20);
      await yard.clock.pass(500);
    }
    owner.end(`${plan}/last/1`);
  }
}

interface Move {
  readonly plan: string;
  readonly what: "start" | "end" | "move" | "lose" | "hear" | "wait";
  readonly number: number;
  readonly claims: readonly Claim[];
}

const move: fc.Arbitrary<Move> = fc.record({
  plan: fc.constantFrom(...PLANS),
  what: fc.constantFrom("start", "end", "move", "lose", "hear", "wait"),
  number: fc.nat({ max: 2 }),
  claims: fc.constantFrom([pool], [key], [db(3)], [pool, db(2)], [db(5), key], [pool, db(1), key]),
});

/** `owned`: the number of the owner of each plan. */
type Make = (move: Move, yard: Yard, owned: Map<string, number>) => void | Promise<void>;

const ownerIn = (yard: Yard, owned: Map<string, number>, plan: string): Owner => {
  const owner = yard.owners[owned.get(plan) ?? 0];
  if (owner === undefined) throw new Error(`somebody owns ${plan}`);
  return owner;
};

const MOVES: Readonly<Record<Move["what"], Make>> = {
  start: ({ plan, number, claims }, yard, owned) => {
    const attempt = `${plan}/${number}/1`;
    if (!yard.running.has(attempt)) ownerIn(yard, owned, plan).start(attempt, claims);
  },
  end: ({ plan, number }, yard, owned) => {
    const attempt = `${plan}/${number}/1`;
    if (yard.running.has(attempt)) ownerIn(yard, owned, plan).end(attempt);
  },
  move: ({ plan, number }, yard, owned) => {
    owned.set(plan, number);
    yard.give(plan, ownerIn(yard, owned, plan));
  },
  lose: ({ plan }, yard, owned) => {
    ownerIn(yard, owned, plan).losesAnswers = true;
  },
  hear: ({ plan }, yard, owned) => {
    ownerIn(yard, owned, plan).losesAnswers = false;
  },
  wait: ({ number }, yard) => yard.clock.pass(number * 400),
};
