import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { Fault } from "#events/fault.ts";
import type { Json } from "#events/json.ts";
import { isJsonObject } from "#events/json.ts";
import { assertWritable, isBusy, storeFault } from "#src/store/embedded/faults.ts";
import type { Layout } from "#src/store/embedded/layout.ts";

// One process writes. The lock is the operating system's, taken by SQLite on a file of its own, so that a killed holder
// frees it at once and nobody has to guess from a process id.
//
// K1. The lock file is never opened by anything but SQLite: closing any descriptor of it would free the lock (POSIX).
// K2. Who holds it stands in a file beside it, for people: that file alone proves nothing.

export interface Holder {
  readonly pid: number;
  readonly command: string;
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** Absolute path of the local socket that it serves; missing until there is one. */
  readonly socket?: string;
}

export interface WriterLock extends Disposable {
  /** Names the socket of the holder in its file. */
  announce(socket: string): void;
}

/** Takes the lock until disposed. Faults: `store-locked` (details name the holder), `store-read-only`. */
export function acquireWriterLock(layout: Layout, holder: Holder): WriterLock {
  const database = openLock(layout);
  try {
    writeHolder(layout, holder);
  } catch (error) {
    database.close();
    throw error;
  }
  return {
    announce: (socket) => writeHolder(layout, { ...holder, socket }),
    [Symbol.dispose]: () => {
      rmSync(layout.holder, { force: true });
      database.close();
    },
  };
}

function writeHolder(layout: Layout, holder: Holder): void {
  try {
    const draft = `${layout.holder}.new`;
    writeFileSync(draft, `${JSON.stringify(holder)}\n`);
    renameSync(draft, layout.holder);
  } catch (error) {
    throw storeFault(error, layout.holder);
  }
}

function openLock(layout: Layout): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    assertWritable(layout.lock);
    database = new DatabaseSync(layout.lock);
    database.exec("pragma journal_mode = memory; begin exclusive");
    return database;
  } catch (error) {
    database?.close();
    throw isBusy(error) ? locked(layout) : storeFault(error, layout.lock);
  }
}

function locked(layout: Layout): Fault<"store-locked"> {
  const holder = readHolder(layout);
  const who = holder ? `process ${holder.pid} (${holder.command})` : "another process";
  return new Fault("store-locked", `${layout.database} is held by ${who}; end it, or wait until it is done`, {
    retryable: true,
    details: {
      path: layout.database,
      ...(holder && { pid: holder.pid, command: holder.command, since: holder.since }),
    },
  });
}

/** Who holds the store, or held it when it was killed (K2). */
export function readHolder(layout: Layout): Holder | undefined {
  try {
    const read = JSON.parse(readFileSync(layout.holder, "utf8")) as Json;
    if (!isJsonObject(read)) return undefined;
    const { pid, command, since, socket } = read;
    if (typeof pid !== "number" || typeof command !== "string" || typeof since !== "number") return undefined;
    return { pid, command, since, ...(typeof socket === "string" ? { socket } : {}) };
  } catch {
    // A holder that is just starting has not written the file yet.
    return undefined;
  }
}
