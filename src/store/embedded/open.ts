import process from "node:process";
import { statSync } from "node:fs";
import { Fault } from "#events/fault.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { EventReader, EventStore } from "#src/ports/event-store.ts";
import type { Snapshot, SnapshotStore } from "#src/ports/snapshot-store.ts";
import type { ViewReader, ViewStore } from "#src/ports/view-store.ts";
import type { StreamName } from "#events/streams.ts";
import { makeFolder, openForReading, openForWriting, type Database } from "#src/store/embedded/database.ts";
import { EmbeddedEventReader, EmbeddedEventStore } from "#src/store/embedded/event-store.ts";
import { damaged, storeFault } from "#src/store/embedded/faults.ts";
import { HeadRecord, readHeadRecord, type Head } from "#src/store/embedded/head-record.ts";
import { layoutOf, type Layout } from "#src/store/embedded/layout.ts";
import { hexOf } from "#src/store/embedded/row.ts";
import { EmbeddedSnapshotStore, SnapshotTable } from "#src/store/embedded/snapshot-store.ts";
import { missingHead, verifyStore } from "#src/store/embedded/verify.ts";
import { Walk } from "#src/store/embedded/walk.ts";
import { EmbeddedViewReader, EmbeddedViewStore } from "#src/store/embedded/view-store.ts";
import { acquireWriterLock, type WriterLock } from "#src/store/embedded/writer-lock.ts";
import type { ReaderHandle, StoreHandle } from "#src/store/handle.ts";
import type { VerifyOptions, VerifyReport } from "#src/store/verify-report.ts";

// The door of the embedded store: one folder, one writer, any number of readers beside it.
//
// O1. The lock comes first and goes last: whoever has the file open for writing is alone.
// O2. A store that ends before what was acknowledged is refused, not continued: going on would give positions and
//     revisions a second meaning.

interface EmbeddedOptions {
  /** The store's own folder, e.g. `.planwright`; a writer makes it. */
  readonly directory: string;
  readonly clock: Clock;
}

export interface EmbeddedWriterOptions extends EmbeddedOptions {
  /** What others are told who holds the store, e.g. `planwright run notes.yaml`. */
  readonly command?: string;
  /** The file grows to at most so many bytes. */
  readonly maxBytes?: number;
}

export interface EmbeddedReaderOptions extends EmbeddedOptions {
  /** Opens also a store that ends before what was acknowledged, to see what is left (O2). */
  readonly evenIncomplete?: boolean;
}

export interface EmbeddedStore extends StoreHandle {
  /** Moves everything into the one file, as far as readers beside allow. */
  checkpoint(): Promise<void>;
  /** Changes how far the file may grow. */
  limit(maxBytes: number): void;
}

/** Faults: `store-locked`, `store-read-only`, `store-newer`, `store-damaged`, `store-full`, `store-unavailable`. */
export async function openEmbedded(options: EmbeddedWriterOptions): Promise<EmbeddedStore> {
  const { directory, clock, command = process.argv.slice(1).join(" ") } = options;
  const layout = layoutOf(directory);
  makeFolder(directory);
  const resources = new DisposableStack();
  try {
    const lock = resources.use(acquireWriterLock(layout, { pid: process.pid, command, since: clock.now() }));
    const acknowledged = readHeadRecord(layout.head);
    assertThere(layout, acknowledged);
    const database = resources.use(openForWriting(layout.database));
    if (options.maxBytes !== undefined) database.limit(options.maxBytes);
    assertComplete(layout, database, acknowledged);
    return new WriterHandle({ layout, database, clock, lock, resources });
  } catch (error) {
    resources.dispose();
    throw storeFault(error, layout.database);
  }
}

/**
 * Opens beside the holder, or where nobody holds it. Faults: `store-newer`, `store-damaged`, `store-unavailable`,
 * `store-missing`.
 */
export async function openEmbeddedReader(options: EmbeddedReaderOptions): Promise<ReaderHandle> {
  const { directory, clock, evenIncomplete = false } = options;
  const layout = layoutOf(directory);
  const acknowledged = readHeadRecord(layout.head);
  assertThere(layout, acknowledged);
  const database = openedBeside(layout, acknowledged);
  try {
    if (!evenIncomplete) assertComplete(layout, database, acknowledged);
    return new BesideHandle(layout, database, clock);
  } catch (error) {
    database[Symbol.dispose]();
    throw storeFault(error, layout.database);
  }
}

