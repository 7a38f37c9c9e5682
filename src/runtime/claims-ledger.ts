import { claimOf, tokenOf, type Claim } from "#events/claims.ts";
import type { Limits } from "#src/ports/limits.ts";

// Who holds what of pools, concurrency keys and resources.
//
// H1. What is held never exceeds its limit by a grant: `fits` is asked before the dispatch, in the same turn that takes.
//     A limit that became smaller may find more held than there is.
// H2. Claims are counted by attempt, so taking or giving back twice changes nothing.
// H3. Nothing is granted while plans are taken up whose attempts in flight are not counted yet: an earlier owner may have
//     granted to them what looks free.

export class ClaimsLedger {
  private readonly limits: Limits;
  /** Amounts by kind and name. */
  private readonly held = new Map<string, number>();
  private readonly byAttempt = new Map<string, readonly Claim[]>();
  /** Plans that are being taken up. */
  private readonly uncounted = new Set<string>();
  /** Counts what was given back: whoever waits for claims looks again when it has grown. */
  releases = 0;

  constructor(limits: Limits) {
    this.limits = limits;
  }

  /** Whether all of it is free now. */
  fits(claims: readonly Claim[]): boolean {
    if (claims.length > 0 && this.uncounted.size > 0) return false;
    return claims.every((claim) => this.heldOf(claim) + claim.amount <= limitOf(claim, this.limits));
  }

  /** A plan is taken up that may hold something. */
  expect(plan: string): void {
    this.uncounted.add(plan);
  }

  /** What the plan holds has been taken, or it does not go on here. */
  counted(plan: string): void {
    if (this.uncounted.delete(plan) && this.uncounted.size === 0) this.releases++;
  }

  take(attempt: string, tokens: readonly string[]): void {
    if (tokens.length === 0 || this.byAttempt.has(attempt)) return;
    const claims = tokens.map(claimOf).filter((claim) => claim !== undefined);
    this.byAttempt.set(attempt, claims);
    for (const claim of claims) this.held.set(nameOf(claim), this.heldOf(claim) + claim.amount);
  }

  giveBack(attempt: string): void {
    const claims = this.byAttempt.get(attempt);
    if (claims === undefined) return;
    this.byAttempt.delete(attempt);
    this.releases++;
    for (const claim of claims) {
      const left = this.heldOf(claim) - claim.amount;
      if (left > 0) this.held.set(nameOf(claim), left);
      else this.held.delete(nameOf(claim));
    }
  }

  /** What the plan holds is counted elsewhere from now on. */
  forget(plan: string): void {
    for (const attempt of [...this.byAttempt.keys()]) if (attempt.startsWith(`${plan}/`)) this.giveBack(attempt);
  }

  /** What is held now, by token of the amount: for those who look, and for tests. */
  list(): readonly Claim[] {
    return [...this.held].flatMap(([name, amount]) => {
      const claim = claimOf(name);
      return claim === undefined ? [] : [{ ...claim, amount }];
    });
  }

  private heldOf(claim: Claim): number {
    return this.held.get(nameOf(claim)) ?? 0;
  }
}

function nameOf({ kind, name }: Claim): string {
  return tokenOf({ kind, name, amount: 1 });
}

function limitOf({ kind, name }: Claim, limits: Limits): number {
  if (kind === "key") return limits.key(name);
  // What the configuration no longer knows has no place: `planwright why` names it.
  return (kind === "pool" ? limits.pool(name) : limits.resource(name)) ?? 0;
}
