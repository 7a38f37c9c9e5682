import { claimOf, type Claim } from "#events/claims.ts";
import { partitionOf } from "#events/streams.ts";
import type { Limits } from "#src/ports/limits.ts";
import type { Grants } from "#src/runtime/grants.ts";
import { claimOfLimit, inOrder, limitName, limitOf } from "#src/runtime/limit-names.ts";

// Who holds what of pools, concurrency keys and resources.
//
// H1. What is held never exceeds its limit, or what was granted of it where others share it: `fits` is asked before the
//     dispatch, in the same turn that takes. A limit that became smaller may find more held than there is.
// H2. Claims are counted by attempt, so taking or giving back twice changes nothing.
// H3. Nothing is taken while plans are taken up whose attempts in flight are not counted yet: an earlier owner may have
//     granted to them what looks free.
// H4. An attempt that an earlier owner appended too late for the count is not sent before what it claims is granted anew.
// H5. Who waits for several things reserves them in one order, the same for all, so that nobody waits in a circle.

/** What plans of one partition hold of one limit, and want beside. */
export interface Stake {
  used: number;
  wanted: number;
  /** Of what is used, by attempts that may be sent. */
  covered: number;
  /** Most that one step has claimed. */
  unit: number;
  /** Was used, and nobody has taken it up again. */
  freed: number;
}

interface Counted {
  readonly claims: readonly Claim[];
  isCovered: boolean;
}

interface Wish {
  readonly amount: number;
  /** Most that one step wants. */
  readonly unit: number;
}

/** By limit. */
type Wishes = ReadonlyMap<string, Wish>;

const NO_WISH: Wish = { amount: 0, unit: 0 };
const NO_WISHES: Wishes = new Map();

/** Where nobody else has plans, they are all of one partition. */
const ALL = 0;

export class ClaimsLedger {
  private readonly limits: Limits;
  private grants: Grants | undefined;
  /** By limit and partition. */
  private readonly stakes = new Map<string, Map<number, Stake>>();
  private readonly byAttempt = new Map<string, Counted>();
  /** What plans want, by plan. */
  private readonly wishes = new Map<string, Wishes>();
  /** Plans that are being taken up, by partition. */
  private readonly uncounted = new Map<number, Set<string>>();
  /** Partitions of whose plans it is known which have to be counted, and the epoch of the ownership. */
  private readonly taken = new Map<number, number>();
  /** Counts what was given back: whoever waits for claims looks again when it has grown. */
  releases = 0;

  constructor(limits: Limits) {
    this.limits = limits;
  }

  /** Others have plans that use the same limits. Before anything is counted. */
  shareBy(grants: Grants): void {
    this.grants = grants;
  }

  /** Whether all of it is free now for an attempt of the plan. */
  fits(plan: string, claims: readonly Claim[]): boolean {
    if (claims.length === 0) return true;
    const partition = this.partitionOf(plan);
    return this.isCounted(partition) && claims.every((claim) => claim.amount <= this.freeOf(claim, partition));
  }

  /** A plan is taken up that may hold something. One that is found after the count holds nothing that was sent (H4). */
  expect(plan: string): void {
    const partition = this.partitionOf(plan);
    if (this.taken.has(partition)) return;
    this.uncounted.set(partition, (this.uncounted.get(partition) ?? new Set()).add(plan));
  }

  /** All plans of the partition that hold something are expected or counted, for the owner of this epoch. */
  expectsAll(partition: number, epoch: number): void {
    this.taken.set(partition, epoch);
    this.noteCounted(partition);
  }

  /** What the plan holds has been taken, or it does not go on here. */
  counted(plan: string): void {
    const partition = this.partitionOf(plan);
    if (this.uncounted.get(partition)?.delete(plan) === true) this.noteCounted(partition);
  }

  /** The ownership for which all is known that plans of the partition hold; undefined where it is not. */
  countedFor(partition: number): number | undefined {
    return this.isCounted(partition) ? this.taken.get(partition) : undefined;
  }

  /** The partition's plans are another owner's, or will be counted anew. */
  giveUp(partition: number): void {
    if (this.grants === undefined) return;
    this.taken.delete(partition);
    this.uncounted.delete(partition);
    for (const attempt of [...this.byAttempt.keys()]) {
      if (this.partitionOf(planOf(attempt)) === partition) this.giveBack(attempt);
    }
  }

  /** Of a dispatch that fitted. */
  take(attempt: string, tokens: readonly string[]): void {
    this.count(attempt, tokens, true);
  }

  /** Of an attempt that the log shows in flight. */
  adopt(attempt: string, tokens: readonly string[]): void {
    this.count(attempt, tokens, this.grants === undefined || !this.isCounted(this.partitionOf(planOf(attempt))));
  }

  /** H4: whether the attempt may be sent. */
  covers(attempt: string): boolean {
    const counted = this.byAttempt.get(attempt);
    if (counted === undefined || counted.isCovered) return true;
    const partition = this.partitionOf(planOf(attempt));
    const isGranted = counted.claims.every(
      (claim) => this.stakeOf(claim, partition).covered + claim.amount <= this.grantedOf(claim, partition),
    );
    if (!isGranted) return false;
    counted.isCovered = true;
    for (const claim of counted.claims) this.stakeOf(claim, partition).covered += claim.amount;
    return true;
  }

  giveBack(attempt: string): void {
    const counted = this.byAttempt.get(attempt);
    if (counted === undefined) return;
    this.byAttempt.delete(attempt);
    this.releases++;
    const partition = this.partitionOf(planOf(attempt));
    for (const claim of counted.claims) {
      const stake = this.stakeOf(claim, partition);
      stake.used -= claim.amount;
      stake.freed += claim.amount;
      if (counted.isCovered) stake.covered -= claim.amount;
      this.change(claim, partition);
    }
  }

