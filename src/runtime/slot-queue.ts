import type { PlanId } from "#events/ids.ts";

// Who gets the next slots.
//
// Q1. Plans get slots in the order in which they began to wait, one each before anybody gets more.
// Q2. However often a plan is busy with other things, it loses its place only by taking a slot.

export class SlotQueue {
  private readonly waiting = new Set<PlanId>();
  private readonly free: () => number;

  constructor(free: () => number) {
    this.free = free;
  }

  /** A plan that has just taken a slot goes to the end; one that took none keeps its place. */
  set(plan: PlanId, wants: boolean, took = false): void {
    if (!wants || took) this.waiting.delete(plan);
    if (wants) this.waiting.add(plan);
  }

  has(plan: PlanId): boolean {
    return this.waiting.has(plan);
  }

  /** How many slots the plan may take now: what is free beyond one for everybody who waits before it. */
  share(plan: PlanId): number {
    const free = this.free();
    if (this.waiting.size === 0) return free;
    let before = 0;
    for (const other of this.waiting) {
      if (other === plan) break;
      before++;
    }
    const behind = this.waiting.size - before - (this.waiting.has(plan) ? 1 : 0);
    const left = free - before;
    return left <= 0 ? 0 : Math.max(1, left - behind);
  }

  /** The plans to wake: as many as there are free slots, the longest waiting first. */
  next(): PlanId[] {
    const free = this.free();
    const plans: PlanId[] = [];
    if (free <= 0) return plans;
    for (const plan of this.waiting) {
      plans.push(plan);
      if (plans.length >= free) break;
    }
    return plans;
  }
}
