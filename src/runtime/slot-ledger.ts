import type { ExecutorId } from "#events/ids.ts";
import { UNLIMITED, type Limits } from "#src/ports/limits.ts";
import { ClaimsLedger } from "#src/runtime/claims-ledger.ts";

// What executors have offered and what of it is promised. The coordinator's side of "dispatch is a promise of a slot".
//
// L1. A slot is taken before the dispatch is appended and given back when the attempt's end is durable, or when the
//     append was refused. Promised slots never exceed offered ones at the moment of the promise.
// L2. Slots are counted by attempt, so giving one back twice changes nothing.
// L3. What an earlier owner promised counts as soon as its plan is read or the executor says that it runs it, whichever is
//     first. Only a promise that neither has told of can be made a second time: the executor then leaves it for later.

interface Offered {
  readonly slots: number;
  readonly heardAt: number;
  /** What it runs or has to report beside what is known here to be taken. */
  readonly holding: Set<string>;
}

export interface Offer {
  readonly slots: number;
  /** Names of the attempts that the executor runs or still has to report. */
  readonly holding: readonly string[];
}

export class SlotLedger {
  readonly claims: ClaimsLedger;
  private readonly executors = new Map<ExecutorId, Offered>();
  private readonly taken = new Map<ExecutorId, Set<string>>();

  constructor(limits: Limits = UNLIMITED) {
    this.claims = new ClaimsLedger(limits);
  }

  /** An executor says how many attempts it can run at once. `now` is monotonic time in ms. */
  offer(executor: ExecutorId, { slots, holding }: Offer, now: number): void {
    const taken = this.taken.get(executor);
    const others = holding.filter((attempt) => taken?.has(attempt) !== true);
    this.executors.set(executor, { slots, heardAt: now, holding: new Set(others) });
  }

  /** Executors not heard of for `leaseMs`; they are forgotten, and what they run is lost. */
  expire(now: number, leaseMs: number): ExecutorId[] {
    const gone = [...this.executors].filter(([, offered]) => now - offered.heardAt >= leaseMs).map(([id]) => id);
    for (const id of gone) this.executors.delete(id);
    return gone;
  }

  knows(executor: ExecutorId): boolean {
    return this.executors.has(executor);
  }

  /** Counts an attempt against its executor and what it claims, also one that an earlier owner dispatched. */
  take(executor: ExecutorId, attempt: string, tokens: readonly string[] = []): void {
    this.taken.set(executor, (this.taken.get(executor) ?? new Set()).add(attempt));
    this.executors.get(executor)?.holding.delete(attempt);
    this.claims.take(attempt, tokens);
  }

  giveBack(executor: ExecutorId, attempt: string): void {
    this.claims.giveBack(attempt);
    this.executors.get(executor)?.holding.delete(attempt);
    const taken = this.taken.get(executor);
    taken?.delete(attempt);
    if (taken?.size === 0) this.taken.delete(executor);
  }

  get free(): number {
    let free = 0;
    for (const [id, offered] of this.executors) free += Math.max(0, this.freeOf(id, offered));
    return free;
  }

  get total(): number {
    let total = 0;
    for (const { slots } of this.executors.values()) total += slots;
    return total;
  }

  /** The executor with most free slots, if any has one. */
  freest(): ExecutorId | undefined {
    let best: ExecutorId | undefined;
    let most = 0;
    for (const [id, offered] of this.executors) {
      const free = this.freeOf(id, offered);
      if (free <= most) continue;
      most = free;
      best = id;
    }
    return best;
  }

  private freeOf(executor: ExecutorId, { slots, holding }: Offered): number {
    return slots - holding.size - (this.taken.get(executor)?.size ?? 0);
  }
}

export function attemptName(plan: string, step: string, attempt: number): string {
  return `${plan}/${step}/${attempt}`;
}
