import { DueHeap, type Due } from "#machines/due-heap.ts";
import type { Lane } from "#machines/ready-steps.ts";

// Retries by the time at which they may start, in lanes like the steps that are ready: when its time has come, a retry
// wants a slot like any of those, and one that has to wait for its pool holds up no other pool.

interface RetryLane extends Lane {
  readonly heap: DueHeap;
}

export class Retries {
  private readonly lanes = new Map<string, RetryLane>();
  private readonly isLive: (due: Due) => boolean;

  constructor(isLive: (due: Due) => boolean) {
    this.isLive = isLive;
  }

  push(due: Due, { priority, pool }: Lane): void {
    const name = `${priority}/${pool}`;
    const known = this.lanes.get(name);
    const lane = known ?? { priority, pool, heap: new DueHeap(this.isLive) };
    if (known === undefined) this.lanes.set(name, lane);
    lane.heap.push(due);
  }

  /** The earliest of all. */
  peek(): Due | undefined {
    let first: Due | undefined;
    for (const { heap } of this.lanes.values()) {
      const due = heap.peek();
      if (due !== undefined && (first === undefined || due.dueAt < first.dueAt)) first = due;
    }
    return first;
  }

  /** All of them, the earliest first. O(entries · log entries). */
  living(): readonly Due[] {
    return [...this.lanes.values()].flatMap(({ heap }) => heap.living()).sort((a, b) => a.dueAt - b.dueAt);
  }

  /** The earliest of every lane whose time has come, of a higher priority first. */
  due(now: number): readonly (Due & Lane)[] {
    const found: (Due & Lane)[] = [];
    for (const { heap, priority, pool } of this.lanes.values()) {
      const due = heap.peek();
      if (due !== undefined && due.dueAt <= now) found.push({ ...due, priority, pool });
    }
    return found.length > 1 ? found.sort((a, b) => b.priority - a.priority || a.dueAt - b.dueAt) : found;
  }
}
