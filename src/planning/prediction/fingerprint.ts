import { createHash } from "node:crypto";
import type { Example } from "#src/planning/prediction/predictor.ts";

/** SHA-256 as 64 hex digits. */
export function sha256Bytes(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** What a model was learned from, as one number: other examples, or the same in another order, have another. */
export function fingerprintOf(examples: readonly Example[]): string {
  const hash = createHash("sha256");
  for (const { request, chain, steps = [] } of examples) hash.update(`${JSON.stringify([request, chain, steps])}\n`);
  return hash.digest("hex");
}
