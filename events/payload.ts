import { z } from "zod";
import { json, type Json } from "#events/json.ts";

// A value that a fact carries: inline up to the limit, else a reference to a blob that was durable before the fact was
// appended. The reference is the SHA-256 of the blob's bytes (UTF-8 JSON text), so equal values share one blob and a
// changed blob is noticed.

/** JSON text longer than this many bytes (UTF-8) is kept as a blob. */
export const INLINE_LIMIT_BYTES = 32 * 1024;

export const blobRef = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .brand<"BlobRef">();
export type BlobRef = z.infer<typeof blobRef>;

export const payload = z.union([z.object({ inline: json }), z.object({ blob: blobRef, bytes: z.number() })]);
export type Payload = z.infer<typeof payload>;

export function inline(value: Json): Payload {
  return { inline: value };
}

/** The value of a payload, given the blobs loaded so far; undefined when its blob is not among them. */
export function valueOf(source: Payload, blobs: { get(ref: string): Json | undefined }): Json | undefined {
  return "inline" in source ? source.inline : blobs.get(source.blob);
}
