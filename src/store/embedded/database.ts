import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, writeFileSync } from "node:fs";
import path from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { Fault } from "#events/fault.ts";
import { assertWritable, damaged, isHalfMade, storeFault, unmade } from "#src/store/embedded/faults.ts";

// The SQLite file: its tables, its settings, and who may open it.
//
// Q1. A commit is on the disk when it returns (WAL with synchronous FULL). Caches beside the log commit without waiting
//     for the disk (`relaxed`): a later commit of the log makes them durable too, and losing them loses no fact.
// Q2. `user_version` is the lowest version of this format that a reader must know; a higher one is refused before
//     anything is read or written. `application_id` tells other programs' databases apart.
// Q3. Opening scans nothing: it costs the same for an empty log and for a million events.
// Q4. What a writer finds is durable before it relies on it: a process that was killed between writing a commit and syncing it
//     leaves frames that SQLite takes for committed, and that a loss of power can still take away.

const FORMAT_VERSION = 1;
/** "PlWr" in ASCII. */
const APPLICATION_ID = 0x506c5772;
/** A reader waits this long for a writer that is just recovering or closing. */
const BUSY_MS = 500;
const CACHE_KIB = 8 * 1024;
/** Twice SQLite's default: rows of a workflow fill it with less waste (940 instead of 1,054 bytes a step measured). */
const PAGE_BYTES = 8192;
/** Pages of the write-ahead log after which a commit also copies them into the file: rare enough that few commits pay. */
const CHECKPOINT_PAGES = 1000;

const SCHEMA = `
  create table streams (
    id integer primary key,
    name text not null unique
  );
  create table appends (
    position integer primary key,
    stream integer not null,
    revision integer not null,
    count integer not null,
    batch blob not null,
    at integer not null,
    origin text not null,
    events text not null,
    checksum blob not null,
    unique (stream, revision)
  );
  create table snapshots (
    stream text not null,
    revision integer not null,
    version text not null,
    state text not null,
    checksum blob not null,
    unique (stream, revision)
  );
  create table views (
    id integer primary key,
    name text not null,
    version integer not null,
    checkpoint integer not null,
    unique (name, version)
  );
  create table documents (
    view integer not null,
    key text not null,
    tag text not null,
    rank real not null,
    document text not null,
    checksum integer not null,
    primary key (view, key)
  ) without rowid;
  create index documents_by_rank on documents (view, rank, key);
  create index documents_by_tag on documents (view, tag, rank, key);
`;

