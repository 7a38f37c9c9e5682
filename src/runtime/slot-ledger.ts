import type { ExecutorId } from "#events/ids.ts";
import { UNLIMITED, type Limits } from "#src/ports/limits.ts";
import { ClaimsLedger } from "#src/runtime/claims-ledger.ts";

// What executors have offered and what of it is promised. The coordinator's side of "dispatch is a promise of a slot".
//
// L1. A slot is taken before the dispatch is appended and given back when the attempt's end is durable, or when the
//     append was refused. Promised slots never exceed offered ones at the moment of the promise.
// L2. Slots are counted by attempt, so giving one back twice changes nothing.

interface Offered {
  slots: number;
  heardAt: number;
  readonly taken: Set<string>;
}

export class SlotLedger {
  readonly claims: ClaimsLedger;
  private readonly executors = new Map<ExecutorId, Offered>();

  constructor(limits: Limits = UNLIMITED) {
    this.claims = new ClaimsLedger(limits);
  }

  /** An executor says how many attempts it can run at once. `now` is monotonic time in ms. */
  offer(executor: ExecutorId, slots: number, now: number): void {
    const known = this.executors.get(executor);
    if (known === undefined) this.executors.set(executor, { slots, heardAt: now, taken: new Set() });
    else {
      known.slots = slots;
      known.heardAt = now;
    }
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
    this.executors.get(executor)?.taken.add(attempt);
    this.claims.take(attempt, tokens);
  }

  giveBack(executor: ExecutorId, attempt: string): void {
    this.claims.giveBack(attempt);
    this.executors.get(executor)?.taken.delete(attempt);
  }

  get free(): number {
    let free = 0;
    for (const { slots, taken } of this.executors.values()) free += Math.max(0, slots - taken.size);
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
    for (const [id, { slots, taken }] of this.executors) {
      if (slots - taken.size <= most) continue;
      most = slots - taken.size;
      best = id;
    }
    return best;
  }
}

export function attemptName(plan: string, step: string, attempt: number): string {
  return `${plan}/${step}/${attempt}`;
}
