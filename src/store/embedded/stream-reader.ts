import type { StatementSync } from "node:sqlite";
import type { RecordedEvent } from "#events/envelope.ts";
import type { StreamName } from "#events/streams.ts";
import { decodeAppend } from "#src/store/batch.ts";
import type { Database } from "#src/store/embedded/database.ts";
import { closed, damaged, storeFault } from "#src/store/embedded/faults.ts";
import { checksumOf, hexOf, ROW_COLUMNS, rowOf, type AppendRow } from "#src/store/embedded/row.ts";
import { PAGE_BYTES, type Page, type PageRequest } from "#src/store/paging.ts";

// Pages of one stream.
//
// E1. Reading forwards checks the chain: a plan is never folded from a row that was changed. Backwards, for people and
//     for the last few events, checks the rows' shape only.

export class StreamReader {
  readonly #database: Database;
  readonly #id: StatementSync;
  readonly #first: StatementSync;
  readonly #previous: StatementSync;
  readonly #forwards: StatementSync;
  readonly #backwards: StatementSync;

  constructor(database: Database) {
    const rows = `select ${ROW_COLUMNS} from appends a where a.stream = ?`;
    this.#database = database;
    this.#id = database.prepare("select id from streams where name = ?");
    this.#first = database.prepare(
      "select revision from appends where stream = ? and revision <= ? order by revision desc limit 1",
    );
    this.#previous = database.prepare(
      "select checksum from appends where stream = ? and revision < ? order by revision desc limit 1",
    );
    this.#forwards = database.prepare(`${rows} and a.revision >= ? order by a.revision`);
    this.#backwards = database.prepare(`${rows} and a.revision <= ? order by a.revision desc`);
  }

  page(stream: StreamName, request: PageRequest): Page {
    if (!this.#database.isOpen) throw closed(this.#database.file);
    try {
      const id = this.#id.get(stream)?.id;
      if (typeof id !== "number") return { events: [], next: undefined };
      return request.backwards ? this.#pageBackwards(stream, id, request) : this.#pageForwards(stream, id, request);
    } catch (error) {
      throw storeFault(error, this.#database.file);
    }
  }

  #pageForwards(stream: StreamName, id: number, { from, atMost }: PageRequest): Page {
    const events: RecordedEvent[] = [];
    let bytes = 0;
    let expected = Number(this.#first.get(id, from)?.revision ?? 0);
    let chain = this.#checksumBefore(stream, id, expected);
    for (const raw of this.#forwards.iterate(id, expected)) {
      if (events.length >= atMost || bytes >= PAGE_BYTES) return cut(events, atMost, 1);
      const row = rowOf(raw, stream);
      chain = this.#checked(row, expected, chain);
      expected = row.revision + row.count;
      bytes += row.events.length;
      for (const event of this.#decode(row)) if (event.revision >= from) events.push(event);
    }
    return events.length > atMost ? cut(events, atMost, 1) : { events, next: undefined };
  }

  #pageBackwards(stream: StreamName, id: number, { from, atMost }: PageRequest): Page {
    const events: RecordedEvent[] = [];
    let bytes = 0;
    for (const raw of this.#backwards.iterate(id, from)) {
      if (events.length >= atMost || bytes >= PAGE_BYTES) return cut(events, atMost, -1);
      const row = rowOf(raw, stream);
      bytes += row.events.length;
      for (const event of this.#decode(row).reverse()) if (event.revision <= from) events.push(event);
    }
    return events.length > atMost ? cut(events, atMost, -1) : { events, next: undefined };
  }

  #checksumBefore(stream: StreamName, id: number, revision: number): string {
    const previous = revision > 0 ? this.#previous.get(id, revision)?.checksum : undefined;
    return previous instanceof Uint8Array ? hexOf(previous) : stream;
  }

  #checked(row: AppendRow, expected: number, chain: string): string {
    if (row.revision === expected && checksumOf(chain, row) === row.checksum) return row.checksum;
    throw damaged(this.#database.file, `${row.stream} at revision ${expected}: the row is not what was written`);
  }

  #decode(row: AppendRow): RecordedEvent[] {
    try {
      return decodeAppend(row);
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error);
      throw damaged(this.#database.file, `${row.stream} at revision ${row.revision}: ${said}`, error);
    }
  }
}

function cut(events: readonly RecordedEvent[], atMost: number, step: 1 | -1): Page {
  const page = events.slice(0, atMost);
  const last = page.at(-1);
  return { events: page, next: last === undefined ? undefined : last.revision + step };
}
