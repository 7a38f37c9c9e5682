import type { PlanId } from "#events/ids.ts";
import { partitionOf } from "#events/streams.ts";
import type { Clock, Timer } from "#src/ports/clock.ts";

// Plans that left memory and have not ended: how far their streams were, and what brings them back. What is due is due by the
// wall clock, which somebody may set: whoever asks hears what should have rung by now.

/** A plan that left memory until something of it is due. */
interface Sleeper {
  readonly timer: Timer;
  /** By the wall clock. */
  readonly dueAt: number;
}

export class RestingPlans implements Disposable {
  private readonly revisions = new Map<PlanId, number>();
  private readonly sleepers = new Map<PlanId, Sleeper>();
  private readonly clock: Clock;
  private readonly onDue: (plan: PlanId) => void;

  constructor(clock: Clock, onDue: (plan: PlanId) => void) {
    this.clock = clock;
    this.onDue = onDue;
  }

  rest(plan: PlanId, revision: number): void {
    this.revisions.set(plan, revision);
  }

  /** Brings it back then. */
  sleep(plan: PlanId, dueAt: number): void {
    const timer = this.clock.after(dueAt - this.clock.now(), () => this.onDue(plan));
    this.sleepers.set(plan, { timer, dueAt });
  }

  /** The revision that it had; undefined for one that does not rest here. */
  revisionOf(plan: PlanId): number | undefined {
    return this.revisions.get(plan);
  }

  /** Whether something of it is due some time: it had nothing in flight when it left memory. */
  sleeps(plan: PlanId): boolean {
    return this.sleepers.has(plan);
  }

  /** It is in memory again, or another's. */
  forget(plan: PlanId): void {
    this.sleepers.get(plan)?.timer[Symbol.dispose]();
    this.sleepers.delete(plan);
    this.revisions.delete(plan);
  }

  forgetPartition(partition: number): void {
    for (const plan of new Set([...this.revisions.keys(), ...this.sleepers.keys()])) {
      if (partitionOf(plan) === partition) this.forget(plan);
    }
  }

  /** Those whose timers should have rung: somebody has set the clock. */
  overdue(): readonly PlanId[] {
    const now = this.clock.now();
    return [...this.sleepers].filter(([, { dueAt }]) => dueAt <= now).map(([plan]) => plan);
  }

  [Symbol.dispose](): void {
    for (const { timer } of this.sleepers.values()) timer[Symbol.dispose]();
  }
}
