import { Fault } from "#events/fault.ts";
import type { Batch, RecordedEvent } from "#events/envelope.ts";
import type { StreamName } from "#events/streams.ts";
import type { Clock } from "#src/ports/clock.ts";
import {
  StreamConflict,
  type AppendResult,
  type EventStore,
  type ReadAllOptions,
  type ReadOptions,
  type SubscribeOptions,
} from "#src/ports/event-store.ts";
import { Arrivals } from "#src/store/arrivals.ts";
import { encodeBatch, isRepeat, type EncodedBatch } from "#src/store/batch.ts";
import { eventsAt, type MemoryContents, type Slot } from "#src/store/memory/contents.ts";
import { follow, paged, type Page, type PageRequest, type Stretch, type Tail } from "#src/store/paging.ts";

// The in-memory twin of the log. It decides at `clock.soon`, as the embedded store commits its group there, so that a
// simulation can stop the process between an append's call and its answer; it draws no number and reads no time.

interface Waiting {
  readonly encoded: EncodedBatch;
  readonly resolve: (result: AppendResult) => void;
  readonly reject: (error: unknown) => void;
}

/** Positions that one look of a subscription covers. */
const STRETCH_POSITIONS = 512;

export class MemoryEventStore implements EventStore, Tail {
  readonly #clock: Clock;
  readonly #contents: MemoryContents;
  readonly #arrivals = new Arrivals();
  #waiting: Waiting[] = [];
  #closed = false;

  constructor(clock: Clock, contents: MemoryContents) {
    this.#clock = clock;
    this.#contents = contents;
  }

  async append(batch: Batch): Promise<AppendResult> {
    this.#assertOpen();
    const encoded = encodeBatch(batch);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ encoded, resolve, reject });
      if (this.#waiting.length === 1) this.#clock.soon(() => this.#commit());
    });
  }

  read(stream: StreamName, options: ReadOptions = {}): AsyncIterable<RecordedEvent> {
    return paged(this.#clock, options, (request) => this.#page(this.#contents.streams.get(stream) ?? [], request));
  }

  readAll(options: ReadAllOptions = {}): AsyncIterable<RecordedEvent> {
    return paged(this.#clock, options, (request) => this.#page(this.#contents.log, request));
  }

  subscribe(options: SubscribeOptions): AsyncIterable<RecordedEvent> {
    return follow(this.#clock, this, options);
  }

  async revision(stream: StreamName): Promise<number> {
    this.#assertOpen();
    return (this.#contents.streams.get(stream)?.length ?? 0) - 1;
  }

  async head(): Promise<number> {
    this.#assertOpen();
    return this.#contents.log.length - 1;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#commit();
    this.#closed = true;
    this.#arrivals.close();
  }

  stretch(after: number, streamPrefix: string): Stretch {
    if (this.#closed) return { events: [], through: after };
    const slots = this.#contents.log.slice(after + 1, after + 1 + STRETCH_POSITIONS);
    const wanted = slots.filter(({ append }) => append.stream.startsWith(streamPrefix));
    return { events: eventsAt(wanted), through: after + slots.length };
  }

  arrival(_after: number, signal: AbortSignal): Promise<boolean> {
    return this.#arrivals.next(signal);
  }

  #commit(): void {
    const group = this.#waiting;
    this.#waiting = [];
    for (const { encoded, resolve, reject } of group) {
      try {
        resolve(this.#write(encoded));
      } catch (error) {
        reject(error);
      }
    }
    this.#arrivals.announce();
  }

  #write(encoded: EncodedBatch): AppendResult {
    const { log, streams } = this.#contents;
    const slots = streams.get(encoded.stream) ?? [];
    if (encoded.revision !== slots.length) return this.#answerAgain(encoded, slots);
    const append = { ...encoded, position: log.length };
    for (let index = 0; index < encoded.count; index++) {
      log.push({ append, index });
      slots.push({ append, index });
    }
    streams.set(encoded.stream, slots);
    return { revision: slots.length - 1, position: log.length - 1 };
  }

  #answerAgain(encoded: EncodedBatch, slots: readonly Slot[]): AppendResult {
    const there = slots[encoded.revision];
    if (there?.index === 0 && isRepeat(there.append, encoded)) {
      const { revision, position, count } = there.append;
      return { revision: revision + count - 1, position: position + count - 1 };
    }
    throw new StreamConflict(encoded.stream, encoded.revision - 1, slots.length - 1);
  }

  #page(slots: readonly Slot[], { from, backwards, atMost, typePrefix }: PageRequest): Page {
    this.#assertOpen();
    const start = Math.min(from, backwards ? slots.length - 1 : slots.length);
    const end = backwards ? Math.max(start - atMost, -1) : Math.min(start + atMost, slots.length);
    const part = backwards ? slots.slice(end + 1, start + 1).reverse() : slots.slice(start, end);
    const more = backwards ? end >= 0 : end < slots.length;
    const events = eventsAt(part).filter(({ type }) => type.startsWith(typePrefix));
    return { events, next: more ? end : undefined };
  }

  #assertOpen(): void {
    if (this.#closed) throw new Fault("store-unavailable", "the store is closed");
  }
}
