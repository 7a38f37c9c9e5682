import { isFactType, type Fact } from "#events/catalog.ts";
import type { Batch, EncodedEvent } from "#events/envelope.ts";
import { planOfStream } from "#events/streams.ts";
import type { ViewedFact } from "#projections/keyed-view.ts";
import type { EventStore } from "#src/ports/event-store.ts";

// What this process has just appended, so that its views are kept without reading the log again.
//
// N1. It is a memory beside the log, never in place of it: what was not appended here, or was forgotten, is read there.
// N2. Bounded: beyond MAX_EVENTS the oldest go.
// N3. What it holds was decided and encoded by this release a moment ago, and is not checked again.

const MAX_EVENTS = 1_024;

export class RecentEvents {
  /** By position; undefined for events that are no plan's. */
  private readonly events = new Map<number, ViewedFact | undefined>();
  private newest = -1;
  private readonly onGrown: (events: number) => void;

  /** `onGrown` is told how many events there are, after each append. */
  constructor(onGrown: (events: number) => void) {
    this.onGrown = onGrown;
  }

  /** Highest position that was ever known here; -1 before the first. */
  get last(): number {
    return this.newest;
  }

  /** The store, with its appends noted here. */
  watched(store: EventStore): EventStore {
    return {
      append: async (batch) => {
        const result = await store.append(batch);
        this.add(batch, result.position);
        return result;
      },
      read: (stream, options) => store.read(stream, options),
      readAll: (options) => store.readAll(options),
      subscribe: (options) => store.subscribe(options),
      revision: (stream) => store.revision(stream),
      head: () => store.head(),
      [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
    };
  }

  has(position: number): boolean {
    return this.events.has(position);
  }

  at(position: number): ViewedFact | undefined {
    return this.events.get(position);
  }

  /** The first position behind this one of which it knows the event; Infinity for none. */
  next(after: number): number {
    let first = Infinity;
    for (const position of this.events.keys()) if (position > after && position < first) first = position;
    return first;
  }

  /** Nobody needs the events up to this position any more. */
  forget(through: number): void {
    for (const position of this.events.keys()) {
      if (position > through) return;
      this.events.delete(position);
    }
  }

  private add({ stream, origin, events }: Batch, last: number): void {
    const plan = planOfStream(stream);
    const first = last - events.length + 1;
    events.forEach((event, index) => {
      const viewed = plan !== undefined && isFact(event) ? { plan, fact: event, at: origin.occurredAt } : undefined;
      this.events.set(first + index, viewed);
    });
    this.newest = Math.max(this.newest, last);
    for (const position of this.events.keys()) {
      if (this.events.size <= MAX_EVENTS) break;
      this.events.delete(position);
    }
    this.onGrown(this.events.size);
  }
}

/** N3: `encode` made it from a fact of today's version. */
function isFact(event: EncodedEvent): event is EncodedEvent & Fact {
  return isFactType(event.type);
}
