import type { RecordedEvent } from "#events/envelope.ts";
import { Fault } from "#events/fault.ts";
import type { PlanId } from "#events/ids.ts";
import type { Json } from "#events/json.ts";
import { planOfStream, planStream, SYSTEM_STREAM } from "#events/streams.ts";
import { decode } from "#events/catalog.ts";
import type { PlanView } from "#machines/state.ts";
import type { Reason } from "#projections/why.ts";
import { examine, track, type Examination, type ExamineOptions } from "#src/api/examination.ts";
import type { PlanReader } from "#src/api/plan-reader.ts";
import { NO_PLANS, type PlanLibrary } from "#src/language/called-plans.ts";
import type { BlobStore } from "#src/ports/blob-store.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { EventReader } from "#src/ports/event-store.ts";
import type { QuarantinedPlan } from "#src/runtime/quarantine.ts";
import type { Shortage } from "#src/runtime/shortage.ts";
import type { ToolRegistry } from "#src/tools/registry.ts";

// What the reading operations act on: a store that can be read, whoever holds it.
//
// R1. A state that is given out is durable. It is read at once, before anything is awaited, and never kept: it may be
//     the one that an actor goes on changing.

export interface ReadingParts {
  readonly plans: PlanReader;
  readonly events: Pick<EventReader, "read" | "readAll" | "subscribe" | "head" | "revision">;
  readonly blobs: Pick<BlobStore, "get">;
  readonly tools: ToolRegistry;
  /** Where plans are found that others call; default: nowhere. */
  readonly library?: PlanLibrary;
  readonly clock: Clock;
  /** Walks the checksums of the store. */
  readonly verify: (options: ExamineOptions) => Promise<StoreCheck>;
  /** Who answers. */
  readonly about: About;
}

export interface About {
  readonly version: string;
  readonly pid: number;
  /** Absolute. */
  readonly store: string;
  /** How the process was started, e.g. `planwright serve`. */
  readonly command: string;
  readonly since: number;
}

export interface StoreCheck {
  readonly streams: number;
  readonly appends: number;
  readonly events: number;
  readonly damages: readonly {
    readonly kind: "file" | "log" | "cache";
    readonly message: string;
    readonly stream?: string;
    readonly revision?: number;
    readonly position?: number;
  }[];
  readonly truncated: boolean;
}

/** Also why no executor takes a step that wants a slot, where that is known. */
export type CompletedReason = Reason & { readonly shortage?: Shortage };

/** A state, and the moment that its durations are measured to. */
export interface Seen {
  readonly state: PlanView;
  readonly now: number;
}

export class Reading {
  readonly plans: PlanReader;
  readonly tools: ToolRegistry;
  readonly library: PlanLibrary;
  readonly about: About;
  protected readonly clock: Clock;
  protected readonly events: ReadingParts["events"];
  private readonly parts: ReadingParts;

  constructor(parts: ReadingParts) {
    this.parts = parts;
    this.plans = parts.plans;
    this.tools = parts.tools;
    this.library = parts.library ?? NO_PLANS;
    this.about = parts.about;
    this.clock = parts.clock;
    this.events = parts.events;
  }

  /** The plan as it is, or as it was after a revision. Faults: `plan-unknown`, `plan-ambiguous`, `bad-revision`. */
  async seen(reference: string, revision?: number): Promise<Seen> {
    const plan = await this.plans.find(reference);
    if (revision === undefined) return { state: await this.current(plan), now: this.clock.now() };
    const event = await this.eventAt(plan, revision);
    return { state: await this.plans.state(plan, revision), now: event.origin.occurredAt };
  }

  /** A page of a plan's history, as it is stored. Fault: `plan-unknown`. */
  async page(reference: string, { from, limit }: { readonly from: number; readonly limit: number }) {
    const plan = await this.plans.find(reference);
    const events: RecordedEvent[] = [];
    for await (const event of this.events.read(planStream(plan), { from, limit: limit + 1 })) events.push(event);
    const last = await this.events.revision(planStream(plan));
    if (last < 0) throw new Fault("plan-unknown", `there is no plan ${reference}`);
    return { plan, events: events.slice(0, limit), last, hasMore: events.length > limit };
  }

  /**
   * Facts behind a position, of one plan or of all, and then those to come, until the signal or the store ends it.
   * Faults: `plan-unknown`, `plan-ambiguous`.
   */
  async facts(
    { plan: reference, after }: { readonly plan?: string | undefined; readonly after: number },
    signal: AbortSignal,
  ): Promise<AsyncIterable<RecordedEvent>> {
    if (reference === undefined) return this.events.subscribe({ after, signal });
    const streamPrefix = planStream(await this.plans.find(reference));
    for await (const first of this.events.read(streamPrefix, { limit: 1 })) {
      if (after >= first.position) return this.events.subscribe({ after, streamPrefix, signal });
      // What is in the log before the plan began is not looked at.
      return withFirst(first, this.events.subscribe({ after: first.position, streamPrefix, signal }));
    }
    throw new Fault("plan-unknown", `there is no plan ${reference}`);
  }

  async quarantined(): Promise<readonly QuarantinedPlan[]> {
    const plans = new Map<string, QuarantinedPlan>();
    for await (const event of this.events.read(SYSTEM_STREAM)) track(decode(event), plans);
    return [...plans.values()];
  }

  /** Everything that could be wrong with the store; it reads all of it. */
  async examination(options: ExamineOptions): Promise<{ verified: StoreCheck; examined: Examination }> {
    const verified = await this.parts.verify(options);
    return { verified, examined: await examine(this.parts, options) };
  }

  /** A reason with what only those know who run plans. */
  completed(reason: Reason): CompletedReason {
    return reason;
  }

  head(): Promise<number> {
    return this.events.head();
  }

  async value(ref: string): Promise<Json> {
    return this.plans.valueOf(ref);
  }

  protected current(plan: PlanId): Promise<PlanView> {
    return this.plans.state(plan);
  }

  private async eventAt(plan: PlanId, revision: number): Promise<RecordedEvent> {
    for await (const event of this.events.read(planStream(plan), { from: revision, limit: 1 })) return event;
    const last = await this.events.revision(planStream(plan));
    if (last < 0) throw new Fault("plan-unknown", `there is no plan ${plan}`);
    throw new Fault("bad-revision", `plan ${plan} has revisions 0 to ${last}, not ${revision}`);
  }
}

/** An event as subscribers get it. */
export function recorded(event: RecordedEvent) {
  const { id, stream, revision, position, type, schemaVersion, data, origin } = event;
  const plan = planOfStream(stream);
  const { occurredAt: at, actor, correlation, command } = origin;
  return {
    ...{ id, position, stream, ...(plan === undefined ? {} : { plan }), revision, type, schemaVersion },
    ...{ at, actor, correlation, ...(command === undefined ? {} : { command }), data },
  };
}

async function* withFirst(
  first: RecordedEvent,
  others: AsyncIterable<RecordedEvent>,
): AsyncGenerator<RecordedEvent, void, undefined> {
  yield first;
  yield* others;
}
