import { hash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MAX_BLOB_BYTES, type BlobStore } from "#src/ports/blob-store.ts";

// What every implementation of the blob port keeps.

export interface BlobStoreHarness extends AsyncDisposable {
  readonly blobs: BlobStore;
  /** Opens the contents again. */
  reopen(): Promise<BlobStore>;
  /** Changes a byte of a stored blob behind the store's back. */
  damage(ref: string): Promise<void>;
  /** Makes a stored blob as old as this: when it was put, in ms since the epoch. */
  age(ref: string, writtenAt: number): Promise<void>;
  /** What the store's clock says. */
  now(): number;
}

const BYTES = new TextEncoder().encode("a report of some length");
const LONG_AGO = Date.UTC(2020, 0);

export function blobStoreContract(open: () => Promise<BlobStoreHarness>): void {
  describe("blobs", () => {
    let harness: BlobStoreHarness;
    let blobs: BlobStore;
    beforeEach(async () => {
      harness = await open();
      blobs = harness.blobs;
    });
    afterEach(async () => harness[Symbol.asyncDispose]());

    it("are named by the SHA-256 of their bytes, stored or not", async () => {
      expect(blobs.refOf(BYTES)).toBe(hash("sha256", BYTES));
      expect(await blobs.has(blobs.refOf(BYTES))).toBe(false);
      expect(await blobs.put(BYTES)).toBe(blobs.refOf(BYTES));
      expect(await blobs.has(blobs.refOf(BYTES))).toBe(true);
    });

    it("come back as they were, also empty ones and after opening again", async () => {
      const refs = [await blobs.put(BYTES), await blobs.put(new Uint8Array())];
      blobs = await harness.reopen();
      expect([...(await blobs.get(refs[0]!))]).toEqual([...BYTES]);
      expect(await blobs.get(refs[1]!)).toHaveLength(0);
    });

    it("may be put again and at the same time", async () => {
      const refs = await Promise.all([blobs.put(BYTES), blobs.put(BYTES), blobs.put(Uint8Array.from(BYTES))]);
      expect(new Set([...refs, await blobs.put(BYTES)]).size).toBe(1);
      expect([...(await blobs.get(refs[0]))]).toEqual([...BYTES]);
    });

    it("are a fault when missing", async () => {
      await expect(blobs.get(blobs.refOf(BYTES))).rejects.toMatchObject({ code: "blob-missing" });
    });

    it("are a fault when damaged, and heal when they are put again", async () => {
      const ref = await blobs.put(BYTES);
      await harness.damage(ref);
      await expect(blobs.get(ref)).rejects.toMatchObject({ code: "blob-damaged", details: { blob: ref } });
      await blobs.put(BYTES);
      expect([...(await blobs.get(ref))]).toEqual([...BYTES]);
    });

    it("are a fault when too large", async () => {
      const bytes = new Uint8Array(MAX_BLOB_BYTES + 1);
      await expect(blobs.put(bytes)).rejects.toMatchObject({ code: "blob-too-large", retryable: false });
    });

    it("are listed in the order of their names, with size and age", async () => {
      const texts = Array.from({ length: 40 }, (_, index) => new TextEncoder().encode("x".repeat(index)));
      const refs = await Promise.all(texts.map((text) => blobs.put(text)));
      await harness.age(refs[3]!, LONG_AGO);
      const listed = await Array.fromAsync((await harness.reopen()).list());
      expect(listed.map(({ ref }) => ref)).toEqual([...refs].sort());
      expect(new Map(listed.map(({ ref, bytes }) => [ref, bytes]))).toEqual(
        new Map(refs.map((ref, index) => [ref, index])),
      );
      const { writtenAt } = listed.find(({ ref }) => ref === refs[3])!;
      expect(writtenAt).toBe(LONG_AGO);
      const others = listed.filter(({ ref }) => ref !== refs[3]);
      expect(others.filter((blob) => Math.abs(blob.writtenAt - harness.now()) > 60_000)).toEqual([]);
    });

    it("are removed when they are older than is asked for, and only then", async () => {
      const ref = await blobs.put(BYTES);
      await harness.age(ref, LONG_AGO);
      blobs = await harness.reopen();
      expect(await blobs.remove(ref, LONG_AGO)).toBe(false);
      expect(await blobs.has(ref)).toBe(true);
      expect(await blobs.remove(ref, LONG_AGO + 1)).toBe(true);
      expect(await blobs.has(ref)).toBe(false);
      expect(await blobs.remove(ref, LONG_AGO + 1)).toBe(false);
      await expect(blobs.get(ref)).rejects.toMatchObject({ code: "blob-missing" });
      expect(await blobs.put(BYTES)).toBe(ref);
      expect([...(await blobs.get(ref))]).toEqual([...BYTES]);
    });

    it("are young again when they are put again", async () => {
      const ref = await blobs.put(BYTES);
      await harness.age(ref, LONG_AGO);
      await (await harness.reopen()).put(BYTES);
      blobs = await harness.reopen();
      expect(await blobs.remove(ref, LONG_AGO + 1)).toBe(false);
      expect(await blobs.has(ref)).toBe(true);
    });

    it("are not removed through the handle that has put them, however old", async () => {
      const ref = await blobs.put(BYTES);
      await harness.age(ref, LONG_AGO);
      expect(await blobs.remove(ref, harness.now())).toBe(false);
      expect(await blobs.has(ref)).toBe(true);
    });

    it("that are put while they are removed are there afterwards", async () => {
      const next = await harness.reopen();
      let removed = 0;
      for (let round = 0; round < 200; round++) {
        const bytes = new TextEncoder().encode(`round ${round}`);
        const ref = await blobs.put(bytes);
        await harness.age(ref, LONG_AGO);
        const removing = next.remove(ref, harness.now());
        for (let turn = 0; turn < round % 8; turn++) await new Promise((resolve) => setImmediate(resolve));
        removed += (await Promise.all([removing, next.put(bytes)]))[0] ? 1 : 0;
        expect([...(await next.get(ref))]).toEqual([...bytes]);
      }
      expect(removed).toBeGreaterThan(0);
    });

    it("are not changed by what the caller does to the bytes afterwards", async () => {
      const own = Uint8Array.from(BYTES);
      const ref = await blobs.put(own);
      own.fill(0);
      const read = await blobs.get(ref);
      read.fill(0);
      expect([...(await blobs.get(ref))]).toEqual([...BYTES]);
    });
  });
}
