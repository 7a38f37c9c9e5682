// What runs at once of pools, keys and resources; and who comes first.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { claimOf, tokenOf, type Claim } from "#events/claims.ts";
import { newPlanId, type PlanId } from "#events/ids.ts";
import { ReadySteps } from "#machines/ready-steps.ts";
import { limitsFrom } from "#src/config/limits.ts";
import { ClaimsLedger } from "#src/runtime/claims-ledger.ts";
import { SlotQueue } from "#src/runtime/slot-queue.ts";

const limits = limitsFrom({
  pools: { gpu: { slots: 2 } },
  keys: { "c-*": { limit: 1 } },
  resources: { db: { capacity: 5 } },
});
const pool: Claim = { kind: "pool", name: "gpu", amount: 1 };
const key: Claim = { kind: "key", name: "c-7", amount: 1 };
const db = (amount: number): Claim => ({ kind: "resource", name: "db", amount });

describe("a claim", () => {
  it("is the same after it was a token, whatever its name", () => {
    fc.assert(
      fc.property(
        fc.constantFrom<Claim["kind"]>("pool", "key", "resource"),
        fc.string({ minLength: 1 }),
        fc.double({ min: 1e-6, max: 1e6, noNaN: true }),
        (kind, name, amount) => {
          expect(claimOf(tokenOf({ kind, name, amount }))).toEqual({ kind, name, amount });
        },
      ),
    );
    expect(claimOf("lease-1")).toBeUndefined();
  });
});

describe("the ledger of claims", () => {
  it("grants what fits, by pool, by key and by amount", () => {
    const ledger = new ClaimsLedger(limits);
    ledger.take("p/a/1", [pool, db(3)].map(tokenOf));
    expect([ledger.fits("p", [pool]), ledger.fits("p", [db(2)]), ledger.fits("p", [db(3)])]).toEqual([
      true,
      true,
      false,
    ]);
    ledger.take("p/b/1", [pool, key].map(tokenOf));
    expect([ledger.fits("p", [pool]), ledger.fits("p", [key]), ledger.fits("p", [{ ...key, name: "c-8" }])]).toEqual([
      false,
      false,
      true,
    ]);
    ledger.giveBack("p/b/1");
    ledger.giveBack("p/b/1");
    expect([ledger.fits("p", [pool]), ledger.releases]).toEqual([true, 1]);
    expect(ledger.fits("p", [{ kind: "pool", name: "other", amount: 1 }])).toBe(false);
  });

  it("grants nothing while plans are taken up whose attempts in flight are not counted yet", () => {
    const ledger = new ClaimsLedger(limits);
    ledger.expect("p");
    ledger.expect("q");
    expect([ledger.fits("p", [pool]), ledger.fits("p", [])]).toEqual([false, true]);
    ledger.counted("p");
    expect([ledger.fits("p", [pool]), ledger.releases]).toEqual([false, 0]);
    ledger.take("q/a/1", [pool, pool].map(tokenOf));
    ledger.counted("q");
    ledger.counted("q");
    expect([ledger.fits("p", [pool]), ledger.fits("p", [key]), ledger.releases]).toEqual([false, true, 1]);
  });

  it("never grants more than there is, whatever comes and goes", () => {
    const moves = fc.array(
      fc.record({ attempt: fc.nat({ max: 9 }), take: fc.boolean(), amount: fc.integer({ min: 1, max: 3 }) }),
    );
    fc.assert(
      fc.property(moves, (script) => {
        const ledger = new ClaimsLedger(limits);
        for (const { attempt, take, amount } of script) {
          const claims = [pool, db(amount)];
          if (!take) ledger.giveBack(`${attempt}`);
          else if (ledger.fits("p", claims)) ledger.take(`${attempt}`, claims.map(tokenOf));
          for (const { kind, amount: held } of ledger.list()) expect(held).toBeLessThanOrEqual(kind === "pool" ? 2 : 5);
        }
      }),
    );
  });
});

const planNumber = (index: number): PlanId => newPlanId(index + 1, new Uint8Array(10));

describe("who comes first", () => {
  it("is the highest priority, and of those who began to wait first, in the queue of plans", () => {
    const wishes = fc.array(
      fc.record({ plan: fc.nat({ max: 5 }), priority: fc.integer({ min: -1, max: 1 }), took: fc.boolean() }),
    );
    fc.assert(
      fc.property(wishes, (script) => {
        const queue = new SlotQueue(() => 1);
        const waiting: { plan: PlanId; priority: number; since: number }[] = [];
        script.forEach(({ plan: number, priority, took }, since) => {
          const plan = planNumber(number);
          const known = waiting.findIndex((other) => other.plan === plan);
          const before = waiting[known];
          if (known >= 0) waiting.splice(known, 1);
          waiting.push({ plan, priority, since: took || before === undefined ? since : before.since });
          queue.set(plan, { priority, took });
          const [first] = [...waiting].sort((x, y) => y.priority - x.priority || x.since - y.since);
          expect(queue.next()).toEqual([first?.plan]);
        });
      }),
    );
  });

  it("is the same among the steps of a plan, over all its pools", () => {
    const steps = fc.uniqueArray(fc.nat({ max: 50 }), { minLength: 1 });
    const lanes = fc.array(fc.tuple(fc.integer({ min: -1, max: 1 }), fc.constantFrom("", "gpu", "cpu")), {
      minLength: 51,
      maxLength: 51,
    });
    fc.assert(
      fc.property(steps, lanes, (order, laneOf) => {
        const ready = new ReadySteps();
        for (const step of order) ready.add(step, { priority: laneOf[step]![0], pool: laneOf[step]![1] });
        const taken: number[] = [];
        while (ready.size > 0) {
          const [lane] = ready.lanes();
          const [step] = lane ?? [];
          taken.push(step!);
          ready.delete(step!);
        }
        const expected = [...order].sort(
          (x, y) => laneOf[y]![0] - laneOf[x]![0] || order.indexOf(x) - order.indexOf(y),
        );
        expect(taken).toEqual(expected);
      }),
    );
  });

  it("of those who are held for a claim is nobody, until something is given back; then each has its place again", () => {
    const queue = new SlotQueue(() => 2);
    const [one, two, three] = [planNumber(1), planNumber(2), planNumber(3)];
    for (const plan of [one, two, three]) queue.set(plan, { priority: 0 });
    queue.set(one, { priority: 0, isHeld: true });
    expect(queue.next()).toEqual([two, three]);
    queue.release();
    expect(queue.next()).toEqual([one, two]);
  });
});
