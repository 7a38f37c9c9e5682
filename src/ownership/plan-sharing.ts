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
//     before has written nothing that is not in it, or is refused once this one has written.
// H2. Until then what that one had sent may still arrive: again and again plans are compared with the log.

export interface SharingOptions extends Omit<PartitionKeeperOptions, "epochBase" | "take" | "revisit" | "give"> {
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
  const livePlans = async (partitions: readonly number[]): Promise<readonly PlanId[]> => {
    const { plans } = await listPlans(views, { tag: "live", limit: Infinity });
    const wanted = new Set(partitions);
    return plans.map(({ plan }) => plan).filter((plan) => wanted.has(partitionOf(plan)));
  };
  return new PartitionKeeper({
    ...options,
    epochBase: async () => Math.max(MICROSECONDS * clock.now(), await events.head()),
    take: async (partitions) => {
      await quarantine.catchUp();
      const plans = await livePlans(partitions);
      onTaken(partitions, plans);
      for (const partition of partitions) coordinator()?.own(partition);
      for (const plan of plans) coordinator()?.resume(plan);
    },
    revisit: async (partitions) => {
      const plans = await livePlans(partitions);
      await coordinator()?.revisit(plans);
    },
    give: async (partition) => {
      // At once: the partition may be this coordinator's again before the last turn has ended.
      onGiven(partition);
      await coordinator()?.disown(partition);
    },
  });
}
