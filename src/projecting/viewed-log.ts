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
// An event that this release cannot decode is no fact to a view: whoever runs its plan says so, and the plan stays listed.

export interface LogStretch {
  /** Facts that the views may read; positions between them hold nothing for these views. */
  readonly facts: readonly PlacedFact[];
  /** Everything up to this position was looked at. */
  readonly through: number;
}

export interface PlacedFact {
  readonly position: number;
  readonly viewed: ViewedFact;
}

export interface Reach {
  readonly from: number;
  /** Last position, inclusive. */
  readonly to: number;
  readonly views: readonly KeyedView[];
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

  /** Ends with a stretch through `to`. */
  async *read({ from, to, views }: Reach): AsyncGenerator<LogStretch> {
    const reads = new Set(views.flatMap((view) => [...view.reads]));
    let next = from;
    while (next <= to) {
      if (this.recent?.has(next) === true) {
        const stretch = this.fromMemory(this.recent, next, to);
        next = stretch.through + 1;
        yield stretch;
      } else {
        const end = Math.min(to, (this.recent?.next(next) ?? Infinity) - 1);
        yield* this.fromStore(next, end, reads);
        next = end + 1;
      }
    }
  }

  private fromMemory(recent: RecentEvents, from: number, to: number): LogStretch {
    const facts: PlacedFact[] = [];
    let position = from;
    for (; position <= to && recent.has(position); position++) {
      const viewed = recent.at(position);
      if (viewed !== undefined) facts.push({ position, viewed });
    }
    return { facts, through: position - 1 };
  }

  private async *fromStore(from: number, to: number, reads: ReadonlySet<FactType>): AsyncGenerator<LogStretch> {
    let facts: PlacedFact[] = [];
    const reach = { from, limit: to - from + 1, typePrefix: commonPrefix([...reads]) };
    for await (const event of this.events.readAll(reach)) {
      if (event.position > to) break;
      const viewed = isFactType(event.type) && reads.has(event.type) ? this.viewed(event) : undefined;
      if (viewed !== undefined) facts.push({ position: event.position, viewed });
      if (facts.length < STRETCH_FACTS) continue;
      yield { facts, through: event.position };
      facts = [];
    }
    yield { facts, through: to };
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
function commonPrefix(types: readonly string[]): string {
  const [first = ""] = types;
  const length = types.reduce((shared, type) => {
    let at = 0;
    while (at < shared && type[at] === first[at]) at++;
    return at;
  }, first.length);
  return first.slice(0, length);
}

function understood(event: RecordedEvent): Fact | undefined {
  try {
    return decode(event);
  } catch {
    return undefined;
  }
}
