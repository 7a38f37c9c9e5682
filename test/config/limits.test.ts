import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { limitsFrom } from "#src/config/limits.ts";
import { UNLIMITED } from "#src/ports/limits.ts";

const LIMITS = limitsFrom({
  pools: { gpu: { slots: 2 }, constructor: { slots: 3 } },
  keys: {
    "customer-*": { limit: 4 },
    "customer-vip-*": { limit: 8 },
    "customer-7": { limit: 1 },
    "*": { limit: 16 },
  },
  resources: { tokens: { capacity: 1_000.5 } },
});

describe("the limit of a key", () => {
  it.each([
    ["customer-7", 1, "exactly its text"],
    ["customer-70", 4, "the prefix"],
    ["customer-", 4, "the prefix alone"],
    ["customer-vip-1", 8, "the longest prefix"],
    ["customer-vip", 4, "a shorter prefix, where the longer one does not fit"],
    ["customer", 16, "what stands for every key"],
    ["", 16, "what stands for every key"],
    ["*", 16, "its own text"],
  ])("of %j is %d: %s", (key, limit) => {
    expect(LIMITS.key(key)).toBe(limit);
  });

  it("is 1 where nothing is declared for it", () => {
    expect(limitsFrom().key("anything")).toBe(1);
    expect(limitsFrom({ keys: { "a-*": { limit: 5 } } }).key("b-1")).toBe(1);
    expect(limitsFrom({ keys: { "a-*": { limit: 5 } } }).key("__proto__")).toBe(1);
  });

  it("does not depend on the order of the entries", () => {
    const entries = [
      ["a*", 2],
      ["ab*", 3],
      ["abc", 4],
      ["*", 5],
    ] as const;
    fc.assert(
      fc.property(
        fc.shuffledSubarray([...entries], { minLength: entries.length }),
        fc.stringMatching(/^[abc]{0,5}$/),
        (shuffled, key) => {
          const declared = (of: readonly (readonly [string, number])[]) =>
            limitsFrom({ keys: Object.fromEntries(of.map(([name, limit]) => [name, { limit }])) });
          expect(declared(shuffled).key(key)).toBe(declared(entries).key(key));
        },
      ),
    );
  });
});

describe("the limits of pools and resources", () => {
  it("are those that are declared, and no others", () => {
    expect(LIMITS.pool("gpu")).toBe(2);
    expect(LIMITS.pool("constructor")).toBe(3);
    expect(LIMITS.pool("cpu")).toBeUndefined();
    expect(LIMITS.pool("toString")).toBeUndefined();
    expect(LIMITS.resource("tokens")).toBe(1_000.5);
    expect(LIMITS.resource("gpu")).toBeUndefined();
  });

  it("are none in the twin without limits", () => {
    expect([UNLIMITED.pool("gpu"), UNLIMITED.key("k"), UNLIMITED.resource("r")]).toEqual([
      Infinity,
      Infinity,
      Infinity,
    ]);
  });
});
