import type { PlanId } from "#events/ids.ts";
import { partitionOf } from "#events/streams.ts";
import type { EventStore } from "#src/ports/event-store.ts";
import { PartitionKeeper, type PartitionKeeperOptions } from "#src/ownership/partition-keeper.ts";
import type { CurrentViews } from "#src/projecting/current-views.ts";
import { listPlans } from "#src/projecting/plan-list.ts";
import type { Coordinator } from "#src/runtime/coordinator.ts";
import type { Quarantine } from "#src/runtime/quarantine.ts";

// What a coordinator does with the partitions that it gets and gives.
//
// H1. Before its plans go on, the list of plans and the quarantine are read up to the head of the log: whoever owned them
//     before has written nothing that is not in it, or is refused from now on.

export interface SharingOptions extends Omit<PartitionKeeperOptions, "epochBase" | "take" | "give"> {
  readonly events: Pick<EventStore, "head">;
  readonly views: CurrentViews;
  readonly quarantine: Quarantine;
  /** Asked when there are partitions. */
  readonly coordinator: () => Coordinator | undefined;
  /** Told before plans go on here, with those of them that have not ended. */
  readonly onTaken: (partitions: readonly number[], plans: readonly PlanId[]) => void;
  /** Told when a partition's plans go on here no more. */
  readonly onGiven: (partition: number) => void;
}

/** Epochs of leases that were lost: no installation has changed owners a thousand times in each millisecond since. */
const MICROSECONDS = 1_000;

export function sharePlans(options: SharingOptions): PartitionKeeper {
  const { clock, events, views, quarantine, coordinator, onTaken, onGiven } = options;
  return new PartitionKeeper({
    ...options,
    epochBase: async () => Math.max(MICROSECONDS * clock.now(), await events.head()),
    take: async (partitions) => {
      await quarantine.catchUp();
      const { plans: live } = await listPlans(views, { tag: "live", limit: Infinity });
      const taken = new Set(partitions);
      const plans = live.map(({ plan }) => plan).filter((plan) => taken.has(partitionOf(plan)));
      onTaken(partitions, plans);
      for (const partition of partitions) coordinator()?.own(partition);
      for (const plan of plans) coordinator()?.resume(plan);
    },
    give: async (partition) => {
      // At once: the partition may be this coordinator's again before the last turn has ended.
      onGiven(partition);
      await coordinator()?.disown(partition);
    },
  });
}
