// Owners of partitions that share limits: the real ledgers and grant keepers over one book of leases, in virtual time. What
// runs is on a list of the yard's own, as the log would have it.
import { partitionOf } from "#events/streams.ts";
import { tokenOf, type Claim } from "#events/claims.ts";
import { Fault } from "#events/fault.ts";
import { LeaseBook, memoryLeases } from "#src/lease/memory.ts";
import { GrantKeeper } from "#src/ownership/grant-keeper.ts";
import { LeaseMirror } from "#src/ownership/lease-mirror.ts";
import { COUNTED, countedAsJson } from "#src/ownership/limit-words.ts";
import type { Leases } from "#src/ports/leases.ts";
import type { Limits } from "#src/ports/limits.ts";
import { SILENT } from "#src/ports/log.ts";
import { ClaimsLedger } from "#src/runtime/claims-ledger.ts";
import { VirtualClock } from "#src/testing/virtual-clock.ts";

const ALL = new Set(Array.from({ length: 256 }, (_, partition) => partition));

export class Yard {
  readonly clock = new VirtualClock();
  readonly book = new LeaseBook();
  readonly owners: readonly Owner[];
  /** Attempts in flight: what they claim, by name. */
  readonly running = new Map<string, readonly Claim[]>();
  private epoch = 0;
  private readonly ownerOf = new Map<number, Owner>();

  /** `isCounted`: the leases are not new. */
  constructor(limits: Limits, { owners, isCounted = true }: { readonly owners: number; readonly isCounted?: boolean }) {
    if (isCounted) this.book.change(COUNTED, 0, countedAsJson(ALL));
    this.owners = Array.from({ length: owners }, () => new Owner(this, limits));
  }

  /** The plan's partition is this owner's from now on, who counts what is in flight. */
  give(plan: string, owner: Owner): void {
    const partition = partitionOf(plan);
    const before = this.ownerOf.get(partition);
    before?.lose(partition);
    this.ownerOf.set(partition, owner);
    owner.take(partition, ++this.epoch);
  }

  inFlight(partition: number): [string, readonly Claim[]][] {
    return [...this.running].filter(([attempt]) => partitionOf(attempt.split("/")[0] ?? "") === partition);
  }

  sumOf(claim: Claim): number {
    const all = [...this.running.values()].flat();
    return all
      .filter(({ kind, name }) => kind === claim.kind && name === claim.name)
      .reduce((sum, { amount }) => sum + amount, 0);
  }
}

export class Owner {
  readonly claims: ClaimsLedger;
  /** Whether the next changes are made, and their answers lost. */
  losesAnswers = false;
  readonly keeper: GrantKeeper;
  private readonly yard: Yard;
  private readonly epochs = new Map<number, number>();
  private readonly stopped = new AbortController();

  constructor(yard: Yard, limits: Limits) {
    this.yard = yard;
    this.claims = new ClaimsLedger(limits);
    const mirror = new LeaseMirror();
    const leases = this.unreliable(memoryLeases(yard.book));
    this.keeper = new GrantKeeper({
      ...{ leases, mirror, claims: this.claims, limits, clock: yard.clock, log: SILENT },
      ownership: { epochOf: (partition) => this.epochs.get(partition) },
      onGrants: () => undefined,
    });
    void this.watch(leases, mirror);
  }

  /** Begins an attempt if it may; else it is wanted. */
  start(attempt: string, claims: readonly Claim[]): boolean {
    const plan = attempt.split("/")[0] ?? "";
    if (!this.claims.fits(plan, claims)) {
      this.claims.wants(plan, [claims]);
      return false;
    }
    this.claims.take(attempt, claims.map(tokenOf));
    this.claims.wants(plan, []);
    this.yard.running.set(attempt, claims);
    return true;
  }

  end(attempt: string): void {
    this.yard.running.delete(attempt);
    this.claims.giveBack(attempt);
  }

  take(partition: number, epoch: number): void {
    this.claims.giveUp(partition);
    this.epochs.set(partition, epoch);
    for (const [attempt, claims] of this.yard.inFlight(partition)) this.claims.adopt(attempt, claims.map(tokenOf));
    this.claims.expectsAll(partition, epoch);
  }

  lose(partition: number): void {
    this.epochs.delete(partition);
    this.claims.giveUp(partition);
  }

  [Symbol.dispose](): void {
    this.keeper[Symbol.dispose]();
    this.stopped.abort();
  }

  private async watch(leases: Leases, mirror: LeaseMirror): Promise<void> {
    for await (const change of leases.watch(this.stopped.signal)) {
      mirror.take(change, this.yard.clock.monotonic());
      this.keeper.onLease(change.key);
    }
  }

  private unreliable(leases: Leases): Leases {
    return {
      ...leases,
      put: async (key, value, expected) => {
        const revision = await leases.put(key, value, expected);
        if (this.losesAnswers) throw new Fault("leases-unavailable", "no answer", { retryable: true });
        return revision;
      },
    };
  }
}
