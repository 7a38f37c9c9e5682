import { canonicalJson } from "#events/canonical.ts";
import { PARTITIONS } from "#events/streams.ts";
import type { Clock, Timer } from "#src/ports/clock.ts";
import type { LeaseEntry, Leases } from "#src/ports/leases.ts";
import type { Limits } from "#src/ports/limits.ts";
import type { Log } from "#src/ports/log.ts";
import type { LeaseMirror } from "#src/ownership/lease-mirror.ts";
import {
  bookAsJson,
  bookIn,
  bookKey,
  COUNTED,
  countedAsJson,
  countedIn,
  LIMITS,
  NOTHING_GRANTED,
  type Granted,
  type LimitBook,
} from "#src/ownership/limit-words.ts";
import { isEmpty, regrant, type Need } from "#src/ownership/regrant.ts";
import type { ClaimsLedger } from "#src/runtime/claims-ledger.ts";
import type { Grants } from "#src/runtime/grants.ts";
import { capacityOf } from "#src/runtime/limit-names.ts";
import type { Ownership } from "#src/runtime/ownership.ts";

// Pools, keys and resources of several coordinators: what each partition's plans may hold stands in the leases, and is changed
// there by one word of its owner after the other.
//
// G1. A grant counts for the ownership that its epoch says, and only when it was read or its change was confirmed. What
//     a change gives back counts as given from the moment at which it is asked for, until it is known that it will never be made.
// G2. Nothing is handed out before each partition was counted once in the life of these leases: where they were lost, attempts are
//     in flight that nobody knows of.
// G3. What nobody here uses any more is kept for a moment, for the next step of the same plans, unless somebody waits.

const TICK_MS = 250;
const LINGER_MS = 1_000;
/** A change that was refused waits so long for the watch to tell why, and then asks. */
const ASK_AFTER_MS = 1_000;

export interface GrantKeeperOptions {
  readonly leases: Leases;
  readonly mirror: LeaseMirror;
  readonly ownership: Ownership;
  readonly claims: ClaimsLedger;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly log: Log;
  /** There may be more than before. */
  readonly onGrants: () => void;
}

/** A change of a book that was asked for, at the revision that it was made for. */
interface Proposal {
  readonly revision: number;
  readonly book: LimitBook;
}

/** What plans of a partition used of a limit, and use no more. */
interface Freed {
  readonly limit: string;
  readonly partition: number;
  readonly amount: number;
}

/** What is known of one book. */
interface Known {
  readonly revision: number;
  /** Undefined where it cannot be read. */
  readonly book: LimitBook | undefined;
}

export class GrantKeeper implements Grants, Disposable {
  private readonly options: GrantKeeperOptions;
  private readonly books = new Map<string, Known>();
  /** Limits that are held or wanted here, by book. */
  private readonly inUse = new Map<string, Set<string>>();
  private readonly proposals = new Map<string, readonly Proposal[]>();
  private readonly working = new Set<string>();
  /** Books to look at again when the change under way is answered. */
  private readonly again = new Set<string>();
  /** Changes that were refused, and since when (monotonic ms) the watch has not told why. */
  private readonly refused = new Map<string, { readonly revision: number; readonly at: number }>();
  /** When a limit was used last; monotonic ms. */
  private readonly usedAt = new Map<string, number>();
  private counts: { readonly revision: number; readonly partitions: ReadonlySet<number> } = NOT_COUNTED;
  private timer: Timer | undefined;
  private isAway = false;
  private isClosed = false;

  constructor(options: GrantKeeperOptions) {
    this.options = options;
    options.claims.shareBy(this);
    this.tick();
  }

  granted(limit: string, partition: number): number {
    const epoch = this.options.ownership.epochOf(partition);
    if (epoch === undefined) return 0;
    const key = bookKey(limit);
    const said = [this.bookOf(key), ...this.openProposals(key).map(({ book }) => book)];
    return Math.min(...said.map((book) => amountIn(book, { limit, partition, epoch })));
  }

  changed(limit: string): void {
    const key = bookKey(limit);
    this.usedAt.set(limit, this.options.clock.monotonic());
    this.inUse.set(key, (this.inUse.get(key) ?? new Set()).add(limit));
    this.work(key);
  }

  /** All that is held here is known of another partition. */
  counted(): void {
    this.workAll();
  }

  /** Somebody has changed a lease. */
  onLease(key: string): void {
    if (key === COUNTED) this.workAll();
    if (!key.startsWith(LIMITS)) return;
    this.work(key);
    this.tellOfMore(key);
  }

