import { Fault } from "#events/fault.ts";
import type { CoordinatorId } from "#events/ids.ts";
import type { Json } from "#events/json.ts";
import { partitionOf, PARTITIONS } from "#events/streams.ts";
import type { Clock, Timer } from "#src/ports/clock.ts";
import type { Leases } from "#src/ports/leases.ts";
import type { Limits } from "#src/ports/limits.ts";
import type { Log } from "#src/ports/log.ts";
import { saidWhenSlow } from "#src/ports/slow-work.ts";
import type { LeaseMirror } from "#src/ownership/lease-mirror.ts";
import { EPOCHS, epochBaseIn, isLeaving, ownerIn, PARTITION, partitionKey } from "#src/ownership/lease-words.ts";
import { LEASE_MS, Member } from "#src/ownership/member.ts";
import type { Ownership } from "#src/runtime/ownership.ts";

// Shares the partitions among the coordinators that are there: each takes what nobody has, up to its share, and gives up what
// is beyond it when others have less.
//
// K1. A partition is taken by changing its lease at the revision that was seen; the new revision makes the epoch, so no two
//     ownerships have the same, and later ones have larger ones.
// K2. It is taken only from nobody, or from a member that was silent for the lease. Who is not sure to be a member any more
//     owns nothing, earlier than others may take it: every ownership that lapsed is over, and what is taken again is another.
// K3. Giving up is in order: nothing of the partition is under way here any more when its lease says that it is free.
// K4. Before it is taken from a member that seems silent, the leases are asked: a watch may be behind. Who has its share sets it free.

const TICK_MS = 250;
/** How often it is looked for what was appended by who owns a partition no more. */
const REVISIT_EVERY_MS = 5_000;

export interface PartitionKeeperOptions {
  readonly id: CoordinatorId;
  readonly leases: Leases;
  readonly clock: Clock;
  readonly log: Log;
  /** A number that no epoch has reached that was given by leases which were lost. */
  readonly epochBase: () => Promise<number>;
  /** The plans of these partitions go on here; tried again when it throws. */
  readonly take: (partitions: readonly number[]) => Promise<void>;
  /** Looks for what was appended to plans of these partitions by others. */
  readonly revisit: (partitions: readonly number[]) => Promise<void>;
  /** Resolves when nothing of the partition's plans is under way here. */
  readonly give: (partition: number) => Promise<void>;
  /** What was seen of the leases. */
  readonly mirror: LeaseMirror;
  readonly limits: Limits;
  /** Told when another value of a lease was seen. */
  readonly onLease?: (key: string) => void;
}

interface Owned {
  readonly epoch: number;
  readonly revision: number;
  isTaken: boolean;
}

/** One of the coordinators that are there. */
export interface MemberShare {
  readonly id: string;
  readonly partitions: number;
  /** How long ago it was heard. */
  readonly heardMs: number;
}

/** A partition that may be taken, and the revision at which it was seen to be free: at any later one it may not be. */
interface FreeLease {
  readonly partition: number;
  readonly seen: number;
}

export class PartitionKeeper implements Ownership, AsyncDisposable {
  private readonly options: PartitionKeeperOptions;
  private readonly mirror: LeaseMirror;
  private readonly member: Member;
  private readonly owned = new Map<number, Owned>();
  private readonly stopped = new AbortController();
  private base: number | undefined;
  private timer: Timer | undefined;
  private working: Promise<void> | undefined;
  private revisiting: Promise<void> | undefined;
  /** Monotonic ms. */
  private revisitAt = -Infinity;
  private isAskedAgain = false;
  private isLeaving = false;

  constructor(options: PartitionKeeperOptions) {
    this.options = options;
    this.mirror = options.mirror;
    this.member = new Member({ ...options, onSure: () => this.work() });
    void this.watch();
    this.tick();
  }

  epochOf(partition: number): number | undefined {
    return this.member.isSure() ? this.owned.get(partition)?.epoch : undefined;
  }

  /** Partitions that it owns, in no order. */
  get partitions(): readonly number[] {
    return this.member.isSure() ? [...this.owned.keys()] : [];
  }

  /** Members that are there, as far as is known here. */
  get members(): readonly string[] {
    return this.member.all();
  }

  /** Members that are there and what each owns, as far as is known here. */
  get shares(): readonly MemberShare[] {
    const counts = this.counts();
    return this.members.map((id) => ({
      id,
      partitions: id === this.options.id ? this.partitions.length : (counts.get(id) ?? 0),
      heardMs: this.member.silentMs(id),
    }));
  }

