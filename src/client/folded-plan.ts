import { decode, type Fact } from "#events/catalog.ts";
import { Fault } from "#events/fault.ts";
import type { PlanId } from "#events/ids.ts";
import type { Json } from "#events/json.ts";
import { refsOf } from "#events/payload.ts";
import { fold } from "#machines/fold.ts";
import { emptyState, type PlanView } from "#machines/state.ts";
import type { Client, Output } from "#src/api/client.ts";

// A plan's state on this side of a door, folded from its facts as they come: the same fold as the holder's, so that
// everything which is selected from a state can be shown anywhere.

export type RecordedFact = Output<"events">;

export class FoldedPlan {
  private readonly client: Pick<Client, "payload">;
  private readonly folded;
  private readonly values = new Map<string, Json>();

  constructor(plan: PlanId, client: Pick<Client, "payload">) {
    this.client = client;
    this.folded = emptyState(plan);
  }

  get state(): PlanView {
    return this.folded;
  }

  /** Folds the next fact of the plan. Fault: `plan-unreadable`, which names it. */
  async apply(recorded: RecordedFact): Promise<Fact> {
    try {
      const fact = decode(recorded);
      const isDefining = fact.type === "PlanDrafted" || fact.type === "PlanRevised";
      if (isDefining) await this.load(refsOf(fact.data.definition));
      fold(this.folded, { fact, at: recorded.at }, { get: (ref) => this.values.get(ref) });
      return fact;
    } catch (cause) {
      if (Fault.is(cause, "unreachable")) throw cause;
      const { stream, revision, type } = recorded;
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new Fault("plan-unreadable", `${stream} at revision ${revision} (${type}): ${why}`, { cause });
    }
  }

  private async load(refs: readonly string[]): Promise<void> {
    for (const ref of refs) this.values.set(ref, (await this.client.payload({ ref })).value);
  }
}
