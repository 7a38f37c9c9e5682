import type { Json } from "#events/json.ts";
import type { StreamName } from "#events/streams.ts";

// A cache beside the log: losing any or all of it costs time, never facts. Who reads a snapshot checks its version and
// falls back to the log.

export interface Snapshot {
  /** Names the fold that made it, e.g. `plan-state@1`; another version is ignored. */
  readonly version: string;
  /** The stream's revision that the state includes. */
  readonly revision: number;
  readonly state: Json;
}

export interface SnapshotStore {
  /** The newest snapshot at or before the revision (default: newest). Undefined where there is none, or it is damaged. */
  load(stream: StreamName, atMostRevision?: number): Promise<Snapshot | undefined>;
  save(stream: StreamName, snapshot: Snapshot): Promise<void>;
}