  /** What the plan holds is counted elsewhere from now on. */
  forget(plan: string): void {
    this.wants(plan, []);
    for (const attempt of [...this.byAttempt.keys()]) if (planOf(attempt) === plan) this.giveBack(attempt);
  }

  /** What steps of the plan claim that found slots, and not that; replaces what it wanted before. */
  wants(plan: string, refused: readonly (readonly Claim[])[]): void {
    if (this.grants === undefined || (refused.length === 0 && !this.wishes.has(plan))) return;
    const partition = this.partitionOf(plan);
    const before = this.wishes.get(plan) ?? NO_WISHES;
    const wishes = this.reserved(refused, partition);
    this.wishes.set(plan, wishes);
    if (wishes.size === 0) this.wishes.delete(plan);
    for (const limit of new Set([...before.keys(), ...wishes.keys()])) {
      const [had, has] = [before.get(limit) ?? NO_WISH, wishes.get(limit) ?? NO_WISH];
      if (had.amount === has.amount) continue;
      const stake = this.stake(limit, partition);
      stake.wanted += has.amount - had.amount;
      stake.unit = Math.max(stake.unit, has.unit);
      this.changeLimit(limit, partition);
    }
  }

  /** What was freed by the partition's plans has been granted anew. */
  regranted(limit: string, partition: number, freed: number): void {
    const stake = this.stakes.get(limit)?.get(partition);
    if (stake !== undefined) stake.freed = Math.max(0, stake.freed - freed);
  }

  /** There may be more granted than before. */
  lookAgain(): void {
    this.releases++;
  }

  /** What plans of partitions hold and want of a limit. */
  stakesIn(limit: string): ReadonlyMap<number, Readonly<Stake>> {
    return this.stakes.get(limit) ?? NONE;
  }

  /** What is held now, by limit: for those who look, and for tests. */
  list(): readonly Claim[] {
    return [...this.stakes].flatMap(([limit, stakes]) => {
      const claim = claimOfLimit(limit);
      const amount = [...stakes.values()].reduce((sum, { used }) => sum + used, 0);
      return claim === undefined || amount <= 0 ? [] : [{ ...claim, amount }];
    });
  }

  private count(attempt: string, tokens: readonly string[], isCovered: boolean): void {
    if (tokens.length === 0 || this.byAttempt.has(attempt)) return;
    const claims = tokens.map(claimOf).filter((claim) => claim !== undefined);
    this.byAttempt.set(attempt, { claims, isCovered });
    const partition = this.partitionOf(planOf(attempt));
    for (const claim of claims) {
      const stake = this.stakeOf(claim, partition);
      stake.used += claim.amount;
      stake.freed = Math.max(0, stake.freed - claim.amount);
      stake.unit = Math.max(stake.unit, claim.amount);
      if (isCovered) stake.covered += claim.amount;
      this.change(claim, partition);
    }
  }

  /** H5: of each what it needs up to the first that is not free. */
  private reserved(refused: readonly (readonly Claim[])[], partition: number): Wishes {
    const wishes = new Map<string, Wish>();
    for (const claims of refused) {
      // One that wants more than there is waits for the configuration, and for nothing that it could be granted.
      if (claims.some((claim) => claim.amount > limitOf(claim, this.limits))) continue;
      for (const claim of [...claims].sort(inOrder)) {
        const { amount, unit } = wishes.get(limitName(claim)) ?? NO_WISH;
        const wish = { amount: amount + claim.amount, unit: Math.max(unit, claim.amount) };
        wishes.set(limitName(claim), wish);
        if (wish.amount > this.freeOf(claim, partition)) break;
      }
    }
    return wishes;
  }

  private freeOf(claim: Claim, partition: number): number {
    const { used } = this.stakes.get(limitName(claim))?.get(partition) ?? NOTHING;
    return this.grantedOf(claim, partition) - used;
  }

  private grantedOf(claim: Claim, partition: number): number {
    const most = limitOf(claim, this.limits);
    return this.grants === undefined ? most : Math.min(most, this.grants.granted(limitName(claim), partition));
  }

  private isCounted(partition: number): boolean {
    const isTaken = this.grants === undefined || this.taken.has(partition);
    return isTaken && (this.uncounted.get(partition)?.size ?? 0) === 0;
  }

  private noteCounted(partition: number): void {
    if (!this.isCounted(partition)) return;
    this.releases++;
    this.grants?.counted();
  }

  private partitionOf(plan: string): number {
    return this.grants === undefined ? ALL : partitionOf(plan);
  }

  private stakeOf(claim: Claim, partition: number): Stake {
    return this.stake(limitName(claim), partition);
  }

  private stake(limit: string, partition: number): Stake {
    const stakes = this.stakes.get(limit) ?? new Map<number, Stake>();
    this.stakes.set(limit, stakes);
    const stake = stakes.get(partition) ?? { ...NOTHING };
    stakes.set(partition, stake);
    return stake;
  }

  private change(claim: Claim, partition: number): void {
    this.changeLimit(limitName(claim), partition);
  }

  private changeLimit(limit: string, partition: number): void {
    const stakes = this.stakes.get(limit);
    const stake = stakes?.get(partition);
    if (stake !== undefined && stake.used <= 0 && stake.wanted <= 0) stakes?.delete(partition);
    if (stakes?.size === 0) this.stakes.delete(limit);
    this.grants?.changed(limit);
  }
}

const NOTHING: Stake = { used: 0, wanted: 0, covered: 0, unit: 0, freed: 0 };
const NONE: ReadonlyMap<number, Stake> = new Map();

function planOf(attempt: string): string {
  return attempt.split("/", 1)[0] ?? "";
}
