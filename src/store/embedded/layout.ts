import path from "node:path";

// The files of a store's folder.

export interface Layout {
  /** The log, the snapshots and the views (with SQLite's own `-wal` and `-shm` beside it). */
  readonly database: string;
  /** Locked by the process that holds the store. */
  readonly lock: string;
  /** Who that is, as JSON. */
  readonly holder: string;
  /** How far appends were acknowledged. */
  readonly head: string;
}

export function layoutOf(directory: string): Layout {
  return {
    database: path.resolve(directory, "store.db"),
    lock: path.resolve(directory, "lock"),
    holder: path.resolve(directory, "holder.json"),
    head: path.resolve(directory, "head"),
  };
}
