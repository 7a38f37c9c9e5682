import { encode, type Fact } from "#events/catalog.ts";
import type { EncodedEvent } from "#events/envelope.ts";
import { fold } from "#machines/fold.ts";
import type { PlanState } from "#machines/state.ts";
import { jsonBytesAtMost } from "#src/runtime/json-size.ts";
import { MAX_BYTES_PER_TURN, MAX_EVENTS_PER_TURN } from "#src/runtime/limits.ts";
import type { Payloads } from "#src/runtime/payloads.ts";

// The facts of one turn on their way to one append: payloads over the inline limit moved out, encoded once, folded at
// once, because what a success unblocks belongs into the same append.
//
// T1. The state is ahead of the log until the append is answered: nothing of it may leave the actor before that.

export class Turn {
  readonly facts: Fact[] = [];
  readonly events: EncodedEvent[] = [];
  readonly expectedRevision: number;
  private readonly state: PlanState;
  private readonly payloads: Payloads;
  /** When its facts are recorded, in ms since the epoch. */
  readonly at: number;
  private readonly pending: Promise<unknown>[] = [];
  private bytes = 0;

  constructor(state: PlanState, payloads: Payloads, at: number) {
    this.state = state;
    this.payloads = payloads;
    this.at = at;
    this.expectedRevision = state.revision;
  }

  get isFull(): boolean {
    return this.events.length >= MAX_EVENTS_PER_TURN || this.bytes >= MAX_BYTES_PER_TURN;
  }

  add(facts: readonly Fact[]): void {
    for (const decided of facts) {
      const fact = this.payloads.offloadFact(decided, this.pending);
      const event = encode(fact);
      this.bytes += jsonBytesAtMost(event.data);
      this.events.push(event);
      this.facts.push(fact);
      fold(this.state, { fact, at: this.at }, this.payloads.blobs);
    }
  }

  /** Resolves when every blob that the turn's facts cite is durable. */
  async settled(): Promise<void> {
    if (this.pending.length > 0) await Promise.all(this.pending);
  }
}
