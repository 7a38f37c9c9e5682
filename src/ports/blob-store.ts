import type { BlobRef } from "#events/payload.ts";

// Payloads over the inline limit, by content. A blob is durable when `put` returns, and only then may a fact cite it.

export interface BlobStore {
  /** Reference of these bytes, without storing them. */
  refOf(bytes: Uint8Array): BlobRef;
  /** Stores the bytes durably; the same bytes again do nothing. Faults: `blob-too-large`, `store-full`. */
  put(bytes: Uint8Array): Promise<BlobRef>;
  /** The bytes, verified against the reference. Faults: `blob-missing`, `blob-damaged`. */
  get(ref: BlobRef): Promise<Uint8Array>;
  has(ref: BlobRef): Promise<boolean>;
}

export const MAX_BLOB_BYTES = 64 * 1024 * 1024;
