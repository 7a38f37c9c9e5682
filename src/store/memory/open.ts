import type { Clock } from "#src/ports/clock.ts";
import type { EventStore } from "#src/ports/event-store.ts";
import type { SnapshotStore } from "#src/ports/snapshot-store.ts";
import type { ViewStore } from "#src/ports/view-store.ts";
import { createMemoryContents, type MemoryContents } from "#src/store/memory/contents.ts";
import { MemoryEventStore } from "#src/store/memory/event-store.ts";
import { MemorySnapshotStore } from "#src/store/memory/snapshot-store.ts";
import { MemoryViewStore } from "#src/store/memory/view-store.ts";

// Opens the twin of the embedded store: the same three ports over contents that outlive the handle.

export interface MemoryStoreOptions {
  readonly clock: Clock;
  /** What an earlier handle left; empty by default. */
  readonly contents?: MemoryContents;
}

export interface MemoryStore extends AsyncDisposable {
  readonly events: EventStore;
  readonly snapshots: SnapshotStore;
  readonly views: ViewStore;
  readonly contents: MemoryContents;
}

export function openMemory({ clock, contents = createMemoryContents() }: MemoryStoreOptions): MemoryStore {
  const events = new MemoryEventStore(clock, contents);
  return {
    events,
    snapshots: new MemorySnapshotStore(contents),
    views: new MemoryViewStore(contents),
    contents,
    [Symbol.asyncDispose]: () => events[Symbol.asyncDispose](),
  };
}
