import { isFactType, type Fact } from "#events/catalog.ts";
import type { Batch, EncodedEvent } from "#events/envelope.ts";
import type { PlanId } from "#events/ids.ts";
import { planOfStream } from "#events/streams.ts";
import type { ViewedFact } from "#projections/keyed-view.ts";
import type { EventStore } from "#src/ports/event-store.ts";

// What this process has just appended, so that its views are kept without reading the log again. For a log to which nobody else
// appends, and whose positions are counted one by one.
//
// N1. It is a memory beside the log, never in place of it: what was not appended here, or was forgotten, is read there.
// N2. Bounded: beyond MAX_EVENTS the oldest go.
// N3. What it holds was decided and encoded by this release a moment ago, and is not checked again.

const MAX_EVENTS = 2_048;
const MAX_STREAMS = 1_000;

export class RecentEvents {
  /** By position; undefined for events that are no plan's. */
  private readonly events = new Map<number, ViewedFact | undefined>();
  /** By stream: plans append again and again. */
  private readonly plans = new Map<string, PlanId | undefined>();
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
      append: (batch) =>
        store.append(batch).then((result) => {
          this.add(batch, result.position);
          return result;
        }),
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

  private planOf(stream: string): PlanId | undefined {
    if (this.plans.has(stream)) return this.plans.get(stream);
    if (this.plans.size >= MAX_STREAMS) this.plans.clear();
    const plan = planOfStream(stream);
    this.plans.set(stream, plan);
    return plan;
  }

  private add({ stream, origin, events }: Batch, last: number): void {
    const plan = this.planOf(stream);
    const at = origin.occurredAt;
    let position = last - events.length;
    for (const event of events) {
      this.events.set(++position, plan !== undefined && isFact(event) ? { plan, fact: event, at } : undefined);
    }
    this.newest = Math.max(this.newest, last);
    if (this.events.size > MAX_EVENTS) this.forget(this.newest - MAX_EVENTS);
    this.onGrown(this.events.size);
  }
}

/** N3: `encode` made it from a fact of today's version. */
function isFact(event: EncodedEvent): event is EncodedEvent & Fact {
  return isFactType(event.type);
}