/** Opens the file for its one writer, and makes it when it is new. Faults: `store-newer`, `store-damaged`, `store-read-only`. */
export function openForWriting(file: string): Database {
  return opened(file, () => {
    assertWritable(file);
    const database = new DatabaseSync(file, { timeout: BUSY_MS });
    try {
      const fresh = isEmpty(database);
      if (!fresh) {
        assertFormat(database, file);
        makeDurable(file);
      }
      database.exec(`pragma page_size = ${PAGE_BYTES}; pragma journal_mode = wal; pragma synchronous = full`);
      // Where the system's own fsync stops at the disk's cache (macOS), SQLite is told to ask for more; elsewhere it is no word.
      database.exec("pragma fullfsync = on");
      database.exec(`pragma cache_size = -${CACHE_KIB}; pragma wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
      if (fresh) create(database, file);
      return new Database(file, database);
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

/**
 * Opens the file beside its writer. Faults: as above, `store-unavailable` where there is none, and `store-missing` where
 * whoever was to make it has not come so far.
 */
export function openForReading(file: string): Database {
  return opened(file, () => {
    const database = new DatabaseSync(file, { timeout: BUSY_MS, readOnly: true });
    try {
      database.exec(`pragma cache_size = -${CACHE_KIB}`);
      if (isEmpty(database)) throw unmade(file);
      assertFormat(database, file);
      return new Database(file, database);
    } catch (error) {
      database.close();
      throw isHalfMade(error) ? unmade(file) : error;
    }
  });
}

/** Makes the folder, and those above it that are missing; their entries are durable when this returns. Fault: `store-read-only`. */
export function makeFolder(directory: string): void {
  try {
    const first = mkdirSync(directory, { recursive: true });
    if (first === undefined) return;
    // In a repository a store is nobody's change. What is lost of it with the power is no loss.
    writeFileSync(path.join(directory, ".gitignore"), "*\n");
    for (let made = path.resolve(directory); made.length >= first.length; made = path.dirname(made))
      sync(path.dirname(made));
  } catch (error) {
    throw storeFault(error, directory);
  }
}

export class Database implements Disposable {
  readonly file: string;
  readonly #database: DatabaseSync;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;

  constructor(file: string, database: DatabaseSync) {
    this.file = file;
    this.#database = database;
    this.#begin = database.prepare("begin immediate");
    this.#commit = database.prepare("commit");
  }

  get isOpen(): boolean {
    return this.#database.isOpen;
  }

  prepare(sql: string): StatementSync {
    return this.#database.prepare(sql);
  }

  begin(): void {
    this.#begin.run();
  }

  commit(): void {
    this.#commit.run();
  }

  rollback(): void {
    if (this.#database.isTransaction) this.#database.exec("rollback");
  }

  /** Runs the work in a transaction that does not wait for the disk (Q1). */
  relaxed(work: () => void): void {
    this.#database.exec("pragma synchronous = normal");
    try {
      this.begin();
      work();
      this.commit();
    } catch (error) {
      this.rollback();
      throw storeFault(error, this.file);
    } finally {
      this.#database.exec("pragma synchronous = full");
    }
  }

  /** Moves the write-ahead log into the file and empties it, as far as readers allow. */
  checkpoint(): void {
    this.#database.exec("pragma wal_checkpoint(truncate)");
  }

  /** The file grows to at most so many bytes; appends beyond fail with `store-full`. */
  limit(maxBytes: number): void {
    this.#database.exec(`pragma max_page_count = ${Math.max(Math.floor(maxBytes / PAGE_BYTES), 1)}`);
  }

  [Symbol.dispose](): void {
    if (this.#database.isOpen) this.#database.close();
  }
}

function opened(file: string, open: () => Database): Database {
  try {
    return open();
  } catch (error) {
    throw storeFault(error, file);
  }
}

function isEmpty(database: DatabaseSync): boolean {
  return numberOf(database, "select count(*) as value from sqlite_schema") === 0;
}

function assertFormat(database: DatabaseSync, file: string): void {
  const application = numberOf(database, "select application_id as value from pragma_application_id");
  const version = numberOf(database, "select user_version as value from pragma_user_version");
  if (application !== APPLICATION_ID) throw damaged(file, "it is not a Planwright store, or its header was changed");
  if (version > FORMAT_VERSION) throw newer(file, version);
  if (version < 1) throw damaged(file, "its header was changed");
}

function numberOf(database: DatabaseSync, sql: string): number {
  return Number(database.prepare(sql).get()?.value);
}

function newer(file: string, version: number): Fault<"store-newer"> {
  return new Fault(
    "store-newer",
    `${file} has format ${version}, this program reads up to ${FORMAT_VERSION}; use a newer planwright`,
    { details: { path: file, format: version, supported: FORMAT_VERSION } },
  );
}

function create(database: DatabaseSync, file: string): void {
  database.exec(`begin immediate; ${SCHEMA}; pragma application_id = ${APPLICATION_ID};
    pragma user_version = ${FORMAT_VERSION}; commit`);
  sync(path.dirname(file));
}

/** Syncs what the last writer left in the write-ahead log, and the log's name (Q4). */
function makeDurable(file: string): void {
  const log = `${file}-wal`;
  if (existsSync(log)) sync(log);
  sync(path.dirname(file));
}

function sync(name: string): void {
  const descriptor = openSync(name, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
