import { hash } from "node:crypto";
import { Fault } from "#events/fault.ts";
import type { BlobRef } from "#events/payload.ts";
import { MAX_BLOB_BYTES } from "#src/ports/blob-store.ts";

// What a blob's reference says about its bytes, the same for every store of them.

/** SHA-256 of the bytes, in hex. */
export function refOfBytes(bytes: Uint8Array): BlobRef {
  return hash("sha256", bytes) as BlobRef;
}

/** Fault: `blob-too-large`. */
export function assertSize(bytes: Uint8Array): void {
  if (bytes.length <= MAX_BLOB_BYTES) return;
  throw new Fault("blob-too-large", `a value of ${bytes.length} bytes is over the limit of ${MAX_BLOB_BYTES}`, {
    details: { bytes: bytes.length, limit: MAX_BLOB_BYTES },
  });
}

/** The bytes, if they are what the reference names. Fault: `blob-damaged`. */
export function assertContent(ref: BlobRef, bytes: Uint8Array): Uint8Array {
  if (refOfBytes(bytes) === ref) return bytes;
  throw new Fault("blob-damaged", `blob ${ref} has changed since it was written; restore it from a copy`, {
    details: { blob: ref },
  });
}

export function missing(ref: BlobRef, cause?: unknown): Fault<"blob-missing"> {
  return new Fault("blob-missing", `blob ${ref} is not in the store; restore it from a copy`, {
    details: { blob: ref },
    cause,
  });
}
