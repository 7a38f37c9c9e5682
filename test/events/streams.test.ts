import { describe, expect, it } from "vitest";
import { planId } from "#events/ids.ts";
import { partitionOf, PARTITIONS, planOfStream, planStream, SYSTEM_STREAM } from "#events/streams.ts";
import { uuidV7, uuidV8 } from "#events/ids.ts";

const PLAN = planId.parse("01890000-0000-7000-8000-000000000001");

describe("a partition", () => {
  it.each([
    ["", 0x811c9dc5],
    ["a", 0xe40c292c],
    ["b", 0xe70c2de5],
    ["foobar", 0xbf9cf968],
  ])("is the low byte of FNV-1a, 32 bit: %j", (text, hash) => {
    expect(partitionOf(text)).toBe(hash % 256);
  });

  it("takes about as many plans as any other", () => {
    const counts = new Array<number>(PARTITIONS).fill(0);
    for (let n = 0; n < 25_600; n++) {
      const random = Uint8Array.from({ length: 10 }, (_, index) => (n >> (index % 4)) & 0xff);
      counts[partitionOf(n % 2 === 0 ? uuidV8(String(n)) : uuidV7(n * 1000, random))]!++;
    }
    expect(Math.min(...counts)).toBeGreaterThan(50);
    expect(Math.max(...counts)).toBeLessThan(150);
  });
});

describe("a plan's stream", () => {
  it("carries partition and id, and leads back to the plan", () => {
    expect(planStream(PLAN)).toMatch(/^plan-[0-9a-f]{2}-01890000-0000-7000-8000-000000000001$/);
    expect(planOfStream(planStream(PLAN))).toBe(PLAN);
  });

  it("is not mistaken for another stream, nor with another partition", () => {
    const stream = planStream(PLAN);
    const elsewhere = stream.slice(5, 7) === "00" ? "01" : "00";
    for (const other of [SYSTEM_STREAM, "", "plan-", `plan-${elsewhere}-${PLAN}`, stream.toUpperCase(), `${stream}0`]) {
      expect(planOfStream(other), other).toBeUndefined();
    }
  });
});
