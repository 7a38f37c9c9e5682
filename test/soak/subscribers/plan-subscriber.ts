import type { RecordedEvent } from "#events/envelope.ts";
import type { RecordedFact } from "#src/client/folded-plan.ts";
import { Breach } from "../../crash/breach.ts";
import { Subscriber, type Address, type Open, type SubscriberParts } from "./subscriber.ts";
import { Trail } from "./trail.ts";

const ENDS: ReadonlySet<string> = new Set(["PlanSucceeded", "PlanFailed", "PlanCancelled", "PlanRolledBack"]);

interface PlanSubscriberParts extends SubscriberParts {
  readonly open: Open;
  /** The plan that was started last; undefined before the first. */
  readonly newest: () => string | undefined;
}

/** Follows one plan after the other, each from its first fact to its end. */
export class PlanSubscriber extends Subscriber {
  readonly kind = "single plans over HTTP";
  private readonly way: PlanSubscriberParts;
  private readonly followed = new Map<string, Trail>();
  private current: { readonly plan: string; readonly trail: Trail; after: number } | undefined;

  constructor(parts: PlanSubscriberParts) {
    super(parts);
    this.way = parts;
  }

  hasAll(): boolean {
    return this.current === undefined;
  }

  check(log: readonly RecordedEvent[]): void {
    const idsOf = new Map<string, string[]>([...this.followed.keys()].map((plan) => [plan, []]));
    for (const { stream, id } of log) idsOf.get(stream.slice(-PLAN_ID_CHARACTERS))?.push(id);
    for (const [plan, trail] of this.followed) {
      if (trail.isOf((idsOf.get(plan) ?? []).slice(0, trail.last + 1))) continue;
      throw new Breach("subscription", `${this.kind}: what was shown of ${plan} up to ${trail.last} is not the log`);
    }
  }

  protected isAsking(): boolean {
    const plan = this.way.newest();
    if (this.current === undefined && plan !== undefined && !this.followed.has(plan)) {
      this.current = { plan, trail: new Trail(), after: -1 };
      this.followed.set(plan, this.current.trail);
    }
    return this.current !== undefined;
  }

  protected async *open(address: Address, signal: AbortSignal): AsyncGenerator<RecordedFact> {
    if (this.current === undefined) return;
    const { plan, after } = this.current;
    yield* this.way.open(address, { plan, after }, signal);
  }

  protected take(fact: RecordedFact): boolean {
    if (this.current === undefined) return false;
    this.current.trail.take(fact.revision, fact);
    this.current.after = fact.position;
    if (!ENDS.has(fact.type)) return true;
    this.current = undefined;
    return false;
  }
}

const PLAN_ID_CHARACTERS = 36;
