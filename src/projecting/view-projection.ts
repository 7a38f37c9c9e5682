import { Fault } from "#events/fault.ts";
import type { KeyedView } from "#projections/keyed-view.ts";
import type { EventStore } from "#src/ports/event-store.ts";
import type { Log } from "#src/ports/log.ts";
import type { ViewStore } from "#src/ports/view-store.ts";
import { servingOf, type ViewFamily } from "#src/projecting/current-views.ts";
import type { LogStretch, ViewedLog } from "#src/projecting/viewed-log.ts";
import { ViewOverlay } from "#src/projecting/view-overlay.ts";

// Keeps one view: the version that serves, and beside it the newest one while that is being built.
//
// X1. Documents and the position that they include are saved together, never one without the other: a crash anywhere
//     repeats work and changes nothing.
// X2. After any failure what is not saved is forgotten and read again: memory holds at most what one save writes.
// X3. The newest version takes over when it has reached the head of the log; the versions before it are then dropped.
// X4. A view that is damaged is dropped and built again.

export interface ProjectionDeps {
  readonly events: Pick<EventStore, "head">;
  readonly views: ViewStore;
  readonly viewed: ViewedLog;
  readonly log: Log;
}

/** Changed documents and events after which a view is saved. */
const SAVE_EVERY_CHANGES = 2_000;
const SAVE_EVERY_EVENTS = 20_000;

export interface ViewProgress {
  readonly name: string;
  readonly version: number;
  /** Of the last event that it includes. */
  readonly position: number;
  /** It answers; the other is being built. */
  readonly isServing: boolean;
}

/** A version of a view, and the position up to which it is here. */
export interface Standing {
  readonly view: KeyedView;
  readonly position: number;
}

interface Kept {
  readonly serving: ViewOverlay;
  readonly building: ViewOverlay | undefined;
}

export class ViewProjection {
  readonly family: ViewFamily;
  private readonly deps: ProjectionDeps;
  private kept: Kept | undefined;
  /** One piece of work at a time. */
  private queue: Promise<unknown> = Promise.resolve();

  constructor(family: ViewFamily, deps: ProjectionDeps) {
    this.family = family;
    this.deps = deps;
  }

  /** The version that serves, up to the head. */
  current(): Promise<ViewOverlay> {
    return this.exclusively(async ({ serving }) => {
      await this.advance(serving, await this.deps.events.head());
      return serving;
    });
  }

  /**
   * Brings the version that serves to this position, unless it is behind by more than so much. Resolves with where it is. Only where
   * positions are counted one by one.
   */
  follow(to: number, maxLag: number): Promise<number> {
    return this.exclusively(async ({ serving }) => {
      if (to - serving.position <= maxLag) await this.advance(serving, to);
      return serving.position;
    });
  }

  /** Saves what has changed. */
  saveAll(): Promise<void> {
    return this.exclusively(async (kept) => {
      for (const overlay of overlaysOf(kept)) await this.save(overlay);
    });
  }

  /** Where its versions are. */
  standings(): Promise<readonly Standing[]> {
    return this.exclusively(async (kept) => overlaysOf(kept).map(({ view, position }) => ({ view, position })));
  }

  /**
   * Brings a version to the end of a stretch that has all that it reads, unless it is behind where that begins: it was dropped meanwhile.
   */
  take(view: KeyedView, stretch: LogStretch): Promise<void> {
    return this.exclusively(async (kept) => {
      const overlay = overlaysOf(kept).find((one) => one.view === view);
      if (overlay !== undefined && overlay.position >= stretch.after) await this.takeInto(overlay, stretch);
    });
  }

  /** Lets the newest version take over if all are at this head. Resolves with whether they are. */
  settle(head: number): Promise<boolean> {
    return this.exclusively(async (kept) => {
      if (overlaysOf(kept).some(({ position }) => position < head)) return false;
      await this.switchTo(kept.building ?? kept.serving);
      return true;
    });
  }

  /** Drops what is saved of the version that serves, and builds it again. */
  async anew(): Promise<ViewOverlay> {
    await this.exclusively(({ serving }) => this.drop(serving.view));
    return this.current();
  }

  progress(): Promise<readonly ViewProgress[]> {
    return this.exclusively(async (kept) =>
      overlaysOf(kept).map((overlay) => {
        const { name, version } = overlay.view;
        return { name, version, position: overlay.position, isServing: overlay === kept.serving };
      }),
    );
  }

  private exclusively<Result>(work: (kept: Kept) => Promise<Result>): Promise<Result> {
    const result = this.queue.then(() => this.mended(work));
    this.queue = result.catch(() => undefined);
    return result;
  }

  /** X4: once; what is damaged again after that is the store's trouble. */
  private async mended<Result>(work: (kept: Kept) => Promise<Result>): Promise<Result> {
    try {
      return await this.opened(work);
    } catch (error) {
      const damaged = this.family.find(({ version }) => isDamageOf(version, error));
      if (damaged === undefined) throw error;
      this.deps.log.warn("a view is damaged and is built again", { view: damaged.name, version: damaged.version });
      await this.drop(damaged);
      return this.opened(work);
    }
  }

  private async opened<Result>(work: (kept: Kept) => Promise<Result>): Promise<Result> {
    try {
      return await work((this.kept ??= await this.open()));
    } catch (error) {
      this.kept = undefined;
      throw error;
    }
  }

  private async open(): Promise<Kept> {
    const { views } = this.deps;
    const [newest] = this.family;
    const view = await servingOf(views, this.family);
    const serving = await ViewOverlay.open(view, views);
    const building = view === newest ? undefined : await ViewOverlay.open(newest, views);
    return { serving, building };
  }

  private async advance(overlay: ViewOverlay, to: number): Promise<void> {
    const { viewed } = this.deps;
    for await (const stretch of viewed.read({ after: overlay.position, to, views: [overlay.view] })) {
      await this.takeInto(overlay, stretch);
    }
  }

  private async takeInto(overlay: ViewOverlay, stretch: LogStretch): Promise<void> {
    await overlay.take(stretch);
    if (overlay.changes >= SAVE_EVERY_CHANGES || overlay.unsaved >= SAVE_EVERY_EVENTS) await this.save(overlay);
  }

  private async save(overlay: ViewOverlay): Promise<void> {
    if (overlay.savedPosition === overlay.position) return;
    await this.deps.views.save(overlay.view, overlay.pending(), overlay.position);
    overlay.forget();
  }

  private async switchTo(newest: ViewOverlay): Promise<void> {
    const { views } = this.deps;
    await this.save(newest);
    const saved = await views.versions(newest.view.name);
    for (const { version } of saved) {
      if (version < newest.view.version) await views.drop({ name: newest.view.name, version });
    }
    this.kept = { serving: newest, building: undefined };
  }

  private async drop({ name, version }: KeyedView): Promise<void> {
    this.kept = undefined;
    await this.deps.views.drop({ name, version });
  }
}

function overlaysOf({ serving, building }: Kept): readonly ViewOverlay[] {
  return building === undefined ? [serving] : [serving, building];
}

function isDamageOf(version: number, error: unknown): boolean {
  return Fault.is(error, "view-damaged") && error.details["version"] === version;
}