function openedBeside(layout: Layout, acknowledged: Head | undefined): Database {
  try {
    return openForReading(layout.database);
  } catch (error) {
    const isLost = Fault.is(error, "store-missing") && acknowledged !== undefined && acknowledged.position >= 0;
    throw isLost ? gone(layout, acknowledged) : error;
  }
}

class WriterHandle implements EmbeddedStore {
  readonly path: string;
  readonly events: EventStore;
  readonly snapshots: EmbeddedSnapshotStore;
  readonly views: ViewStore;
  readonly #layout: Layout;
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #lock: WriterLock;
  readonly #resources: DisposableStack;

  constructor({ layout, database, clock, lock, resources }: WriterParts) {
    const record = resources.use(new HeadRecord(layout.head));
    const head = endOf(database);
    record.write(head);
    this.path = layout.database;
    this.#layout = layout;
    this.#database = database;
    this.#clock = clock;
    this.#lock = lock;
    this.#resources = resources;
    this.events = new EmbeddedEventStore({ database, clock, head, onCommit: (reached) => record.write(reached) });
    this.snapshots = new EmbeddedSnapshotStore(database, clock);
    this.views = new EmbeddedViewStore(database);
  }

  verify(options: VerifyOptions = {}): Promise<VerifyReport> {
    return verifyStore(new Walk(this.#database, this.#clock, options), readHeadRecord(this.#layout.head));
  }

  async checkpoint(): Promise<void> {
    this.#database.checkpoint();
  }

  limit(maxBytes: number): void {
    this.#database.limit(maxBytes);
  }

  announce(socket: string): void {
    this.#lock.announce(socket);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#database.isOpen) return;
    await this.events[Symbol.asyncDispose]();
    this.snapshots[Symbol.dispose]();
    try {
      this.#database.checkpoint();
    } catch {
      // The write-ahead log keeps what could not be moved, e.g. on a full disk.
    }
    this.#resources.dispose();
  }
}

class BesideHandle implements ReaderHandle {
  readonly path: string;
  readonly events: EventReader;
  readonly snapshots: Pick<SnapshotStore, "load">;
  readonly views: ViewReader;
  readonly #layout: Layout;
  readonly #database: Database;
  readonly #clock: Clock;

  constructor(layout: Layout, database: Database, clock: Clock) {
    const table = new SnapshotTable(database);
    this.path = layout.database;
    this.#layout = layout;
    this.#database = database;
    this.#clock = clock;
    this.events = new EmbeddedEventReader(database, clock);
    this.snapshots = {
      load: async (stream: StreamName, atMost = Number.MAX_SAFE_INTEGER): Promise<Snapshot | undefined> =>
        table.load(stream, atMost),
    };
    this.views = new EmbeddedViewReader(database);
  }

  verify(options: VerifyOptions = {}): Promise<VerifyReport> {
    return verifyStore(new Walk(this.#database, this.#clock, options), readHeadRecord(this.#layout.head));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#database[Symbol.dispose]();
  }
}

interface WriterParts {
  readonly layout: Layout;
  readonly database: Database;
  readonly clock: Clock;
  readonly lock: WriterLock;
  readonly resources: DisposableStack;
}

/** An empty or missing file is a new store, unless something was acknowledged before. */
function assertThere(layout: Layout, acknowledged: Head | undefined): void {
  const bytes = statSync(layout.database, { throwIfNoEntry: false })?.size ?? 0;
  if (bytes === 0 && acknowledged !== undefined && acknowledged.position >= 0) {
    throw gone(layout, acknowledged);
  }
}

function gone({ database }: Layout, { position }: Head): Fault<"store-damaged"> {
  return damaged(database, `the file is gone or empty, but ${position + 1} events were acknowledged`);
}

function assertComplete(layout: Layout, database: Database, acknowledged: Head | undefined): void {
  const missing = missingHead(database, acknowledged);
  if (missing === undefined) return;
  throw damaged(layout.database, `${missing} (to accept the loss, remove ${layout.head})`);
}

function endOf(database: Database): Head {
  const last = database
    .prepare("select position + count - 1 as last, checksum from appends order by position desc limit 1")
    .get();
  if (last === undefined || !(last.checksum instanceof Uint8Array)) return { position: -1, checksum: "0".repeat(32) };
  return { position: Number(last.last), checksum: hexOf(last.checksum) };
}
