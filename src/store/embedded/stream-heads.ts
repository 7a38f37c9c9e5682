import type { StatementSync } from "node:sqlite";
import type { StreamName } from "#events/streams.ts";
import type { Database } from "#src/store/embedded/database.ts";
import { hexOf } from "#src/store/embedded/row.ts";

// Where each stream ends. Looked up when asked for and kept for the streams used last, so that a store with millions of
// streams opens at once and in little memory.

export interface StreamHead {
  /** Key in the table of streams; undefined for a stream without events. */
  readonly id: number | undefined;
  /** -1 for a stream without events. */
  readonly revision: number;
  /** Checksum that the next append chains to: that of the last append, or the stream's name. */
  readonly checksum: string;
}

const MAX_HEADS = 10_000;

export class StreamHeads {
  readonly #id: StatementSync;
  readonly #last: StatementSync;
  readonly #heads = new Map<StreamName, StreamHead>();

  constructor(database: Database) {
    this.#id = database.prepare("select id from streams where name = ?");
    this.#last = database.prepare(
      "select revision, count, checksum from appends where stream = ? order by revision desc limit 1",
    );
  }

  get(stream: StreamName): StreamHead {
    const known = this.#heads.get(stream);
    if (known !== undefined) {
      this.#heads.delete(stream);
      this.#heads.set(stream, known);
      return known;
    }
    const found = this.#lookUp(stream);
    this.set(stream, found);
    return found;
  }

  set(stream: StreamName, head: StreamHead): void {
    this.#heads.delete(stream);
    this.#heads.set(stream, head);
    if (this.#heads.size <= MAX_HEADS) return;
    const [oldest] = this.#heads.keys();
    if (oldest !== undefined) this.#heads.delete(oldest);
  }

  forget(stream: StreamName): void {
    this.#heads.delete(stream);
  }

  #lookUp(stream: StreamName): StreamHead {
    const id = this.#id.get(stream)?.id;
    if (typeof id !== "number") return { id: undefined, revision: -1, checksum: stream };
    const last = this.#last.get(id);
    if (last === undefined) return { id, revision: -1, checksum: stream };
    const { revision, count, checksum } = last;
    if (typeof revision !== "number" || typeof count !== "number" || !(checksum instanceof Uint8Array)) {
      throw new TypeError(`the end of ${stream} has another type than was written`);
    }
    return { id, revision: revision + count - 1, checksum: hexOf(checksum) };
  }
}
