import { describe, expect, it } from "vitest";
import { isDeeperThan, json } from "#events/json.ts";
import { payload } from "#events/payload.ts";

function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}

describe("a JSON value", () => {
  it("is there: what is missing is none", () => {
    expect([null, 0, "", false, [], {}].map((value) => json.safeParse(value).success)).not.toContain(false);
    expect(json.safeParse(undefined).success).toBe(false);
    expect(payload.safeParse({}).success).toBe(false);
  });
});

describe("the depth of a value", () => {
  it("counts lists and objects within each other", () => {
    for (const flat of [1, "[[[[", null, undefined]) expect(isDeeperThan(flat, 0)).toBe(false);
    for (const levels of [1, 2, 256]) {
      expect(isDeeperThan(nested(levels), levels)).toBe(false);
      expect(isDeeperThan(nested(levels), levels - 1)).toBe(true);
    }
    expect(isDeeperThan([1, { a: [] }, 2], 3)).toBe(false);
    expect(isDeeperThan([1, { a: [] }, 2], 2)).toBe(true);
  });

  it("is found out for a million levels, and for a value that contains itself many times over", () => {
    expect(isDeeperThan(nested(1_000_000), 256)).toBe(true);
    const round: unknown[] = [];
    round.push(round, round, round, { a: round, b: round });
    expect(isDeeperThan(round, 256)).toBe(true);
  });

  it("is found out where a part stands in more places than anybody could look at", () => {
    let doubled: unknown[] = [];
    for (let level = 1; level < 60; level++) doubled = [doubled, doubled];
    expect(isDeeperThan(doubled, 60)).toBe(false);
    expect(isDeeperThan(doubled, 59)).toBe(true);
    // Nothing is found on the way to the one that is deep.
    expect(isDeeperThan([doubled, nested(70)], 60)).toBe(true);
  });
});
