import { describe, expect, it } from "vitest";
import { SeededRandom } from "#src/testing/seeded-random.ts";
import { Deck } from "./deck.ts";

const PLANS = [
  { name: "often", weight: 3, source: "" },
  { name: "seldom", weight: 1, source: "" },
  { name: "never", weight: 0, source: "" },
];
const LOOK_EVERY_MS = 40;
const RATE = 4;

const deckAt = (time: { ms: number }, seed = 1) =>
  new Deck({ random: new SeededRandom(seed), clock: { monotonic: () => time.ms }, plans: PLANS, rate: RATE });

interface Looks {
  readonly looks: number;
  readonly underWay?: number;
}

/** What is started in so many looks, one after the other. */
function dealt(deck: Deck, time: { ms: number }, { looks, underWay = 0 }: Looks): string[] {
  return Array.from({ length: looks }, () => {
    time.ms += LOOK_EVERY_MS;
    return deck.pace({ underWay, mood: "mixed" }).map((plan) => plan?.name ?? "");
  }).flat();
}

describe("a constant load", () => {
  it("is so many plans a second, each round with each plan as often as it weighs", () => {
    const time = { ms: 0 };
    const names = dealt(deckAt(time), time, { looks: 1 + (10 * 1_000) / LOOK_EVERY_MS });
    expect(names).toHaveLength(10 * RATE);
    for (let round = 0; round < names.length; round += RATE)
      expect(names.slice(round, round + RATE).toSorted()).toEqual(["often", "often", "often", "seldom"]);
  });

  it("has an order that the seed decides", () => {
    const orders = [1, 1, 2].map((seed) => {
      const time = { ms: 0 };
      return dealt(deckAt(time, seed), time, { looks: 1_000 }).join();
    });
    expect(orders[0]).toBe(orders[1]);
    expect(orders[0]).not.toBe(orders[2]);
  });

  it("makes up for a time in which nobody was there, some at a time", () => {
    const time = { ms: 0 };
    const deck = deckAt(time);
    deck.pace({ underWay: 0, mood: "mixed" });
    time.ms += 3_000;
    expect(deck.pace({ underWay: 0, mood: "mixed" })).toHaveLength(4);
    expect(dealt(deck, time, { looks: 2 })).toHaveLength(8);
    expect(deck.held).toBe(0);
  });

  it("is held back where too much is under way, and says so", () => {
    const time = { ms: 0 };
    const deck = deckAt(time);
    expect(dealt(deck, time, { looks: 100, underWay: 100 })).toEqual([]);
    expect(deck.held).toBeGreaterThan(0);
  });
});
