import type { Batch, RecordedEvent } from "#events/envelope.ts";
import type { StreamName } from "#events/streams.ts";
import { sleep, type Clock } from "#src/ports/clock.ts";
import type {
  AppendResult,
  EventReader,
  EventStore,
  ReadAllOptions,
  ReadOptions,
  SubscribeOptions,
} from "#src/ports/event-store.ts";
import { Arrivals } from "#src/store/arrivals.ts";
import { Appender } from "#src/store/embedded/appender.ts";
import type { Database } from "#src/store/embedded/database.ts";
import { closed, storeFault } from "#src/store/embedded/faults.ts";
import type { Head } from "#src/store/embedded/head-record.ts";
import { LogReader } from "#src/store/embedded/log-reader.ts";
import { StreamHeads } from "#src/store/embedded/stream-heads.ts";
import { StreamReader } from "#src/store/embedded/stream-reader.ts";
import { follow, paged, type Tail } from "#src/store/paging.ts";

// The two handles of the embedded log: that of its one writer, and that of a reader in another process.
// One writer's handle and any number of readers share everything but the appender.

/** How often a reader in another process looks for new events. */
const POLL_MS = 100;

export class EmbeddedEventReader implements EventReader {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #streams: StreamReader;
  readonly #log: LogReader;
  readonly #heads: StreamHeads;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
    this.#streams = new StreamReader(database);
    this.#log = new LogReader(database);
    this.#heads = new StreamHeads(database);
  }

  read(stream: StreamName, options: ReadOptions = {}): AsyncIterable<RecordedEvent> {
    return paged(this.#clock, options, (request) => this.#streams.page(stream, request));
  }

  readAll(options: ReadAllOptions = {}): AsyncIterable<RecordedEvent> {
    return paged(this.#clock, options, (request) => this.#log.page(request));
  }

  subscribe(options: SubscribeOptions): AsyncIterable<RecordedEvent> {
    return follow(this.#clock, this.tail(), options);
  }

  async revision(stream: StreamName): Promise<number> {
    this.#heads.forget(stream);
    return revisionOf(this.#database, this.#heads, stream);
  }

  async head(): Promise<number> {
    return this.#log.head();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#database[Symbol.dispose]();
  }

  protected tail(): Tail {
    return {
      stretch: (after, prefix) => (this.#database.isOpen ? this.#log.stretch(after, prefix) : nothingBehind(after)),
      arrival: (after, signal) => this.#poll(after, signal),
    };
  }

  async #poll(after: number, signal: AbortSignal): Promise<boolean> {
    while (this.#database.isOpen) {
      if (this.#log.head() > after) return true;
      try {
        await sleep(this.#clock, POLL_MS, signal);
      } catch {
        // Only the signal ends a sleep early.
        return false;
      }
    }
    return false;
  }
}

export interface EmbeddedEventStoreOptions {
  readonly database: Database;
  readonly clock: Clock;
  /** The end of the log. */
  readonly head: Head;
  /** Called after each commit that added events. */
  readonly onCommit: (head: Head) => void;
}

export class EmbeddedEventStore extends EmbeddedEventReader implements EventStore {
  readonly #options: EmbeddedEventStoreOptions;
  readonly #heads: StreamHeads;
  readonly #appender: Appender;
  readonly #arrivals = new Arrivals();
  readonly #log: LogReader;

  constructor(options: EmbeddedEventStoreOptions) {
    const { database, clock, head } = options;
    super(database, clock);
    this.#options = options;
    this.#log = new LogReader(database);
    this.#heads = new StreamHeads(database);
    this.#appender = new Appender({
      database,
      heads: this.#heads,
      clock,
      head,
      onCommit: (reached) => {
        options.onCommit(reached);
        this.#arrivals.announce();
      },
    });
  }

  append(batch: Batch): Promise<AppendResult> {
    return this.#appender.append(batch);
  }

  override async revision(stream: StreamName): Promise<number> {
    return revisionOf(this.#options.database, this.#heads, stream);
  }

  override async head(): Promise<number> {
    if (!this.#options.database.isOpen) throw closed(this.#options.database.file);
    return this.#appender.head;
  }

  /** Writes what waits, ends the subscriptions, and closes nothing else. */
  override async [Symbol.asyncDispose](): Promise<void> {
    this.#appender.close();
    this.#arrivals.close();
  }

  protected override tail(): Tail {
    const { database } = this.#options;
    return {
      stretch: (after, prefix) => (database.isOpen ? this.#log.stretch(after, prefix) : nothingBehind(after)),
      arrival: (_after, signal) => this.#arrivals.next(signal),
    };
  }
}

function revisionOf(database: Database, heads: StreamHeads, stream: StreamName): number {
  if (!database.isOpen) throw closed(database.file);
  try {
    return heads.get(stream).revision;
  } catch (error) {
    throw storeFault(error, database.file);
  }
}

function nothingBehind(after: number): { events: readonly RecordedEvent[]; through: number } {
  return { events: [], through: after };
}
