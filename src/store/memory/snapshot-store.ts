import type { Json } from "#events/json.ts";
import type { StreamName } from "#events/streams.ts";
import type { Snapshot, SnapshotStore } from "#src/ports/snapshot-store.ts";
import type { MemoryContents } from "#src/store/memory/contents.ts";
import { SNAPSHOTS_KEPT } from "#src/store/snapshots-kept.ts";

// The in-memory twin of the snapshot table. States are kept as text, so that a caller that changes its own state after
// saving changes no snapshot.

export class MemorySnapshotStore implements SnapshotStore {
  readonly #contents: MemoryContents;

  constructor(contents: MemoryContents) {
    this.#contents = contents;
  }

  async load(stream: StreamName, atMostRevision = Number.MAX_SAFE_INTEGER): Promise<Snapshot | undefined> {
    const kept = this.#contents.snapshots.get(stream) ?? [];
    const found = kept.findLast((snapshot) => snapshot.revision <= atMostRevision);
    return found && { version: found.version, revision: found.revision, state: JSON.parse(found.state) as Json };
  }

  async save(stream: StreamName, snapshot: Snapshot): Promise<void> {
    const { version, revision, state } = snapshot;
    const others = (this.#contents.snapshots.get(stream) ?? []).filter((kept) => kept.revision !== revision);
    const all = [...others, { version, revision, state: JSON.stringify(state) }];
    all.sort((left, right) => left.revision - right.revision);
    this.#contents.snapshots.set(stream, all.slice(-SNAPSHOTS_KEPT));
  }
}
