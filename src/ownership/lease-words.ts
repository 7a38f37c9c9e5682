import { z } from "zod";
import type { Json } from "#events/json.ts";

// What the leases say: who is there (`member.ID`, whether it is about to go, and which limits it goes by), who owns a partition
// (`partition.ff`), from which number the epochs of these leases count (`epochs`), and what is granted of limits (`limits.ff`,
// see limit-words).

export const MEMBER = "member.";
export const PARTITION = "partition.";
export const EPOCHS = "epochs";

const partitionLease = z.object({ owner: z.string().nullable() });
const leavingLease = z.object({ leaves: z.literal(true) });
const limitsLease = z.object({ limits: z.string() });
const epochsLease = z.object({ base: z.int().min(0) });

export function partitionKey(partition: number): string {
  return `${PARTITION}${partition.toString(16).padStart(2, "0")}`;
}

/** Undefined where nobody has it. */
export function ownerIn(value: Json | undefined): string | undefined {
  const read = partitionLease.safeParse(value);
  return read.success ? (read.data.owner ?? undefined) : undefined;
}

/** Whether a member says that it gives up what it owns. */
export function isLeaving(value: Json | undefined): boolean {
  return leavingLease.safeParse(value).success;
}

/** The digest of the limits that a member goes by; undefined where it does not say. */
export function limitsIn(value: Json | undefined): string | undefined {
  return limitsLease.safeParse(value).data?.limits;
}

/** An epoch is this and the revision at which its partition was taken. */
export function epochBaseIn(value: Json | undefined): number | undefined {
  const read = epochsLease.safeParse(value);
  return read.success ? read.data.base : undefined;
}