  /** Gives up everything in order, so that others take it at once. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.isLeaving = true;
    this.timer?.[Symbol.dispose]();
    await this.noted("what was begun with partitions has ended", async () => {
      await this.working;
      await this.revisiting;
    });
    const announced = this.member.announceLeave();
    await Promise.all([...this.owned.keys()].map((partition) => this.release(partition)));
    await announced;
    await this.noted("the lease of this coordinator is removed", () => this.member.leave());
    this.stopped.abort();
  }

  private async watch(): Promise<void> {
    const { leases, clock, log, onLease } = this.options;
    try {
      for await (const change of leases.watch(this.stopped.signal)) {
        this.mirror.take(change, clock.monotonic());
        if (change.key.startsWith(PARTITION) || isLeaving(change.value)) this.work();
        onLease?.(change.key);
      }
    } catch (error) {
      if (!this.stopped.signal.aborted) log.error("the leases are watched no more", { error });
    }
  }

  private tick(): void {
    this.member.renewIfDue();
    this.member.forgetGone();
    this.lapse();
    this.work();
    this.revisitIfDue();
    this.timer = this.options.clock.after(TICK_MS, () => this.tick(), { background: true });
  }

  private revisitIfDue(): void {
    const { clock, revisit, log } = this.options;
    const taken = [...this.owned].flatMap(([partition, { isTaken }]) => (isTaken ? [partition] : []));
    if (this.isLeaving || this.revisiting !== undefined || clock.monotonic() < this.revisitAt || taken.length === 0)
      return;
    this.revisiting = revisit(taken)
      .catch((error: unknown) => log.warn("plans are not compared with the log for now", { error }))
      .finally(() => {
        this.revisiting = undefined;
        this.revisitAt = clock.monotonic() + REVISIT_EVERY_MS;
      });
  }

  /** K2: it is over for all at once. */
  private lapse(): void {
    if (this.member.isSure() || this.owned.size === 0) return;
    const { log, give } = this.options;
    const lost = [...this.owned.keys()];
    this.owned.clear();
    const text = "this coordinator could not renew its lease in time, and owns no partitions until it can";
    log.warn(text, { lost: lost.length });
    for (const partition of lost) void give(partition);
  }

  /** One change after the other; what is seen meanwhile is looked at afterwards. */
  private work(): void {
    if (this.isLeaving) return;
    if (this.working !== undefined) {
      this.isAskedAgain = true;
      return;
    }
    this.working = this.balance()
      .catch((error: unknown) => {
        const isExpected = error instanceof Fault && error.retryable;
        this.options.log[isExpected ? "warn" : "error"]("partitions are not shared for now", { error });
      })
      .finally(() => {
        this.working = undefined;
        const again = this.isAskedAgain;
        this.isAskedAgain = false;
        if (again) this.work();
      });
  }

  private async balance(): Promise<void> {
    if (!this.member.isSure()) return;
    const members = this.member.staying();
    const share = Math.ceil(PARTITIONS / members.length);
    if (this.owned.size > share) await this.giveUp(this.owned.size - share, members);
    await this.takeUp(Math.max(0, share - this.owned.size));
    await this.takeTaken();
  }

  /** Only for somebody who has less than there is for each. */
  private async giveUp(count: number, members: readonly string[]): Promise<void> {
    const owned = this.counts();
    const counts = new Map([...members.map((id) => [id, 0] as const), ...owned]);
    const least = Math.floor(PARTITIONS / members.length);
    const missing = [...counts.values()].reduce((sum, has) => sum + Math.max(0, least - has), 0);
    const surplus = [...this.owned.keys()].slice(0, Math.min(count, missing));
    await Promise.all(surplus.map((partition) => this.release(partition)));
  }

  private async takeUp(count: number): Promise<void> {
    const { id, leases, clock } = this.options;
    // K4: who is behind with the watch takes members for silent that are not.
    const isOthers = ({ partition }: FreeLease): boolean => {
      const owner = this.ownerOf(partition);
      return owner !== undefined && owner !== id;
    };
    if (this.claimable().some(isOthers)) this.mirror.takeAll(await leases.list(), clock.monotonic());
    const free = this.claimable();
    // What is this member's by its lease alone (an answer was lost) would be nobody's for ever.
    const chosen = free.filter(({ partition }, index) => index < count || this.ownerOf(partition) === id);
    if (chosen.length > 0) this.base ??= await this.epochBase();
    await Promise.all(chosen.map((lease) => this.claim(lease)));
    // Somebody who has just come would have to see it unchanged for a lease first.
    if (count === 0) await Promise.all(free.filter(isOthers).map((lease) => this.setFree(lease)));
  }