  [Symbol.dispose](): void {
    this.isClosed = true;
    this.timer?.[Symbol.dispose]();
  }

  private tick(): void {
    this.forgetUnused();
    this.workAll();
    void this.askIfRefused();
    this.timer = this.options.clock.after(TICK_MS, () => this.tick(), { background: true });
  }

  private workAll(): void {
    const keys = new Set(this.inUse.keys());
    for (const { name } of this.options.mirror.under(LIMITS, 0)) keys.add(LIMITS + name);
    for (const key of keys) this.work(key);
    this.work(COUNTED);
  }

  /** One change of a book after the other; what is seen meanwhile is looked at afterwards. */
  private work(key: string): void {
    if (this.isClosed) return;
    if (this.working.has(key)) {
      this.again.add(key);
      return;
    }
    if (this.refused.get(key)?.revision === this.options.mirror.revisionOf(key)) return;
    this.refused.delete(key);
    const change = key === COUNTED ? this.countingChange() : this.bookChange(key);
    if (change === undefined) return;
    this.working.add(key);
    this.again.delete(key);
    void change
      .catch((error: unknown) => {
        // It may have been made: it is asked for again, at the same revision, until an answer tells.
        if (!this.isAway) this.options.log.warn("what is granted of limits is not changed for now", { error });
        this.isAway = true;
      })
      .finally(() => {
        this.working.delete(key);
        if (this.again.delete(key)) this.work(key);
      });
  }

  /** Undefined where there is nothing to change. */
  private bookChange(key: string): Promise<void> | undefined {
    const before = this.bookOf(key);
    if (before === undefined) return undefined;
    const freed: Freed[] = [];
    const after = this.changedBook(key, before, freed);
    const isSame = canonicalJson(bookAsJson(after)) === canonicalJson(bookAsJson(before));
    if (isSame && this.openProposals(key).length === 0) return undefined;
    const revision = this.options.mirror.revisionOf(key);
    this.proposals.set(key, [...this.openProposals(key), { revision, book: after }]);
    return this.put(key, { value: bookAsJson(after), revision }, freed);
  }

  private async put(
    key: string,
    { value, revision }: Pick<LeaseEntry, "value" | "revision">,
    freed: readonly Freed[] = [],
  ): Promise<void> {
    const { leases, mirror, clock, claims } = this.options;
    const changed = await leases.put(key, value, revision);
    this.isAway = false;
    if (changed === undefined) {
      this.refused.set(key, { revision, at: clock.monotonic() });
      return;
    }
    mirror.take({ key, value, revision: changed }, clock.monotonic());
    for (const { limit, partition, amount } of freed) claims.regranted(limit, partition, amount);
    this.again.add(key);
    this.tellOfMore(key);
  }

  /** Whoever waits looks again where there is something that is not used. */
  private tellOfMore(key: string): void {
    const { claims, onGrants } = this.options;
    const isMore = [...(this.inUse.get(key) ?? [])].some((limit) =>
      [...claims.stakesIn(limit)].some(([partition, { covered }]) => this.granted(limit, partition) > covered),
    );
    if (!isMore) return;
    claims.lookAgain();
    onGrants();
  }

  /** Notes what was freed and goes round by it. */
  private changedBook(key: string, before: LimitBook, freed: Freed[]): LimitBook {
    const { limits } = this.options;
    const isComplete = this.countedPartitions().size === PARTITIONS;
    const after = new Map<string, Granted>();
    for (const limit of new Set([...before.keys(), ...this.usedIn(key)])) {
      const granted = before.get(limit) ?? NOTHING_GRANTED;
      const needs = this.needsOf(limit, granted);
      for (const { partition, freed: amount } of needs) if (amount > 0) freed.push({ limit, partition, amount });
      const capacity = capacityOf(limit, limits);
      const changed = needs.length === 0 ? granted : regrant(granted, { capacity, needs, isComplete });
      if (!isEmpty(changed)) after.set(limit, changed);
    }
    return after;
  }

  private usedIn(key: string): ReadonlySet<string> {
    const { claims } = this.options;
    const used = this.inUse.get(key) ?? new Set();
    for (const limit of used) if (claims.stakesIn(limit).size === 0) used.delete(limit);
    if (used.size === 0) this.inUse.delete(key);
    return used;
  }

