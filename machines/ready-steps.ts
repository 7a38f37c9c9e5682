// Steps that could start now, in lanes: a lane has the steps of one priority and one pool, in the order in which they
// became ready. A pool that is full holds up its own lanes and nothing else.
//
// L1. Lanes come by priority, those of one priority by whose first step has waited longest.
// L2. Adding and removing cost O(1), but for the first and the last step of a lane: O(lanes), which are few.

export interface Lane {
  /** Higher goes first. */
  readonly priority: number;
  readonly pool: string;
}

export const PLAIN_LANE: Lane = { priority: 0, pool: "" };

interface LaneSteps extends Lane {
  /** When each became ready, as a count. */
  readonly steps: Map<number, number>;
}

export class ReadySteps implements Iterable<number> {
  private readonly byName = new Map<string, LaneSteps>();
  private readonly laneOf = new Map<number, LaneSteps>();
  private arrivals = 0;

  get size(): number {
    return this.laneOf.size;
  }

  has(step: number): boolean {
    return this.laneOf.has(step);
  }

  /** A step that is there already keeps its place. */
  add(step: number, lane: Lane = PLAIN_LANE): void {
    if (this.laneOf.has(step)) return;
    const found = this.lane(lane);
    found.steps.set(step, this.arrivals++);
    this.laneOf.set(step, found);
  }

  delete(step: number): void {
    const lane = this.laneOf.get(step);
    if (lane === undefined) return;
    this.laneOf.delete(step);
    lane.steps.delete(step);
    if (lane.steps.size === 0) this.byName.delete(nameOf(lane));
  }

  clear(): void {
    this.byName.clear();
    this.laneOf.clear();
  }

  /** Of the steps that are there; undefined for none. */
  get highest(): number | undefined {
    if (this.byName.size === 0) return undefined;
    return Math.max(...[...this.byName.values()].map(({ priority }) => priority));
  }

  /** The steps of every lane, the lane first whose turn it is. */
  lanes(): readonly Iterable<number>[] {
    const lanes = [...this.byName.values()];
    if (lanes.length > 1) lanes.sort((a, b) => b.priority - a.priority || firstArrival(a) - firstArrival(b));
    return lanes.map(({ steps }) => steps.keys());
  }

  *[Symbol.iterator](): Iterator<number> {
    for (const lane of this.lanes()) yield* lane;
  }

  private lane(wanted: Lane): LaneSteps {
    const name = nameOf(wanted);
    const known = this.byName.get(name);
    if (known !== undefined) return known;
    const lane = { priority: wanted.priority, pool: wanted.pool, steps: new Map<number, number>() };
    this.byName.set(name, lane);
    return lane;
  }
}

function nameOf({ priority, pool }: Lane): string {
  return `${priority}/${pool}`;
}

function firstArrival({ steps }: LaneSteps): number {
  for (const arrival of steps.values()) return arrival;
  return Infinity;
}
