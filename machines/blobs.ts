import type { Json } from "#events/json.ts";
import type { PreparedDefinitions } from "#machines/prepared.ts";

/** What folding and deciding find at hand beside the state: payloads kept as blobs, as far as they are loaded. */
export interface Blobs {
  get(ref: string): Json | undefined;
  /** Why a blob cannot be had, where loading it was tried in vain. */
  problem?(ref: string): string | undefined;
  readonly prepared?: PreparedDefinitions;
}

export const NO_BLOBS: Blobs = { get: () => undefined };