  /** Of partitions that are owned here and whose attempts in flight are known. */
  private needsOf(limit: string, { held, waits }: Granted): Need[] {
    const { claims, ownership, clock } = this.options;
    const stakes = claims.stakesIn(limit);
    const partitions = new Set([...stakes.keys(), ...[...held, ...waits].map(({ partition }) => partition)]);
    const lingers = clock.monotonic() - (this.usedAt.get(limit) ?? -Infinity) < LINGER_MS;
    const counted = this.countedPartitions();
    return [...partitions].flatMap((partition) => {
      const epoch = ownership.epochOf(partition);
      if (epoch === undefined || !this.isCountedHere(partition)) return [];
      const { used, wanted, unit, freed } = stakes.get(partition) ?? NO_STAKE;
      return [{ partition, epoch, used, wanted, unit, freed, lingers, isUncounted: !counted.has(partition) }];
    });
  }

  /** G2: partitions whose attempts in flight are all in the books. */
  private countingChange(): Promise<void> | undefined {
    const { mirror } = this.options;
    const counted = this.countedPartitions();
    if (counted.size === PARTITIONS) return undefined;
    const all = Array.from({ length: PARTITIONS }, (_, partition) => partition);
    const fresh = all.filter(
      (partition) => !counted.has(partition) && this.isCountedHere(partition) && this.isWritten(partition),
    );
    if (fresh.length === 0) return undefined;
    const value = countedAsJson(new Set([...counted, ...fresh]));
    return this.put(COUNTED, { value, revision: mirror.revisionOf(COUNTED) });
  }

  /** Under the ownership that there is now. */
  private isCountedHere(partition: number): boolean {
    const { claims, ownership } = this.options;
    const epoch = ownership.epochOf(partition);
    return epoch !== undefined && claims.countedFor(partition) === epoch;
  }

  private isWritten(partition: number): boolean {
    const { claims } = this.options;
    return [...this.inUse.values()].every((limits) =>
      [...limits].every((limit) => {
        const used = claims.stakesIn(limit).get(partition)?.used ?? 0;
        return used <= 0 || this.granted(limit, partition) >= used;
      }),
    );
  }

  private countedPartitions(): ReadonlySet<number> {
    const { mirror } = this.options;
    const revision = mirror.revisionOf(COUNTED);
    if (this.counts.revision !== revision) {
      this.counts = { revision, partitions: countedIn(mirror.valueOf(COUNTED)) };
    }
    return this.counts.partitions;
  }

  private bookOf(key: string): LimitBook | undefined {
    const { mirror, log } = this.options;
    const revision = mirror.revisionOf(key);
    const known = this.books.get(key);
    if (known?.revision === revision) return known.book;
    const book = bookIn(mirror.valueOf(key));
    if (book === undefined) log.error("what is granted of limits cannot be read: nothing of it is used", { key });
    this.books.set(key, { revision, book });
    return book;
  }

  /** G1: those that may still be made. */
  private openProposals(key: string): readonly Proposal[] {
    const proposals = this.proposals.get(key);
    if (proposals === undefined) return NONE;
    const revision = this.options.mirror.revisionOf(key);
    const open = proposals.filter((proposal) => proposal.revision >= revision);
    if (open.length === 0) this.proposals.delete(key);
    else if (open.length < proposals.length) this.proposals.set(key, open);
    return open;
  }

  private async askIfRefused(): Promise<void> {
    const { leases, mirror, clock, log } = this.options;
    const now = clock.monotonic();
    if (![...this.refused.values()].some(({ at }) => now - at >= ASK_AFTER_MS)) return;
    try {
      mirror.takeAll(await leases.list(), clock.monotonic());
      this.refused.clear();
    } catch (error) {
      log.warn("what is granted of limits is not known for now", { error });
    }
  }

  private forgetUnused(): void {
    const now = this.options.clock.monotonic();
    for (const [limit, at] of this.usedAt) if (now - at >= 2 * LINGER_MS) this.usedAt.delete(limit);
  }
}

const NOT_COUNTED = { revision: -1, partitions: new Set<number>() };
const NONE: readonly Proposal[] = [];
const NO_STAKE = { used: 0, wanted: 0, unit: 0, freed: 0 };

function amountIn(
  book: LimitBook | undefined,
  { limit, partition, epoch }: { readonly limit: string; readonly partition: number; readonly epoch: number },
): number {
  const share = book?.get(limit)?.held.find((one) => one.partition === partition);
  return share?.epoch === epoch ? share.amount : 0;
}
