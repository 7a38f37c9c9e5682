import { hash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { blobRef, type BlobRef } from "#events/payload.ts";
import { RefSet } from "#src/blobs/ref-set.ts";

const MIB = 1024 * 1024;

const numbered = (index: number): BlobRef => blobRef.parse(hash("sha256", `${index}`));

/** Near each other, so that they fall into the same slots, the zero key and the last slot among them. */
const crowded = fc
  .tuple(fc.constantFrom("00000000", "00000001", "ffffffff", "000003ff"), fc.integer({ min: 0, max: 40 }))
  .map(([first, rest]) => blobRef.parse(first + rest.toString(16).padStart(24, "0") + "0".repeat(32)));

describe("a set of references", () => {
  it("says what a set of texts says", () => {
    fc.assert(
      fc.property(fc.array(crowded, { maxLength: 200 }), fc.array(crowded, { maxLength: 50 }), (added, asked) => {
        const set = new RefSet();
        const plain = new Set<string>();
        for (const ref of added) {
          expect(set.add(ref)).toBe(!plain.has(ref));
          plain.add(ref);
        }
        expect(set.size).toBe(plain.size);
        for (const ref of [...added, ...asked]) expect(set.has(ref)).toBe(plain.has(ref));
      }),
    );
  });

  it("forgets none while it grows", () => {
    const set = new RefSet();
    for (let index = 0; index < 20_000; index++) set.add(numbered(index));
    expect(set.size).toBe(20_000);
    for (let index = 0; index < 20_000; index++) expect(set.has(numbered(index))).toBe(true);
    for (let index = 20_000; index < 30_000; index++) expect(set.has(numbered(index))).toBe(false);
  });

  it("takes 32 MiB for a million", () => {
    const set = new RefSet();
    let seed = 1;
    const word = (): string => {
      seed = (Math.imul(seed, 0x915f77f5) + 0x6a09e667) >>> 0;
      return seed.toString(16).padStart(8, "0");
    };
    while (set.size < 1_000_000) set.add((word() + word() + word() + word()) as BlobRef);
    expect(set.byteLength).toBe(32 * MIB);
  });
});
