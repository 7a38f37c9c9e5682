// A plan that is driven by hand: commands and time go in, recorded events come out, as a store would give them back.
// Histories are recorded with it and random worlds run on it; nothing in it draws a number or reads a clock.
import { decode, encode, type Fact } from "#events/catalog.ts";
import type { Command } from "#events/commands.ts";
import type { RecordedEvent } from "#events/envelope.ts";
import { eventIdOf, newBatchId, RANDOM_BYTES_PER_ID } from "#events/ids.ts";
import { planStream } from "#events/streams.ts";
import { advance } from "#machines/advance.ts";
import type { Decision } from "#machines/decide/decision.ts";
import { decide } from "#machines/decide/decide.ts";
import { NO_BLOBS, type Blobs } from "#machines/blobs.ts";
import { fold } from "#machines/fold.ts";
import { emptyState, type PlanState } from "#machines/state.ts";
import { EPOCH, PLAN, WORKER } from "./plans.ts";

/** More facts than one turn of any test plan decides: a turn that exceeds it goes round in circles. */
const MAX_FACTS_PER_TURN = 1_000;

export interface DriverOptions {
  readonly now?: number;
  readonly epoch?: number;
  readonly random?: () => number;
  readonly blobs?: Blobs;
  /** Called after each event was folded. */
  readonly onFold?: (fact: Fact, state: PlanState) => void;
}

interface Turn {
  readonly commands?: readonly Command[];
  /** Slots that executors offer in this turn. */
  readonly slots?: number;
}

export class Driver {
  readonly state = emptyState(PLAN);
  readonly events: RecordedEvent[] = [];
  now: number;
  epoch: number;
  private readonly options: DriverOptions;
  private batches = 0;

  constructor(options: DriverOptions = {}) {
    this.options = options;
    this.now = options.now ?? Date.UTC(2026, 0, 1);
    this.epoch = options.epoch ?? EPOCH;
  }

  /** Commands, then everything that follows without anybody asking, as one append. Answers the commands. */
  turn({ commands = [], slots = Infinity }: Turn = {}): Decision[] {
    const facts: Fact[] = [];
    const answers = commands.map((command) => {
      const decision = decide(command, this.state, this.moment());
      if (decision.kind === "accepted") this.take(decision.facts, facts);
      return decision;
    });
    this.follow(slots, facts);
    this.append(facts);
    return answers;
  }

  /** Facts that somebody else decided, as one append. */
  record(...facts: readonly Fact[]): void {
    this.take(facts, []);
    this.append(facts);
  }

  private follow(offered: number, facts: Fact[]): void {
    let slots = offered;
    const around = {
      moment: this.moment(),
      blobs: this.options.blobs ?? NO_BLOBS,
      slots: { executorFor: () => (slots > 0 ? WORKER : undefined) },
    };
    for (;;) {
      const next = advance(this.state, around);
      if (next.kind === "idle") return;
      if (next.kind === "needs-blobs") throw new Error(`blobs are missing: ${next.refs.join(", ")}`);
      slots -= next.facts.filter(({ type }) => type === "StepDispatched").length;
      this.take(next.facts, facts);
      if (facts.length > MAX_FACTS_PER_TURN) throw new Error(`a turn without end: ${JSON.stringify(next.facts)}`);
    }
  }

  private take(decided: readonly Fact[], facts: Fact[]): void {
    for (const fact of decided) {
      fold(this.state, { fact, at: this.now }, this.options.blobs);
      facts.push(fact);
      this.options.onFold?.(fact, this.state);
    }
  }

  private append(facts: readonly Fact[]): void {
    const random = new Uint8Array(RANDOM_BYTES_PER_ID);
    new DataView(random.buffer).setUint32(4, this.batches++);
    const batch = newBatchId(this.now, random);
    const origin = { batch, occurredAt: this.now, tenant: "default", correlation: PLAN, actor: "system" };
    facts.forEach((fact, index) => {
      const revision = this.events.length;
      const event = { id: eventIdOf(batch, index), stream: planStream(PLAN), revision, position: revision };
      this.events.push(throughJson({ ...event, ...encode(fact), origin }));
    });
  }

  private moment() {
    return { now: this.now, epoch: this.epoch, random: this.options.random ?? (() => 0.5) };
  }
}

/** The state that events lead to, from a given one on. */
export function replay(
  events: readonly RecordedEvent[],
  state: PlanState = emptyState(PLAN),
  blobs?: Blobs,
): PlanState {
  for (const event of events) fold(state, { fact: decode(event), at: event.origin.occurredAt }, blobs);
  return state;
}

function throughJson(event: RecordedEvent): RecordedEvent {
  return JSON.parse(JSON.stringify(event)) as RecordedEvent;
}