  private async setFree({ partition, seen }: FreeLease): Promise<void> {
    const { leases, clock } = this.options;
    const key = partitionKey(partition);
    const revision = await leases.put(key, { owner: null }, seen);
    if (revision !== undefined) this.mirror.take({ key, value: { owner: null }, revision }, clock.monotonic());
  }

  private async claim({ partition, seen }: FreeLease): Promise<void> {
    const { leases, id } = this.options;
    const key = partitionKey(partition);
    const revision = await leases.put(key, { owner: id }, seen);
    // Sure that nobody took it in the meantime, because nobody could take this member for gone.
    if (revision === undefined || this.isLeaving || !this.member.isSure()) return;
    this.mirror.take({ key, value: { owner: id }, revision }, this.options.clock.monotonic());
    this.owned.set(partition, { epoch: (this.base ?? 0) + revision, revision, isTaken: false });
  }

  private async takeTaken(): Promise<void> {
    const fresh = [...this.owned].filter(([, { isTaken }]) => !isTaken);
    if (fresh.length === 0) return;
    await this.noted("plans are taken up", () => this.options.take(fresh.map(([partition]) => partition)));
    for (const [partition, one] of fresh) if (this.owned.get(partition) === one) one.isTaken = true;
  }

  /** K3. */
  private async release(partition: number): Promise<void> {
    const { give, log } = this.options;
    await this.noted("what is under way for a partition ends", () => give(partition), { partition });
    const one = this.owned.get(partition);
    this.owned.delete(partition);
    if (one === undefined) return;
    try {
      await this.setFree({ partition, seen: one.revision });
    } catch (error) {
      // It is this member's by its lease until it is claimed again.
      log.warn("a partition could not be given up in order", { partition, error });
    }
  }

  /** Nothing else changes hands until it has come about. */
  private noted(
    what: string,
    work: () => Promise<void>,
    fields: Readonly<Record<string, unknown>> = {},
  ): Promise<void> {
    const { clock, log } = this.options;
    return saidWhenSlow({ what, clock, log, fields }, work);
  }

  /** Of partitions, by owner. */
  private counts(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const owner = this.ownerOf(partition);
      if (owner !== undefined) counts.set(owner, (counts.get(owner) ?? 0) + 1);
    }
    return counts;
  }

  private ownerOf(partition: number): string | undefined {
    return ownerIn(this.mirror.valueOf(partitionKey(partition)));
  }

  /** In an order of its own, so that several that come together do not all want the same. */
  private claimable(): readonly FreeLease[] {
    const { id } = this.options;
    const there = new Set(this.member.all());
    const now = this.options.clock.monotonic();
    const start = partitionOf(id);
    const all = Array.from({ length: PARTITIONS }, (_, index) => (start + index) % PARTITIONS);
    const free = all.filter((partition) => {
      if (this.owned.has(partition)) return false;
      const owner = this.ownerOf(partition);
      if (owner === undefined || owner === id) return true;
      // One that is not known may have come just now.
      return !there.has(owner) && this.mirror.unchangedMs(partitionKey(partition), now) >= LEASE_MS;
    });
    return free.map((partition) => ({ partition, seen: this.mirror.revisionOf(partitionKey(partition)) }));
  }

  /** Of these leases; whoever is first says it. */
  private async epochBase(): Promise<number> {
    const { leases, epochBase, clock } = this.options;
    for (;;) {
      const found = epochBaseIn(this.mirror.valueOf(EPOCHS));
      if (found !== undefined) return found;
      // Where it was missing: what another one says while this one still asks for its own must stay.
      const missing = this.mirror.revisionOf(EPOCHS);
      const value: Json = { base: await epochBase() };
      const revision = await leases.put(EPOCHS, value, missing);
      if (revision === undefined) this.mirror.takeAll(await leases.list(), clock.monotonic());
      else this.mirror.take({ key: EPOCHS, value, revision }, clock.monotonic());
    }
  }
}
