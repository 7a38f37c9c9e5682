import type { FactData } from "#events/catalog.ts";
import { ABANDON_AFTER_MS } from "#src/executor/attempt.ts";
import { EXECUTOR_LEASE_MS } from "#src/ports/bus.ts";
import type { Account } from "../tools/account.ts";
import type { Cluster } from "#src/simulation/cluster.ts";
import { textOf, violated, type Checker, type Told } from "./checker.ts";

// O1. No executor is promised more attempts than it has slots: from the dispatch until the fact that ends the attempt, or until
//     the executor has said that it ended. What owners promised who have died since, stood still, were cut off or own the plan
//     no more, counts where the plan is the same, and so was read; what an executor was promised that was away for about a
//     lease since, and so lends anew, counts with who has promised it. A dispatch that its owner had sent before it was away comes
//     too late to be a promise of a slot.
// O2. No executor runs more tools at once than it has slots. One that was told to stop and does not gives its slot back after
//     a while.

/** By the right time; the executor's own clock may be faster. */
const SURELY_HELD_MS = 0.8 * ABANDON_AFTER_MS;

/** An executor that is away for the lease, less the time since its last sign of life, takes its slots back. */
const FORFEITED_MS = 0.5 * EXECUTOR_LEASE_MS;
/** What a process had begun before it was away is done so soon after. */
const LATE_WITHIN_MS = 2_000;

type Dispatched = FactData<"StepDispatched">;

interface PromisedAttempt extends Dispatched {
  readonly plan: string;
  readonly at: number;
}

export class Slots implements Checker {
  readonly name = "slots";
  private readonly account: Account;
  private readonly slots: number;
  /** Attempts in flight by name, by executor. */
  private readonly promised = new Map<string, Map<string, PromisedAttempt>>();
  private readonly cluster: Cluster;

  constructor({
    account,
    cluster,
    slots,
  }: {
    readonly account: Account;
    readonly cluster: Cluster;
    readonly slots: number;
  }) {
    this.account = account;
    this.cluster = cluster;
    this.slots = slots;
  }

  before({ story, fact }: Told): void {
    if (fact.type === "StepDispatched" || fact.type === "StepLateReported" || !("step" in fact.data)) return;
    const inFlight = story.steps.get(fact.data.step)?.inFlight;
    if (inFlight !== undefined && "attempt" in fact.data)
      this.promised.get(inFlight.executor)?.delete(nameOf(story.plan, inFlight));
  }

  after(told: Told): void {
    const { story, fact, seenAt } = told;
    if (fact.type !== "StepDispatched") return;
    const { executor } = fact.data;
    const promised = this.promised.get(executor) ?? new Map<string, PromisedAttempt>();
    const fresh = { ...fact.data, plan: story.plan, at: seenAt };
    this.promised.set(executor, promised.set(nameOf(story.plan, fact.data), fresh));
    for (const attempt of promised.keys()) if (this.account.reported.has(attempt)) promised.delete(attempt);
    const isLate = this.isLate(fresh);
    const known = [...promised.values()].filter(
      (one) => one.plan === story.plan || (!isLate && this.counts(one, fresh)),
    );
    if (known.length > this.slots)
      violated(this, `${textOf(told)}: ${known.length} attempts are promised to one executor of ${this.slots} slots`);
  }

  private isLate({ epoch, at }: PromisedAttempt): boolean {
    const owner = this.cluster.owners.get(epoch);
    return owner?.alive !== true || owner.wasAway(FORFEITED_MS, at - LATE_WITHIN_MS);
  }

  /** Whether the owner still is, has been there and was heard all the time, and its slot is still lent to it. */
  private counts(one: PromisedAttempt, fresh: PromisedAttempt): boolean {
    const { owners, executors } = this.cluster;
    const owner = owners.get(one.epoch);
    if (owner?.alive !== true || owner.hasStood || owner.wasCutOff) return false;
    return owner === owners.get(fresh.epoch) || executors.get(one.executor)?.wasAway(FORFEITED_MS, one.at) !== true;
  }

  /** O2, at any time. */
  watch(now: number): void {
    for (const running of this.account.together()) {
      if (running.size <= this.slots) continue;
      const held = [...running].filter(({ stoppedAt }) => stoppedAt < 0 || now - stoppedAt < SURELY_HELD_MS);
      if (held.length > this.slots)
        violated(this, `${held.length} tools run at once where there are ${this.slots} slots`);
    }
  }
}

function nameOf(plan: string, { step, attempt }: Dispatched): string {
  return `${plan}/${step}/${attempt}`;
}
