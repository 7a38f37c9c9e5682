import { decode, isFactType, type Fact, type FactType } from "#events/catalog.ts";
import type { RecordedEvent } from "#events/envelope.ts";
import type { PlanId } from "#events/ids.ts";
import { planOfStream } from "#events/streams.ts";
import type { KeyedView, ViewedFact } from "#projections/keyed-view.ts";
import type { EventStore } from "#src/ports/event-store.ts";
import type { RecentEvents } from "#src/projecting/recent-events.ts";

// The log as views read it: stretches of facts with their positions, from what this process has just appended where
// that is known, else from the store.
//
// L1. Positions are places: what is behind one is asked for, and none is computed. Only where this process alone appends are they
//     counted one by one, and only there does it know what it has just appended.
// L2. A stretch ends at an event, or at the position that was asked for.
//
// An event that this release cannot decode is no fact to a view: whoever runs its plan says so, and the plan stays listed.

export interface LogStretch {
  /** It begins behind this position. */
  readonly after: number;
  /** Facts that the views may read; positions between them hold nothing for these views. */
  readonly facts: readonly PlacedFact[];
  /** Everything up to this position was looked at. */
  readonly through: number;
  /** How many events that were. */
  readonly events: number;
}

interface PlacedFact {
  readonly position: number;
  readonly viewed: ViewedFact;
}

export interface Reach {
  /** Position of the last event that is known already. */
  readonly after: number;
  /** Last position, inclusive: that of an event. */
  readonly to: number;
  /** About so many events; default: all of them. */
  readonly atMost?: number;
  readonly views: readonly KeyedView[];
}

interface Wanted extends Required<Omit<Reach, "views">> {
  readonly reads: ReadonlySet<FactType>;
}

const STRETCH_FACTS = 256;
const MAX_STREAMS_KNOWN = 1_000;

export class ViewedLog {
  private readonly events: Pick<EventStore, "readAll">;
  private readonly recent: RecentEvents | undefined;
  private readonly plans = new Map<string, PlanId | undefined>();

  constructor(events: Pick<EventStore, "readAll">, recent?: RecentEvents) {
    this.events = events;
    this.recent = recent;
  }

  /** Ends with a stretch through `to`, or with one that brings what is read to `atMost`. */
  async *read({ after, to, atMost = Infinity, views }: Reach): AsyncGenerator<LogStretch> {
    const reads = new Set(views.flatMap((view) => [...view.reads]));
    let [known, left] = [after, atMost];
    while (known < to && left > 0) {
      for await (const stretch of this.next({ after: known, to, atMost: left, reads })) {
        known = stretch.through;
        left -= stretch.events;
        yield stretch;
      }
    }
  }

  private next({ after, to, atMost, reads }: Wanted): AsyncIterable<LogStretch> | readonly LogStretch[] {
    const { recent } = this;
    if (recent?.has(after + 1) === true) return [this.fromMemory(recent, after, Math.min(to, after + atMost))];
    const end = Math.min(to, (recent?.next(after + 1) ?? Infinity) - 1);
    return this.fromStore({ after, to: end, atMost, reads });
  }

  private fromMemory(recent: RecentEvents, after: number, to: number): LogStretch {
    const facts: PlacedFact[] = [];
    let position = after;
    while (position < to && recent.has(position + 1)) {
      const viewed = recent.at(++position);
      if (viewed !== undefined) facts.push({ position, viewed });
    }
    return { after, facts, through: position, events: position - after };
  }

  private async *fromStore({ after, to, atMost, reads }: Wanted): AsyncGenerator<LogStretch> {
    let facts: PlacedFact[] = [];
    let [read, told, last] = [0, 0, after];
    // There are at most as many events as positions.
    const limit = Math.min(to - after, atMost);
    let from = after;
    for await (const event of this.events.readAll({ after, limit, typePrefix: commonPrefix(reads) })) {
      if (event.position > to) break;
      read++;
      last = event.position;
      const viewed = isFactType(event.type) && reads.has(event.type) ? this.viewed(event) : undefined;
      if (viewed !== undefined) facts.push({ position: last, viewed });
      if (facts.length < STRETCH_FACTS) continue;
      yield { after: from, facts, through: last, events: read - told };
      [from, told, facts] = [last, read, []];
    }
    yield { after: from, facts, through: read < atMost ? to : last, events: read - told };
  }

  private viewed(event: RecordedEvent): ViewedFact | undefined {
    const plan = this.planOf(event.stream);
    const fact = plan === undefined ? undefined : understood(event);
    return plan === undefined || fact === undefined ? undefined : { plan, fact, at: event.origin.occurredAt };
  }

  private planOf(stream: string): PlanId | undefined {
    if (this.plans.has(stream)) return this.plans.get(stream);
    if (this.plans.size >= MAX_STREAMS_KNOWN) this.plans.clear();
    const plan = planOfStream(stream);
    this.plans.set(stream, plan);
    return plan;
  }
}

/** What a store can select by: `Plan` where all types begin so. */
function commonPrefix(types: ReadonlySet<string>): string {
  const [first = ""] = types;
  let length = first.length;
  for (const type of types) while (!type.startsWith(first.slice(0, length))) length--;
  return first.slice(0, length);
}

function understood(event: RecordedEvent): Fact | undefined {
  try {
    return decode(event);
  } catch {
    return undefined;
  }
}
