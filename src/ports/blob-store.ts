import type { BlobRef } from "#events/payload.ts";

// Payloads over the inline limit, by content. A blob is durable when `put` returns, and only then may a fact cite it.
// Every implementation and its in-memory twin pass test/contracts/blob-store.ts.
//
// B1. A blob is as old as its last `put`, also where the bytes were there before.
// B2. What was put through a handle is not removed through it, however old: the fact that cites it may still be on its
//     way to the log.

export interface StoredBlob {
  readonly ref: BlobRef;
  readonly bytes: number;
  /** When it was put, in ms since the epoch. */
  readonly writtenAt: number;
}

export interface BlobStore {
  /** Reference of these bytes, without storing them. */
  refOf(bytes: Uint8Array): BlobRef;
  /** Stores the bytes durably; the same bytes again do nothing but make the blob young. Faults: `blob-too-large`, `store-full`. */
  put(bytes: Uint8Array): Promise<BlobRef>;
  /** The bytes, verified against the reference. Faults: `blob-missing`, `blob-damaged`. */
  get(ref: BlobRef): Promise<Uint8Array>;
  has(ref: BlobRef): Promise<boolean>;
  /** What is stored, in the order of the references; what comes or goes meanwhile may be in it or not. */
  list(): AsyncIterable<StoredBlob>;
  /** Removes a blob that was put before a moment (ms since the epoch); false where it is younger, in use (B2) or gone. */
  remove(ref: BlobRef, before: number): Promise<boolean>;
}

export const MAX_BLOB_BYTES = 64 * 1024 * 1024;
