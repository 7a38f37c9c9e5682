import type { Json } from "#events/json.ts";

/** Payloads kept as blobs, as far as they are loaded. */
export interface Blobs {
  get(ref: string): Json | undefined;
  /** Why a blob cannot be had, where loading it was tried in vain. */
  problem?(ref: string): string | undefined;
}

export const NO_BLOBS: Blobs = { get: () => undefined };
