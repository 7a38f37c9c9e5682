import type { CoordinatorId } from "#events/ids.ts";
import type { Leases } from "#src/ports/leases.ts";

/** A coordinator's place among others. */
export interface ClusterPlace {
  readonly id: CoordinatorId;
  readonly leases: Leases;
  /** Release of Planwright, for executors to compare. */
  readonly version: string;
  /** Told when a partition's plans go on here, and when they do no more. */
  readonly onOwned?: (partition: number, isOwned: boolean) => void;
}
