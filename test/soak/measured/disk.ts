import { readdirSync, statSync } from "node:fs";
import path from "node:path";

/** What a store takes on the disk, in bytes. */
export interface DiskBytes {
  readonly database: number;
  /** The write-ahead log, which is used again and again. */
  readonly wal: number;
  readonly blobs: number;
}

export function diskBytesOf(store: string): DiskBytes {
  return {
    database: bytesOf(path.join(store, "store.db")),
    wal: bytesOf(path.join(store, "store.db-wal")),
    blobs: folderBytes(path.join(store, "blobs")),
  };
}

/** 0 for a file that is not there, or not any more. */
function bytesOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

function folderBytes(folder: string): number {
  if (statSync(folder, { throwIfNoEntry: false }) === undefined) return 0;
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + bytesOf(path.join(parentPath, name)), 0);
}
