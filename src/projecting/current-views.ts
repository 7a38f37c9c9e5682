import { Fault } from "#events/fault.ts";
import { answersView } from "#projections/answers-view.ts";
import { changesView } from "#projections/changes-view.ts";
import type { KeyedView } from "#projections/keyed-view.ts";
import { plansView } from "#projections/plans-view.ts";
import { requestsView } from "#projections/requests-view.ts";
import { toolsView } from "#projections/tool-statistics.ts";
import type { EventStore } from "#src/ports/event-store.ts";
import type { ViewReader } from "#src/ports/view-store.ts";
import { ViewedLog } from "#src/projecting/viewed-log.ts";
import { ViewOverlay } from "#src/projecting/view-overlay.ts";

// Views as of now, for whoever reads: the process that keeps them gives its own, any other lays what the saved view does
// not include yet over it, in memory, and writes nothing.
//
// V1. Of several versions of a view that are saved, the oldest that is known here serves: a newer one that stands beside it
//     is still being built. So the switch is that the old one is dropped.
// V2. A damaged view is not read: it is built again from the log, by the reader for itself, by the keeper for everybody.

/** The versions of one view that this program can keep, the newest first. Older ones serve until it is built. */
export type ViewFamily = readonly [KeyedView, ...KeyedView[]];

export const PLANS: ViewFamily = [plansView];
export const TOOLS: ViewFamily = [toolsView];
export const REQUESTS: ViewFamily = [requestsView];
export const ANSWERS: ViewFamily = [answersView];
export const CHANGES: ViewFamily = [changesView];

export interface CurrentViews {
  /** The view that serves, up to the log's head. Faults: `view-damaged`, `store-unavailable`. */
  current(family: ViewFamily): Promise<ViewOverlay>;
  /** The same, without what is saved of it. */
  anew(family: ViewFamily): Promise<ViewOverlay>;
}

/** Reads a view, and once more when the saved one turns out to be damaged. */
export async function readView<Result>(
  views: CurrentViews,
  family: ViewFamily,
  read: (view: ViewOverlay) => Promise<Result>,
): Promise<Result> {
  try {
    return await read(await views.current(family));
  } catch (error) {
    if (!Fault.is(error, "view-damaged")) throw error;
    return read(await views.anew(family));
  }
}

export async function servingOf(views: ViewReader, family: ViewFamily): Promise<KeyedView> {
  const [newest] = family;
  const saved = await views.versions(newest.name);
  return family.findLast(({ version }) => saved.some((one) => one.version === version)) ?? newest;
}

/** For a process that does not keep the views. */
export class LaidOverViews implements CurrentViews {
  private readonly events: Pick<EventStore, "readAll" | "head">;
  private readonly views: ViewReader;

  constructor({
    events,
    views,
  }: {
    readonly events: Pick<EventStore, "readAll" | "head">;
    readonly views: ViewReader;
  }) {
    this.events = events;
    this.views = views;
  }

  async current(family: ViewFamily): Promise<ViewOverlay> {
    return this.toHead(await ViewOverlay.open(await servingOf(this.views, family), this.views));
  }

  anew([newest]: ViewFamily): Promise<ViewOverlay> {
    return this.toHead(ViewOverlay.empty(newest));
  }

  private async toHead(overlay: ViewOverlay): Promise<ViewOverlay> {
    const reach = { after: overlay.position, to: await this.events.head(), views: [overlay.view] };
    for await (const stretch of new ViewedLog(this.events).read(reach)) await overlay.take(stretch);
    return overlay;
  }
}
