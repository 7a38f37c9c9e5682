import type { Fact } from "#events/catalog.ts";
import type { CoordinatorId, PlanId } from "#events/ids.ts";
import type { PlanView } from "#machines/state.ts";
import type { Bus } from "#src/ports/bus.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { EventStore } from "#src/ports/event-store.ts";
import type { Log } from "#src/ports/log.ts";
import type { Random } from "#src/ports/random.ts";
import type { SnapshotStore } from "#src/ports/snapshot-store.ts";
import type { Ownership } from "#src/runtime/ownership.ts";
import type { Payloads } from "#src/runtime/payloads.ts";
import type { SlotLedger } from "#src/runtime/slot-ledger.ts";

/** What every actor of one coordinator works with. */
export interface RuntimeContext {
  readonly events: EventStore;
  readonly snapshots: SnapshotStore;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly payloads: Payloads;
  readonly ledger: SlotLedger;
  /** Who speaks to executors. */
  readonly id: CoordinatorId;
  readonly ownership: Ownership;
  /** Aborted when the coordinator stops. */
  readonly signal: AbortSignal;
  readonly hooks: RuntimeHooks;
}

export interface RuntimeHooks {
  /** Facts of a plan are durable; `state` includes them and must not be changed or kept. */
  readonly onFacts?: (plan: PlanId, facts: readonly Fact[], state: PlanView) => void;
  /** The store refuses for now (a full disk); undefined when that is over. Nothing is acknowledged meanwhile. */
  readonly onTrouble?: (trouble: Error | undefined) => void;
  readonly onQuarantined?: (plan: PlanId, code: string, message: string) => void;
}
