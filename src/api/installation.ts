import { PARTITIONS } from "#events/streams.ts";
import type { MemberShare, PartitionKeeper } from "#src/ownership/partition-keeper.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { SeenExecutor } from "#src/runtime/shortage.ts";

// Who runs plans, as far as one coordinator knows: the coordinators with their partitions, and the executors with their slots. All
// hear the same of each other, so whichever is asked says the same, some hundred milliseconds apart.

export interface Installation {
  readonly coordinators: readonly (MemberShare & { readonly isAnswering: boolean })[];
  /** Partitions that nobody owns for now. */
  readonly freePartitions: number;
  readonly executors: readonly RunningExecutor[];
}

interface RunningExecutor {
  readonly id: string;
  readonly version: string;
  /** The only pool whose steps it runs; without one those of every pool. */
  readonly pool?: string;
  /** Names; without them those of the coordinator. */
  readonly tools?: readonly string[];
  /** Not said by every executor. */
  readonly slots?: number;
  readonly used?: number;
  readonly heardMs: number;
}

export interface InstallationParts {
  /** The coordinator's own. */
  readonly id: string;
  /** Undefined for who has the log for itself. */
  readonly keeper: Pick<PartitionKeeper, "shares"> | undefined;
  readonly executors: readonly SeenExecutor[];
  readonly clock: Pick<Clock, "monotonic">;
}

export function installationOf({ id, keeper, executors, clock }: InstallationParts): Installation {
  const shares = keeper?.shares ?? [{ id, partitions: PARTITIONS, heardMs: 0 }];
  const now = clock.monotonic();
  return {
    coordinators: shares.map((share) => ({ ...share, isAnswering: share.id === id })).toSorted(byId),
    freePartitions: PARTITIONS - shares.reduce((sum, { partitions }) => sum + partitions, 0),
    executors: executors.map((executor) => running(executor, now)).toSorted(byId),
  };
}

function running({ id, about, heardAt, load }: SeenExecutor, now: number): RunningExecutor {
  const { version, pool, tools } = about;
  return {
    id,
    version,
    ...(pool === undefined ? {} : { pool }),
    ...(tools === undefined ? {} : { tools }),
    ...load,
    heardMs: Math.max(0, now - heardAt),
  };
}

function byId(one: { readonly id: string }, other: { readonly id: string }): number {
  return one.id < other.id ? -1 : 1;
}
