import fc from "fast-check";
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  batchId,
  eventIdOf,
  MAX_EVENTS_PER_BATCH,
  newBatchId,
  newPlanId,
  planId,
  uuidV7,
  uuidV8,
} from "#events/ids.ts";

const randomBytes = fc.uint8Array({ minLength: 10, maxLength: 10 });
const moments = fc.integer({ min: 0, max: 2 ** 48 - 1 });

describe("a UUIDv7", () => {
  it("is the example of RFC 9562, A.6, for its time and random bits", () => {
    const random = Uint8Array.from([0x0c, 0xc3, 0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f]);
    expect(uuidV7(0x017f22e279b0, random)).toBe("017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
  });

  it("has its version and variant whatever the random bytes are", () => {
    fc.assert(
      fc.property(moments, randomBytes, (now, random) => {
        expect(uuidV7(now, random)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        expect(planId.safeParse(newPlanId(now, random)).success).toBe(true);
      }),
    );
  });

  it("sorts by time", () => {
    fc.assert(
      fc.property(fc.tuple(moments, moments), fc.tuple(randomBytes, randomBytes), ([a, b], [left, right]) => {
        fc.pre(a < b);
        expect(uuidV7(a, left) < uuidV7(b, right)).toBe(true);
      }),
    );
  });
});

describe("a UUIDv8", () => {
  it("follows from its parts by SHA-256, and from nothing else", () => {
    const hash = createHash("sha256").update('["tenant","key"]').digest("hex");
    const variant = ((parseInt(hash.slice(16, 18), 16) & 0x3f) | 0x80).toString(16);
    const expected = [hash.slice(0, 8), hash.slice(8, 12), `8${hash.slice(13, 16)}`];
    expect(uuidV8("tenant", "key")).toBe([...expected, variant + hash.slice(18, 20), hash.slice(20, 32)].join("-"));
    expect(uuidV8("tenant", "key")).toBe(uuidV8("tenant", "key"));
  });

  it("keeps its parts apart", () => {
    expect(uuidV8("ab", "c")).not.toBe(uuidV8("a", "bc"));
    expect(uuidV8("a")).not.toBe(uuidV8("a", ""));
    expect(planId.safeParse(uuidV8("a")).success).toBe(true);
  });
});

describe("an event's id", () => {
  const batch = newBatchId(1_000, new Uint8Array(10).fill(0xff));

  it("is its batch's id with its index in the last byte", () => {
    expect(batch).toBe("00000000-03e8-7fff-bfff-ffffffffff00");
    expect(eventIdOf(batch, 0)).toBe(batch);
    expect(eventIdOf(batch, 255)).toBe("00000000-03e8-7fff-bfff-ffffffffffff");
  });

  it("is a UUID of its own for each of the 256 events of a batch", () => {
    const ids = Array.from({ length: MAX_EVENTS_PER_BATCH }, (_, index) => eventIdOf(batch, index));
    expect(new Set(ids).size).toBe(256);
    expect(ids.filter((id) => !batchId.safeParse(id).success)).toEqual([]);
    expect([...ids].sort()).toEqual(ids);
  });

  it("does not exist beyond the largest batch", () => {
    for (const index of [-1, 256]) {
      expect(() => eventIdOf(batch, index)).toThrow(expect.objectContaining({ code: "batch-index-out-of-range" }));
    }
  });
});
