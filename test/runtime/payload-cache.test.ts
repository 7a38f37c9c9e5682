import { describe, expect, it } from "vitest";
import { PayloadCache } from "#src/runtime/payload-cache.ts";

const MIB = 1024 * 1024;

/** Which of the values are there. */
const inMemory = (cache: PayloadCache, ...refs: readonly string[]) => refs.filter((ref) => cache.has(ref));

describe("the values of blobs in memory", () => {
  it("leave when there are too many, those first that were not read for longest", () => {
    const cache = new PayloadCache(3 * MIB);
    for (const ref of ["a", "b", "c"]) cache.add(ref, ref, MIB);
    expect(cache.get("a")).toBe("a");
    cache.add("d", "d", MIB);
    expect(inMemory(cache, "a", "b", "c", "d")).toEqual(["a", "c", "d"]);
  });

  it("over the limit stay by themselves until the next one comes", () => {
    const cache = new PayloadCache(MIB);
    cache.add("a", "a", 1);
    cache.add("vast", "vast", 3 * MIB);
    expect(inMemory(cache, "a", "vast")).toEqual(["vast"]);
    cache.add("b", "b", 1);
    expect(inMemory(cache, "vast", "b")).toEqual(["b"]);
  });

  it("stay up to a smaller limit when a turn has ended", () => {
    const cache = new PayloadCache();
    const refs = Array.from({ length: 20 }, (_, index) => `${index}`);
    for (const ref of refs) cache.add(ref, ref, MIB);
    expect(inMemory(cache, ...refs)).toHaveLength(20);
    cache.endTurn();
    expect(inMemory(cache, ...refs)).toEqual(refs.slice(12));
  });

  it("that are large leave with the turn that read them, and stay once they are asked for again", () => {
    const cache = new PayloadCache();
    cache.add("small", "small", MIB);
    cache.add("large", "large", 10 * MIB);
    cache.endTurn();
    expect(inMemory(cache, "small", "large")).toEqual(["small"]);
    cache.add("large", "large", 10 * MIB);
    for (let turn = 0; turn < 3; turn++) cache.endTurn();
    expect(cache.get("large")).toBe("large");
    expect(cache.bytesOf("large")).toBe(10 * MIB);
  });
});
