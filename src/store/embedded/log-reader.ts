import type { StatementSync } from "node:sqlite";
import type { RecordedEvent } from "#events/envelope.ts";
import type { StreamName } from "#events/streams.ts";
import { decodeAppend } from "#src/store/batch.ts";
import type { Database } from "#src/store/embedded/database.ts";
import { closed, damaged, storeFault } from "#src/store/embedded/faults.ts";
import { ROW_COLUMNS, rowOf, type AppendRow } from "#src/store/embedded/row.ts";
import { PAGE_BYTES, type Page, type PageRequest, type Stretch } from "#src/store/paging.ts";

// Pages of the whole log, in the order of positions. Rows hold appends, so a page begins with the row that covers the
// first position asked for and leaves out the events before it.
//
// G1. Every page is read in one synchronous call and closed: no read transaction stays open that would keep the
//     write-ahead log from being emptied.
// G2. Positions have no gap; a missing row is a fault `store-damaged`, never a silent omission.

/** Positions that one page with a filter of types covers at most: a look for rare events must not stop the others. */
const FILTERED_POSITIONS = 20_000;

/** Positions that one look of a subscription covers at most. */
const STRETCH_POSITIONS = 4096;
const STRETCH_EVENTS = 512;

export class LogReader {
  readonly #database: Database;
  readonly #head: StatementSync;
  readonly #first: StatementSync;
  readonly #forwards: StatementSync;
  readonly #backwards: StatementSync;

  constructor(database: Database) {
    const rows = `select ${ROW_COLUMNS}, s.name from appends a cross join streams s on s.id = a.stream`;
    this.#database = database;
    this.#head = database.prepare("select position, count from appends order by position desc limit 1");
    this.#first = database.prepare("select max(position) as position from appends where position <= ?");
    this.#forwards = database.prepare(
      `${rows} where a.position >= ? and a.position < ? and instr(s.name, ?) = 1 and instr(a.events, ?) order by a.position`,
    );
    this.#backwards = database.prepare(`${rows} where a.position <= ? order by a.position desc`);
  }

  head(): number {
    return this.#guarded(() => {
      const last = this.#head.get();
      return last === undefined ? -1 : Number(last.position) + Number(last.count) - 1;
    });
  }

  page(request: PageRequest): Page {
    return this.#guarded(() => {
      return request.backwards ? this.#pageBackwards(request.from, request.atMost) : this.#pageForwards(request);
    });
  }

  /** What lies behind a position and belongs to streams with the prefix (S4 of the port). */
  stretch(after: number, streamPrefix: string): Stretch {
    return this.#guarded(() => {
      const head = this.head();
      if (head <= after) return { events: [], through: after };
      const end = Math.min(after + STRETCH_POSITIONS, head);
      const { events, complete } = this.#collect({
        from: after + 1,
        to: end,
        prefix: streamPrefix,
        typePrefix: "",
        atMost: STRETCH_EVENTS,
      });
      const last = events.at(-1)?.position ?? after;
      return { events, through: complete ? Math.max(end, last) : last };
    });
  }

  #pageForwards({ from, atMost, typePrefix }: PageRequest): Page {
    const head = this.head();
    if (from > head) return { events: [], next: undefined };
    const to = typePrefix === "" ? head : Math.min(head, from + FILTERED_POSITIONS);
    const { events, complete } = this.#collect({ from, to, prefix: "", typePrefix, atMost });
    const page = events.slice(0, atMost);
    const isWhole = complete && page.length === events.length;
    const last = isWhole ? to : (page.at(-1)?.position ?? to);
    return { events: page, next: last < head ? last + 1 : undefined };
  }

  #pageBackwards(from: number, atMost: number): Page {
    const events: RecordedEvent[] = [];
    let bytes = 0;
    for (const raw of this.#backwards.iterate(from)) {
      const row = namedRowOf(raw);
      const wanted = this.#decode(row).filter(({ position }) => position <= from);
      events.push(...wanted.reverse());
      bytes += row.events.length;
      if (events.length >= atMost || bytes >= PAGE_BYTES) break;
    }
    const page = events.slice(0, atMost);
    const last = page.at(-1)?.position ?? 0;
    return { events: page, next: last > 0 ? last - 1 : undefined };
  }

  /** Events from `from` of the rows that begin at or before `to`; `complete` when no limit ended it early. */
  #collect({ from, to, prefix, typePrefix, atMost }: Range): { events: RecordedEvent[]; complete: boolean } {
    const first = Number(this.#first.get(from)?.position ?? from);
    const events: RecordedEvent[] = [];
    let bytes = 0;
    let expected = first;
    for (const raw of this.#forwards.iterate(first, to + 1, prefix, `["${typePrefix}`)) {
      if (events.length >= atMost || bytes >= PAGE_BYTES) return { events, complete: false };
      const row = namedRowOf(raw);
      if (prefix === "" && typePrefix === "" && row.position !== expected) throw this.#gap(expected, row.position);
      expected = row.position + row.count;
      bytes += row.events.length;
      const wanted = this.#decode(row).filter((event) => event.position >= from && event.type.startsWith(typePrefix));
      events.push(...wanted);
    }
    return { events, complete: true };
  }

  #decode(row: AppendRow): RecordedEvent[] {
    try {
      return decodeAppend(row);
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error);
      throw damaged(this.#database.file, `${row.stream} at revision ${row.revision}: ${said}`, error);
    }
  }

  #gap(expected: number, found: number): Error {
    return damaged(this.#database.file, `the log has nothing at position ${expected} and goes on at ${found}`);
  }

  #guarded<Result>(read: () => Result): Result {
    if (!this.#database.isOpen) throw closed(this.#database.file);
    try {
      return read();
    } catch (error) {
      throw storeFault(error, this.#database.file);
    }
  }
}

interface Range {
  readonly from: number;
  readonly to: number;
  readonly prefix: string;
  readonly typePrefix: string;
  readonly atMost: number;
}

function namedRowOf(raw: Readonly<Record<string, unknown>>): AppendRow {
  if (typeof raw.name !== "string") throw new TypeError("a stream's name has another type than was written");
  return rowOf(raw, raw.name as StreamName);
}
