import type { ClusterPlace } from "#src/ownership/cluster-place.ts";
import type { BlobStore } from "#src/ports/blob-store.ts";
import type { Bus } from "#src/ports/bus.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { EventStore } from "#src/ports/event-store.ts";
import type { Limits } from "#src/ports/limits.ts";
import type { Log } from "#src/ports/log.ts";
import type { Random } from "#src/ports/random.ts";
import type { Secrets } from "#src/ports/secrets.ts";
import type { SnapshotStore } from "#src/ports/snapshot-store.ts";
import type { ViewStore } from "#src/ports/view-store.ts";
import type { ToolRoots } from "#src/tools/define.ts";
import type { ToolRegistry } from "#src/tools/registry.ts";

export interface EngineOptions {
  readonly events: EventStore;
  readonly snapshots: SnapshotStore;
  readonly views: ViewStore;
  readonly blobs: BlobStore;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly tools: ToolRegistry;
  readonly roots: ToolRoots;
  readonly secrets: Secrets;
  /** How much may be under way at once in pools, under concurrency keys and of resources. */
  readonly limits: Limits;
  /** Attempts that run at once. */
  readonly slots: number;
  /** What it shares the plans by with other coordinators; default: it has the log for itself. */
  readonly cluster?: ClusterPlace | undefined;
  /** The principal of everything that is asked through this engine, e.g. `os:alice`. */
  readonly actor: string;
}
