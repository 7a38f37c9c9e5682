import type { BlobRef } from "#events/payload.ts";
import type { BlobStore } from "#src/ports/blob-store.ts";
import type { Clock } from "#src/ports/clock.ts";
import { assertContent, assertSize, missing, refOfBytes } from "#src/blobs/content.ts";

// The in-memory twin of the file store. The map outlives the handle where a test passes one: that is a restart. Ages are
// those of the clock that is given.

export type BlobContents = Map<BlobRef, { readonly bytes: Uint8Array; readonly writtenAt: number }>;

/** Without a clock every blob is as old as can be. */
const TIMELESS: Pick<Clock, "now"> = { now: () => 0 };

export function memoryBlobs(contents: BlobContents = new Map(), clock: Pick<Clock, "now"> = TIMELESS): BlobStore {
  const own = new Set<BlobRef>();
  return {
    refOf: refOfBytes,
    has: async (ref) => contents.has(ref),
    put: async (bytes) => {
      assertSize(bytes);
      const ref = refOfBytes(bytes);
      own.add(ref);
      contents.set(ref, { bytes: Uint8Array.from(bytes), writtenAt: clock.now() });
      return ref;
    },
    get: async (ref) => {
      const found = contents.get(ref);
      if (found === undefined) throw missing(ref);
      return Uint8Array.from(assertContent(ref, found.bytes));
    },
    async *list() {
      for (const ref of [...contents.keys()].sort()) {
        const found = contents.get(ref);
        if (found !== undefined) yield { ref, bytes: found.bytes.length, writtenAt: found.writtenAt };
      }
    },
    remove: async (ref, before) => {
      const found = contents.get(ref);
      return found !== undefined && found.writtenAt < before && !own.has(ref) && contents.delete(ref);
    },
  };
}
