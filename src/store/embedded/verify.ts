import type { Clock } from "#src/ports/clock.ts";
import type { Database } from "#src/store/embedded/database.ts";
import { closed } from "#src/store/embedded/faults.ts";
import type { Head } from "#src/store/embedded/head-record.ts";
import { LogReader } from "#src/store/embedded/log-reader.ts";
import { walkCaches } from "#src/store/embedded/verify-caches.ts";
import { walkChains, walkPositions } from "#src/store/embedded/verify-log.ts";

// Walks the whole store and names each damage. It changes nothing.
//
// W1. Independent looks: SQLite's own check of the file's structure; each stream's chain of checksums, in the order of
//     revisions; the positions of the log, without gap; the end of the log against what was acknowledged.
// W2. One look that cannot go on is a damage itself and does not stop the others.
// W3. The event loop gets a turn between pieces of the walk (SQLite's own check is one piece).

export interface Damage {
  /** `file`: structure of the file; `log`: facts are lost or changed; `cache`: a snapshot or a view, to be made again. */
  readonly kind: "file" | "log" | "cache";
  readonly message: string;
  readonly stream?: string;
  readonly revision?: number;
  readonly position?: number;
}

export interface VerifyReport {
  readonly streams: number;
  readonly appends: number;
  readonly events: number;
  /** Empty when all is well. */
  readonly damages: readonly Damage[];
  /** There are more damages than the report holds. */
  readonly truncated: boolean;
}

export interface VerifyOptions {
  /** Called between pieces of the walk; `total` is the number of events. */
  readonly onProgress?: (progress: { readonly checked: number; readonly total: number }) => void;
  readonly signal?: AbortSignal;
}

/** What the looks share. */
export class Walk {
  readonly database: Database;
  readonly #clock: Clock;
  readonly #options: VerifyOptions;
  readonly damages: Damage[] = [];
  streams = 0;
  appends = 0;
  events = 0;
  total = 0;
  truncated = false;

  constructor(database: Database, clock: Clock, options: VerifyOptions) {
    this.database = database;
    this.#clock = clock;
    this.#options = options;
  }

  report(damage: Damage): void {
    if (this.damages.length < MAX_DAMAGES) this.damages.push(damage);
    else this.truncated = true;
  }

  /** Between two pieces: tells the progress, lets others run, and ends the walk when the signal says so. */
  async breathe(): Promise<void> {
    this.#options.onProgress?.({ checked: this.events, total: this.total });
    await new Promise<void>((resolve) => {
      this.#clock.soon(resolve);
    });
    this.#options.signal?.throwIfAborted();
    if (!this.database.isOpen) throw closed(this.database.file);
  }

  /** Runs one look (W2). */
  async look(kind: Damage["kind"], what: string, walk: () => Promise<void> | void): Promise<void> {
    await this.breathe();
    try {
      await walk();
    } catch (error) {
      this.#options.signal?.throwIfAborted();
      this.report({ kind, message: `${what} cannot be read to the end: ${messageOf(error)}` });
    }
  }
}

const MAX_DAMAGES = 1000;

/** `acknowledged` is what the head record claimed before the file was opened. */
export async function verifyStore(walk: Walk, acknowledged: Head | undefined): Promise<VerifyReport> {
  await walk.look("file", "the file's structure", () => {
    walk.total = new LogReader(walk.database).head() + 1;
    checkStructure(walk);
  });
  await walk.look("log", "the streams", () => walkChains(walk));
  await walk.look("log", "the log", () => walkPositions(walk));
  await walk.look("log", "the end of the log", () => {
    const message = missingHead(walk.database, acknowledged);
    if (message !== undefined) walk.report({ kind: "log", message, position: acknowledged?.position ?? 0 });
  });
  await walk.look("cache", "the snapshots and views", () => walkCaches(walk));
  await walk.breathe();
  const { streams, appends, events, damages, truncated } = walk;
  return { streams, appends, events, damages, truncated };
}

/** What is wrong with the end of the log, given what was acknowledged; undefined when nothing is. */
export function missingHead(database: Database, acknowledged: Head | undefined): string | undefined {
  if (acknowledged === undefined || acknowledged.position < 0) return undefined;
  const { position, checksum } = acknowledged;
  const row = database
    .prepare(
      "select position + count - 1 as last, lower(hex(checksum)) as checksum from appends where position <= ? order by position desc limit 1",
    )
    .get(position);
  if (row?.last !== position) return `the log does not reach position ${position}, which was acknowledged`;
  if (row.checksum !== checksum) return `the append at position ${position} is not the one that was acknowledged`;
  return undefined;
}

function checkStructure(walk: Walk): void {
  for (const { message } of walk.database
    .prepare("select integrity_check as message from pragma_integrity_check")
    .all()) {
    if (message !== "ok") walk.report({ kind: "file", message: String(message) });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
