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
}

const BYTES = new TextEncoder().encode("a report of some length");

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
