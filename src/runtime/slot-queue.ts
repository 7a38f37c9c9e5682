import type { PlanId } from "#events/ids.ts";

// Who gets the next slots.
//
// Q1. Plans whose steps have a higher priority come first; those of one priority get slots in the order in which they
//     began to wait, one each before anybody gets more.
// Q2. However often a plan is busy with other things, it loses its place only by taking a slot.
// Q3. A plan for which there are slots, but whose pools, keys or resources are taken, is held: it takes nobody's turn, and
//     has its place again when something of that is given back.

/** What a plan wants after a turn. */
export interface Wish {
  /** Priority of the first step that wants a slot; undefined for none. */
  readonly priority: number | undefined;
  /** How many steps want one. Default: 1. */
  readonly count?: number;
  /** It has just taken a slot, and goes to the end. */
  readonly took?: boolean;
  /** It found slots, and no place in a pool, under a key or of a resource. */
  readonly isHeld?: boolean;
}

interface Place {
  readonly priority: number;
  /** Counts those who began to wait. */
  readonly arrival: number;
  /** How many slots it wants. */
  readonly count: number;
}

export class SlotQueue {
  private readonly places = new Map<PlanId, Place>();
  private readonly held = new Set<PlanId>();
  /** The plans of every priority that wait, in order; the highest priority first. */
  private lines: { readonly priority: number; readonly plans: Set<PlanId> }[] = [];
  private readonly free: () => number;
  private arrivals = 0;
  private sum = 0;

  constructor(free: () => number) {
    this.free = free;
  }

  /** How many slots are wanted now: by everybody who is not held. */
  get wanted(): number {
    return this.sum;
  }

  set(plan: PlanId, wish: Wish): void {
    const { priority, count = 1, took = false, isHeld = false } = wish;
    const before = this.places.get(plan);
    if (this.isAsBefore(plan, wish)) {
      if (before !== undefined) this.count(plan, { ...before, count });
      return;
    }
    this.remove(plan);
    if (priority === undefined) return;
    const place = { priority, count, arrival: took || before === undefined ? this.arrivals++ : before.arrival };
    this.places.set(plan, place);
    if (isHeld) this.held.add(plan);
    else this.enter(plan, place);
  }

  has(plan: PlanId): boolean {
    return this.places.has(plan);
  }

  /** Everybody who was held waits again, in the old place. */
  release(): void {
    const held = [...this.held];
    this.held.clear();
    for (const plan of held) {
      const place = this.places.get(plan);
      if (place !== undefined) this.enter(plan, place);
    }
  }

  /** How many slots the plan may take now: what is free beyond one for everybody who waits before it. */
  share(plan: PlanId): number {
    const free = this.free();
    let before = 0;
    let waiting = 0;
    let isFound = false;
    for (const { plans } of this.lines) {
      for (const other of plans) {
        waiting++;
        if (other === plan) isFound = true;
        else if (!isFound) before++;
      }
    }
    if (waiting === 0) return free;
    const left = free - before;
    const behind = waiting - before - (isFound ? 1 : 0);
    return left <= 0 ? 0 : Math.max(1, left - behind);
  }

  /** The plans to wake: as many as there are free slots, the first in line first. */
  next(): PlanId[] {
    const free = this.free();
    const plans: PlanId[] = [];
    for (const line of this.lines) {
      for (const plan of line.plans) {
        if (plans.length >= free) return plans;
        plans.push(plan);
      }
    }
    return plans;
  }

  private isAsBefore(plan: PlanId, { priority, took = false, isHeld = false }: Wish): boolean {
    return !took && this.places.get(plan)?.priority === priority && this.held.has(plan) === isHeld;
  }

  /** In its old place it wants more, or fewer. */
  private count(plan: PlanId, place: Place): void {
    if (!this.held.has(plan)) this.sum += place.count - (this.places.get(plan)?.count ?? 0);
    this.places.set(plan, place);
  }

  private remove(plan: PlanId): void {
    const place = this.places.get(plan);
    if (place === undefined) return;
    this.places.delete(plan);
    if (this.held.delete(plan)) return;
    this.sum -= place.count;
    const line = this.lines.find(({ priority }) => priority === place.priority);
    line?.plans.delete(plan);
    if (line?.plans.size === 0) this.lines = this.lines.filter((other) => other !== line);
  }

  /** Into its line, where it belongs by its arrival: at the end unless it was held. */
  private enter(plan: PlanId, { priority, arrival, count }: Place): void {
    this.sum += count;
    const line = this.lines.find((other) => other.priority === priority);
    if (line === undefined) {
      this.lines.push({ priority, plans: new Set([plan]) });
      this.lines.sort((a, b) => b.priority - a.priority);
      return;
    }
    // Nearly always at the end; one that comes back to its place makes way for itself.
    const later: PlanId[] = [];
    for (const other of [...line.plans].reverse()) {
      if ((this.places.get(other)?.arrival ?? 0) < arrival) break;
      later.push(other);
    }
    for (const other of later) line.plans.delete(other);
    for (const other of [plan, ...later.reverse()]) line.plans.add(other);
  }
}
