import type { PlanId } from "#events/ids.ts";
import { partitionOf } from "#events/streams.ts";
import type { EventStore } from "#src/ports/event-store.ts";
import { PartitionKeeper, type MemberShare, type PartitionKeeperOptions } from "#src/ownership/partition-keeper.ts";
import { GrantKeeper } from "#src/ownership/grant-keeper.ts";
import { LeaseMirror } from "#src/ownership/lease-mirror.ts";
import { limitsIn, MEMBER } from "#src/ownership/lease-words.ts";
import type { ClaimsLedger } from "#src/runtime/claims-ledger.ts";
import type { Ownership } from "#src/runtime/ownership.ts";
import type { CurrentViews } from "#src/projecting/current-views.ts";
import { listPlans } from "#src/projecting/plan-list.ts";
import type { Coordinator } from "#src/runtime/coordinator.ts";
import type { Quarantine } from "#src/runtime/quarantine.ts";

// What a coordinator does with the partitions that it gets and gives.
//
// H1. Before its plans go on, the list of plans and the quarantine are read up to the head of the log: whoever owned them
//     before has written nothing that is not in it, or is refused once this one has written.
// H2. Until then what that one had sent may still arrive: again and again plans are compared with the log.

export interface SharingOptions extends Omit<
  PartitionKeeperOptions,
  "epochBase" | "take" | "revisit" | "give" | "mirror" | "onLease"
> {
  readonly events: Pick<EventStore, "head">;
  readonly views: CurrentViews;
  readonly quarantine: Quarantine;
  readonly claims: ClaimsLedger;
  /** Asked when there are partitions. */
  readonly coordinator: () => Coordinator | undefined;
  /** Told before plans go on here, with those of them that have not ended. */
  readonly onTaken: (partitions: readonly number[], plans: readonly PlanId[]) => void;
  /** Told when a partition's plans go on here no more. */
  readonly onGiven: (partition: number) => void;
}

/** The plans of some partitions are run here, and what they use of limits is agreed on with those who run the others. */
export class PlanSharing implements Ownership, AsyncDisposable {
  private readonly keeper: PartitionKeeper;
  private readonly grants: GrantKeeper;

  constructor(keeper: PartitionKeeper, grants: GrantKeeper) {
    this.keeper = keeper;
    this.grants = grants;
  }

  epochOf(partition: number): number | undefined {
    return this.keeper.epochOf(partition);
  }

  /** Partitions that are owned, in no order. */
  get partitions(): readonly number[] {
    return this.keeper.partitions;
  }

  /** Members that are there, as far as is known here. */
  get members(): readonly string[] {
    return this.keeper.members;
  }

  /** Members and what each owns, as far as is known here. */
  get shares(): readonly MemberShare[] {
    return this.keeper.shares;
  }

  /** Gives up everything in order, so that others take it at once. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.keeper[Symbol.asyncDispose]();
    this.grants[Symbol.dispose]();
  }
}

/** Epochs of leases that were lost: no installation has changed owners a thousand times in each millisecond since. */
const MICROSECONDS = 1_000;

export function sharePlans(options: SharingOptions): PlanSharing {
  const { clock, log, limits, events, views, quarantine, claims, coordinator, onTaken, onGiven } = options;
  const livePlans = async (): Promise<readonly PlanId[]> => {
    const { plans } = await listPlans(views, { tag: "live", limit: Infinity });
    return plans.map(({ plan }) => plan);
  };
  const mirror = new LeaseMirror();
  const complained = new Set<string>();
  const compareLimits = (key: string): void => {
    const theirs = limitsIn(mirror.valueOf(key));
    if (theirs === undefined || theirs === limits.digest || complained.has(key)) return;
    complained.add(key);
    const text =
      "another coordinator is configured with other pools, keys or resources: what holds of a limit is what the owner of the plan says; give all of them the same";
    log.warn(text, { coordinator: key.slice(MEMBER.length) });
  };
  const keeper = new PartitionKeeper({
    ...options,
    mirror,
    epochBase: async () => Math.max(MICROSECONDS * clock.now(), await events.head()),
    take: async (partitions) => {
      const epochs = new Map(partitions.map((partition) => [partition, keeper.epochOf(partition)]));
      await quarantine.catchUp();
      const live = await livePlans();
      // What was read for an ownership that is over says nothing of a later one.
      const taken = new Map([...epochs].filter(([partition, epoch]) => keeper.epochOf(partition) === epoch));
      const plans = live.filter((plan) => taken.has(partitionOf(plan)));
      onTaken([...taken.keys()], plans);
      for (const partition of taken.keys()) coordinator()?.own(partition);
      for (const plan of plans) coordinator()?.resume(plan);
      for (const [partition, epoch = 0] of taken) claims.expectsAll(partition, epoch);
    },
    revisit: async (partitions) => {
      const visited = new Set(partitions);
      const plans = await livePlans();
      await coordinator()?.revisit(plans.filter((plan) => visited.has(partitionOf(plan))));
    },
    give: async (partition) => {
      // At once: the partition may be this coordinator's again before the last turn has ended.
      onGiven(partition);
      await coordinator()?.disown(partition);
    },
    onLease: (key) => {
      if (key.startsWith(MEMBER)) compareLimits(key);
      grants.onLease(key);
    },
  });
  const grants = new GrantKeeper({
    ...options,
    mirror,
    ownership: keeper,
    onGrants: () => coordinator()?.wakeWaiting(),
  });
  return new PlanSharing(keeper, grants);
}
