import { SILENT } from "#src/ports/log.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { LaidOverViews, PLANS, TOOLS, type ViewFamily } from "#src/projecting/current-views.ts";
import { listPlans } from "#src/projecting/plan-list.ts";
import { Projector } from "#src/projecting/projector.ts";
import { openEmbedded, type EmbeddedStore } from "#src/store/embedded/open.ts";
import { fillStore } from "../fill-store.ts";
import { against, median, type Suite } from "../metric.ts";
import { parseRows } from "./replay.ts";

// What a list of plans costs, and how fast views are built from the log, held against reading the same rows and parsing
// their JSON. The view of plans reads facts about plans alone; that of tools reads every step.

const PLANS_LISTED = 10_000;
const EVENTS = PLANS_LISTED * 23;
const TIMES = 21;

export const views: Suite = async (directory) => {
  await fillStore(directory, { events: EVENTS, livePlans: 10 });
  await using store = await openEmbedded({ directory, clock: systemClock });
  const listed = await listing(store);
  const parsed = parseRows(store.path);
  const tools = await building(store, TOOLS);
  const plans = await building(store, PLANS);
  return [
    { suite: "views", metric: `list_ms@${PLANS_LISTED}`, value: listed, unit: "ms" },
    against({ suite: "views", metric: "tools_events_per_s", value: tools, unit: "events/s" }, parsed),
    against({ suite: "views", metric: "plans_events_per_s", value: plans, unit: "events/s" }, parsed),
  ];
};

/** All of them in one list, from a saved view. */
async function listing(store: EmbeddedStore): Promise<number> {
  const current = new LaidOverViews(store);
  const times: number[] = [];
  for (let time = 0; time < TIMES; time++) {
    const startedAt = performance.now();
    const { plans } = await listPlans(current, { limit: PLANS_LISTED });
    times.push(performance.now() - startedAt);
    if (plans.length !== PLANS_LISTED) throw new Error(`${plans.length} plans were listed`);
  }
  return median(times);
}

/** Events of the log a second, from the first to the saved view. */
async function building({ events, views: saved }: EmbeddedStore, family: ViewFamily): Promise<number> {
  await saved.drop(family[0]);
  const projector = new Projector({ events, views: saved, clock: systemClock, log: SILENT, families: [family] });
  const startedAt = performance.now();
  await projector.catchUp();
  return ((await events.head()) / (performance.now() - startedAt)) * 1000;
}
