import type { StatementSync } from "node:sqlite";
import { Fault } from "#events/fault.ts";
import type { Batch } from "#events/envelope.ts";
import type { StreamName } from "#events/streams.ts";
import type { Clock } from "#src/ports/clock.ts";
import { StreamConflict, type AppendResult } from "#src/ports/event-store.ts";
import { encodeBatch, isRepeat, type EncodedBatch } from "#src/store/batch.ts";
import type { Database } from "#src/store/embedded/database.ts";
import { closed, commitFault, storeFault } from "#src/store/embedded/faults.ts";
import type { Head } from "#src/store/embedded/head-record.ts";
import { checksumOf, ROW_COLUMNS, rowOf, valuesOf } from "#src/store/embedded/row.ts";
import type { StreamHead, StreamHeads } from "#src/store/embedded/stream-heads.ts";

// Group commit: the appends of one turn of the event loop share a transaction, and so one wait for the disk.
//
// A1. Each append has an answer of its own: a conflict fails nobody else in the group.
// A2. Nobody is answered before the commit returned; when it fails, all are told so, and what the group had changed in
//     memory is forgotten and looked up again.
// A3. A repeat is recognized by the row at its expected revision, not by an index of ids: the identical batch has its
//     row exactly there, however much was appended since.

interface Waiting {
  readonly encoded: EncodedBatch;
  readonly resolve: (result: AppendResult) => void;
  readonly reject: (error: unknown) => void;
}

export interface AppenderOptions {
  readonly database: Database;
  readonly heads: StreamHeads;
  readonly clock: Clock;
  /** The end of the log. */
  readonly head: Head;
  /** Called after each commit that added something. */
  readonly onCommit: (head: Head) => void;
}

const MAX_GROUP_EVENTS = 2048;
const MAX_GROUP_BYTES = 4 * 1024 * 1024;
/** Appends that may wait for their group; beyond, a writer is told to come again. */
const MAX_WAITING = 20_000;

export class Appender {
  readonly #options: AppenderOptions;
  readonly #insertAppend: StatementSync;
  readonly #insertStream: StatementSync;
  readonly #at: StatementSync;
  #waiting: Waiting[] = [];
  #head: Head;
  #closed = false;

  constructor(options: AppenderOptions) {
    const { database, head } = options;
    this.#options = options;
    this.#head = head;
    this.#insertAppend = database.prepare("insert into appends values (?, ?, ?, ?, ?, ?, ?, ?, ?)");
    this.#insertStream = database.prepare("insert into streams (name) values (?)");
    this.#at = database.prepare(`select ${ROW_COLUMNS} from appends a where a.stream = ? and a.revision = ?`);
  }

  get head(): number {
    return this.#head.position;
  }

  async append(batch: Batch): Promise<AppendResult> {
    const { database, clock } = this.#options;
    if (this.#closed) throw closed(database.file);
    const encoded = encodeBatch(batch);
    if (this.#waiting.length >= MAX_WAITING) throw overloaded();
    return new Promise((resolve, reject) => {
      this.#waiting.push({ encoded, resolve, reject });
      if (this.#waiting.length === 1) clock.soon(() => this.#flush());
    });
  }

  /** Writes what is waiting, then refuses more. */
  close(): void {
    this.#closed = true;
    while (this.#waiting.length > 0) this.#flush();
  }

  #flush(): void {
    const group = this.#nextGroup();
    if (group.length === 0) return;
    if (this.#waiting.length > 0) this.#options.clock.soon(() => this.#flush());
    const fault = this.#commitGroup(group);
    if (fault === undefined) return;
    // Damage that one stream's rows have must not stop the others.
    const alone = fault.code === "store-damaged" && group.length > 1;
    for (const waiting of group) {
      if (!alone) waiting.reject(fault);
      else {
        const own = this.#commitGroup([waiting]);
        if (own !== undefined) waiting.reject(own);
      }
    }
  }

  #nextGroup(): Waiting[] {
    let events = 0;
    let bytes = 0;
    let size = 0;
    for (const { encoded } of this.#waiting) {
      events += encoded.count;
      bytes += encoded.events.length;
      if (size > 0 && (events > MAX_GROUP_EVENTS || bytes > MAX_GROUP_BYTES)) break;
      size++;
    }
    return this.#waiting.splice(0, size);
  }

  /** Commits and answers; or returns what went wrong, with nothing written and nobody answered (A2). */
  #commitGroup(group: readonly Waiting[]): Fault | undefined {
    const { database, heads, onCommit } = this.#options;
    const before = this.#head;
    let committing = false;
    const answers: (() => void)[] = [];
    try {
      database.begin();
      for (const waiting of group) answers.push(this.#decide(waiting));
      committing = true;
      database.commit();
    } catch (error) {
      this.#head = before;
      for (const { encoded } of group) heads.forget(encoded.stream);
      rollback(database);
      return committing ? commitFault(error, database.file) : storeFault(error, database.file);
    }
    if (this.#head !== before) onCommit(this.#head);
    for (const answer of answers) answer();
    return undefined;
  }

  /** Writes the append into the open transaction, and returns how to answer it once that is durable. */
  #decide({ encoded, resolve, reject }: Waiting): () => void {
    const head = this.#options.heads.get(encoded.stream);
    if (encoded.revision === head.revision + 1) {
      const result = this.#write(encoded, head);
      return () => resolve(result);
    }
    try {
      const result = this.#answerAgain(encoded, head);
      return () => resolve(result);
    } catch (error) {
      if (Fault.is(error, "stream-conflict") || Fault.is(error, "batch-mismatch")) return () => reject(error);
      throw error;
    }
  }

  #write(encoded: EncodedBatch, head: StreamHead): AppendResult {
    const id = head.id ?? this.#addStream(encoded.stream);
    const append = { ...encoded, position: this.#head.position + 1 };
    const checksum = checksumOf(head.checksum, append);
    this.#insertAppend.run(...valuesOf(append, id, checksum));
    const result = { revision: head.revision + append.count, position: this.#head.position + append.count };
    this.#options.heads.set(encoded.stream, { id, revision: result.revision, checksum });
    this.#head = { position: result.position, checksum };
    return result;
  }

  #addStream(stream: StreamName): number {
    return Number(this.#insertStream.run(stream).lastInsertRowid);
  }

  #answerAgain(encoded: EncodedBatch, head: StreamHead): AppendResult {
    const there = head.id === undefined ? undefined : this.#at.get(head.id, encoded.revision);
    if (there !== undefined) {
      const row = rowOf(there, encoded.stream);
      if (isRepeat(row, encoded)) {
        return { revision: row.revision + row.count - 1, position: row.position + row.count - 1 };
      }
    }
    throw new StreamConflict(encoded.stream, encoded.revision - 1, head.revision);
  }
}

function rollback(database: Database): void {
  try {
    database.rollback();
  } catch {
    // What matters to the caller is the first error; the next group begins with the same complaint if it lasts.
  }
}

function overloaded(): Fault<"store-unavailable"> {
  return new Fault("store-unavailable", `${MAX_WAITING} appends are waiting already`, { retryable: true });
}
