import type { KeyedView } from "#projections/keyed-view.ts";
import type { EventStore } from "#src/ports/event-store.ts";
import type { Log } from "#src/ports/log.ts";
import type { ViewedLog } from "#src/projecting/viewed-log.ts";
import type { Standing, ViewProjection } from "#src/projecting/view-projection.ts";

// Looks at the log for all views at once, so that one more view costs what it makes of events, and no further reading of them.
//
// K1. Views that were at the head at the last look share one reading of what came since, and take of it what they do not include
//     yet. So do views that are further behind and stand at the same place. All others are read for by themselves.
// K2. A reading is a piece. Where it ends before the head, views that read nothing about steps, and so an eighth of the log, go on
//     by themselves: they never wait for the rest.
// K3. A view that fails is left out for the rest of the look; one that turned out to be damaged begins anew at the next one.

export interface LookOptions {
  readonly events: Pick<EventStore, "head" | "isShared">;
  readonly viewed: ViewedLog;
  readonly log: Log;
  readonly projections: readonly ViewProjection[];
}

const PIECE_EVENTS = 1_000;
const NEAR = "near";

interface Behind extends Standing {
  readonly projection: ViewProjection;
}

export class LogLooks {
  private readonly options: LookOptions;
  private readonly failed = new Set<ViewProjection>();
  /** Head of the last look; before the first one nobody is known to be near. */
  private lookedTo = Infinity;

  constructor(options: LookOptions) {
    this.options = options;
  }

  /**
   * Brings every view on by what came since the last look, or by a piece. Resolves with whether some are still behind; those that
   * failed do not count. Fault: `store-unavailable`.
   */
  async look(): Promise<boolean> {
    const { events, projections } = this.options;
    this.failed.clear();
    const head = await events.head();
    const behind = (await this.standings()).filter(({ position }) => position < head);
    for (const group of Map.groupBy(behind, (one) => this.groupOf(one)).values()) await this.bringOn(group, head);
    this.lookedTo = head;
    let isBehind = false;
    for (const projection of projections) {
      const isThere = await this.trying([projection], () => projection.settle(head));
      if (isThere === false) isBehind = true;
    }
    return isBehind;
  }

  private async standings(): Promise<readonly Behind[]> {
    const found: Behind[] = [];
    for (const projection of this.options.projections) {
      const standings = await this.trying([projection], () => projection.standings());
      for (const standing of standings ?? []) found.push({ ...standing, projection });
    }
    return found;
  }

  private groupOf({ position }: Standing): number | typeof NEAR {
    return position >= this.lookedTo ? NEAR : position;
  }

  private async bringOn(group: readonly Behind[], head: number): Promise<void> {
    const reached = await this.read(group, head);
    const few = group.filter(({ view }) => !readsSteps(view));
    if (reached === undefined || reached >= head || few.length === 0 || few.length === group.length) return;
    await this.read(
      few.map((one) => ({ ...one, position: Math.max(one.position, reached) })),
      head,
    );
  }

  /** A piece of the log for all of them. Resolves with where it ends; undefined where it could not be read. */
  private read(group: readonly Behind[], head: number): Promise<number | undefined> {
    const { events, viewed } = this.options;
    const after = Math.min(...group.map(({ position }) => position));
    // Where positions are counted, those of other events count as well: a piece is as much work for any view.
    const to = events.isShared === true ? head : Math.min(head, after + PIECE_EVENTS);
    const reach = { after, to, atMost: PIECE_EVENTS, views: group.map(({ view }) => view) };
    const read = async (): Promise<number> => {
      let reached = after;
      for await (const stretch of viewed.read(reach)) {
        for (const { projection, view } of group) {
          await this.trying([projection], () => projection.take(view, stretch));
        }
        reached = stretch.through;
      }
      return reached;
    };
    return this.trying(
      group.map(({ projection }) => projection),
      read,
    );
  }

  /** K3: undefined where it failed, or one of the views has failed before. */
  private async trying<Result>(
    projections: readonly ViewProjection[],
    work: () => Promise<Result>,
  ): Promise<Result | undefined> {
    if (projections.every((projection) => this.failed.has(projection))) return undefined;
    try {
      return await work();
    } catch (error) {
      const views = projections.map(({ family: [{ name }] }) => name);
      this.options.log.warn("views are behind", { views, error });
      for (const projection of projections) this.failed.add(projection);
      return undefined;
    }
  }
}

function readsSteps({ reads }: KeyedView): boolean {
  return [...reads].some((type) => type.startsWith("Step"));
}
