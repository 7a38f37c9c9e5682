import type { RecordedEvent } from "#events/envelope.ts";
import type { RecordedFact } from "#src/client/folded-plan.ts";
import { Breach } from "../../crash/breach.ts";
import { Subscriber, type Address, type Open, type SubscriberParts } from "./subscriber.ts";
import { Trail } from "./trail.ts";

/** Follows all facts from the first on. */
export class LogSubscriber extends Subscriber {
  readonly kind: string;
  private readonly trail = new Trail();
  private readonly way: Open;

  constructor(parts: SubscriberParts, { kind, open }: { readonly kind: string; readonly open: Open }) {
    super(parts);
    this.kind = kind;
    this.way = open;
  }

  hasAll(head: number): boolean {
    return this.trail.last >= head;
  }

  check(log: readonly RecordedEvent[]): void {
    if (this.trail.isOf(log.map(({ id }) => id))) return;
    throw new Breach("subscription", `${this.kind}: what was shown up to ${this.trail.last} is not the log`);
  }

  protected isAsking(): boolean {
    return true;
  }

  protected open(address: Address, signal: AbortSignal): AsyncIterable<RecordedFact> {
    return this.way(address, { after: this.trail.last }, signal);
  }

  protected take(fact: RecordedFact): boolean {
    this.trail.take(fact.position, fact);
    return true;
  }
}
