import { describe, expect, it } from "vitest";
import { systemRandom } from "#src/ports/system/random.ts";

describe("the system's randomness", () => {
  it("draws numbers in [0, 1)", () => {
    const drawn = Array.from({ length: 1000 }, () => systemRandom.next());
    expect(drawn.every((number) => number >= 0 && number < 1)).toBe(true);
    expect(new Set(drawn).size).toBeGreaterThan(990);
  });

  it("gives as many bytes as asked for, never the same again", () => {
    const drawn = Array.from({ length: 100 }, () => systemRandom.bytes(10));
    expect(drawn.every((bytes) => bytes.length === 10)).toBe(true);
    expect(new Set(drawn.map((bytes) => bytes.join())).size).toBe(100);
    expect(systemRandom.bytes(0)).toHaveLength(0);
  });
});
