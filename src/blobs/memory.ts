import type { BlobRef } from "#events/payload.ts";
import type { BlobStore } from "#src/ports/blob-store.ts";
import { assertContent, assertSize, missing, refOfBytes } from "#src/blobs/content.ts";

// The in-memory twin of the file store. The map outlives the handle where a test passes one: that is a restart.

export type BlobContents = Map<BlobRef, Uint8Array>;

export function memoryBlobs(contents: BlobContents = new Map()): BlobStore {
  return {
    refOf: refOfBytes,
    has: async (ref) => contents.has(ref),
    put: async (bytes) => {
      assertSize(bytes);
      const ref = refOfBytes(bytes);
      contents.set(ref, Uint8Array.from(bytes));
      return ref;
    },
    get: async (ref) => {
      const bytes = contents.get(ref);
      if (bytes === undefined) throw missing(ref);
      return Uint8Array.from(assertContent(ref, bytes));
    },
  };
}
