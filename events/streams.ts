import { planId, type PlanId } from "#events/ids.ts";

// Names of streams. A plan's stream carries its virtual partition, so that a server-side prefix filter finds the plans
// of one partition and ownership never needs a look-up.

export type StreamName = string & { readonly __brand: "StreamName" };

export const SYSTEM_STREAM = "system" as StreamName;
const PLAN_STREAM_PREFIX = "plan-";
export const PARTITIONS = 256;

export function planStream(id: PlanId): StreamName {
  return `${PLAN_STREAM_PREFIX}${partitionOf(id).toString(16).padStart(2, "0")}-${id}` as StreamName;
}

/** The plan that a stream belongs to, or undefined for other streams and for names with a wrong partition. */
export function planOfStream(stream: string): PlanId | undefined {
  if (!stream.startsWith(PLAN_STREAM_PREFIX)) return undefined;
  const parsed = planId.safeParse(stream.slice(PLAN_STREAM_PREFIX.length + 3));
  return parsed.success && planStream(parsed.data) === stream ? parsed.data : undefined;
}

/** Virtual partition 0…255: FNV-1a (32 bit, Fowler/Noll/Vo) of the id, folded to its low byte. */
export function partitionOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < id.length; index++) {
    hash ^= id.charCodeAt(index);
    hash = Math.imul(hash, 0x01000193);
  }
  return (hash >>> 0) % PARTITIONS;
}
