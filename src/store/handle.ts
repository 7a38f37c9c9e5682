import type { EventReader, EventStore } from "#src/ports/event-store.ts";
import type { SnapshotStore } from "#src/ports/snapshot-store.ts";
import type { ViewReader, ViewStore } from "#src/ports/view-store.ts";
import type { VerifyOptions, VerifyReport } from "#src/store/verify-report.ts";

// What every store is opened as, so that nobody has to know which one it is: a log, and beside it what is made from it.

/** For a process that does not hold the store. */
export interface ReaderHandle extends AsyncDisposable {
  /** For people: the log's file, or the server that keeps it. */
  readonly path: string;
  readonly events: EventReader;
  readonly snapshots: Pick<SnapshotStore, "load">;
  readonly views: ViewReader;
  /** Walks the whole store; rejects only with the signal's reason or when the store cannot be read. */
  verify(options?: VerifyOptions): Promise<VerifyReport>;
}

/** For the one process of this machine that holds the store. */
export interface StoreHandle extends ReaderHandle {
  readonly events: EventStore;
  readonly snapshots: SnapshotStore;
  readonly views: ViewStore;
  /** Tells others, in the holder's file, under which local socket this process answers. */
  announce(socket: string): void;
}
