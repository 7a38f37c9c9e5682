import { hash } from "node:crypto";
import type { StatementSync } from "node:sqlite";
import type { Json } from "#events/json.ts";
import type { StreamName } from "#events/streams.ts";
import type { Clock, Timer } from "#src/ports/clock.ts";
import type { Snapshot, SnapshotStore } from "#src/ports/snapshot-store.ts";
import type { Database } from "#src/store/embedded/database.ts";
import { SNAPSHOTS_KEPT } from "#src/store/snapshots-kept.ts";

// The snapshot table: a cache in the log's file.
//
// N1. Saving costs the append path nothing: snapshots gather in memory, the newest of each stream, and are written
//     together a little later or when the store closes. A crash in between loses them and no fact.
// N2. A snapshot whose checksum does not fit is as good as none.
// N3. A snapshot that cannot be written (a full disk) is dropped: the log has everything.

const WRITE_DELAY_MS = 200;
const MAX_PENDING_STREAMS = 256;
const CHECKSUM_BYTES = 16;

interface Pending extends Omit<Snapshot, "state"> {
  readonly state: string;
}

/** Loads only; for a process beside the writer. */
export class SnapshotTable {
  readonly #load: StatementSync;

  constructor(database: Database) {
    this.#load = database.prepare(
      `select * from snapshots where stream = ? and revision <= ? order by revision desc limit ${SNAPSHOTS_KEPT}`,
    );
  }

  load(stream: StreamName, atMostRevision: number): Snapshot | undefined {
    for (const row of this.#load.iterate(stream, atMostRevision)) {
      const snapshot = snapshotOf(row);
      if (snapshot !== undefined) return snapshot;
    }
    return undefined;
  }
}

export class EmbeddedSnapshotStore implements SnapshotStore, Disposable {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #table: SnapshotTable;
  readonly #insert: StatementSync;
  readonly #prune: StatementSync;
  readonly #pending = new Map<StreamName, Pending>();
  #timer: Timer | undefined;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
    this.#table = new SnapshotTable(database);
    this.#insert = database.prepare("insert or replace into snapshots values (?, ?, ?, ?, ?)");
    this.#prune = database.prepare(
      `delete from snapshots where stream = ? and revision <
       (select revision from snapshots where stream = ? order by revision desc limit 1 offset ${SNAPSHOTS_KEPT - 1})`,
    );
  }

  async load(stream: StreamName, atMostRevision = Number.MAX_SAFE_INTEGER): Promise<Snapshot | undefined> {
    const written = this.#table.load(stream, atMostRevision);
    const pending = this.#pending.get(stream);
    if (pending === undefined || pending.revision > atMostRevision) return written;
    if (written !== undefined && written.revision > pending.revision) return written;
    return { ...pending, state: JSON.parse(pending.state) as Json };
  }

  async save(stream: StreamName, snapshot: Snapshot): Promise<void> {
    const waiting = this.#pending.get(stream);
    if (waiting !== undefined && waiting.revision !== snapshot.revision) this.#write();
    this.#pending.set(stream, { ...snapshot, state: JSON.stringify(snapshot.state) });
    if (this.#pending.size >= MAX_PENDING_STREAMS) this.#write();
    else this.#timer ??= this.#clock.after(WRITE_DELAY_MS, () => this.#write(), { background: true });
  }

  [Symbol.dispose](): void {
    this.#write();
  }

  #write(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    const snapshots = [...this.#pending];
    this.#pending.clear();
    if (snapshots.length === 0 || !this.#database.isOpen) return;
    try {
      this.#database.relaxed(() => {
        for (const [stream, pending] of snapshots) this.#put(stream, pending);
      });
    } catch {
      // Dropped (N3): what is wrong with the file shows at the next append.
    }
  }

  #put(stream: StreamName, pending: Pending): void {
    const { revision, version, state } = pending;
    this.#insert.run(stream, revision, version, state, checksumOf(stream, pending));
    this.#prune.run(stream, stream);
  }
}

/** The snapshot of a row, undefined where it is not what was written (N2). */
export function snapshotOf(row: Readonly<Record<string, unknown>>): Snapshot | undefined {
  const { stream, revision, version, state, checksum } = row;
  if (typeof stream !== "string" || typeof revision !== "number" || typeof version !== "string") return undefined;
  if (typeof state !== "string" || !(checksum instanceof Uint8Array)) return undefined;
  if (Buffer.compare(checksumOf(stream, { revision, version, state }), checksum) !== 0) return undefined;
  return { revision, version, state: JSON.parse(state) as Json };
}

function checksumOf(stream: string, { revision, version, state }: Pending): Uint8Array {
  return hash("sha256", `${stream}\n${revision}\n${version}\n${state}`, "buffer").subarray(0, CHECKSUM_BYTES);
}
