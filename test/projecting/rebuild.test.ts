import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { fact } from "#events/catalog.ts";
import type { KeyedView } from "#projections/keyed-view.ts";
import { SILENT } from "#src/ports/log.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { LaidOverViews, PLANS, TOOLS, type CurrentViews, type ViewFamily } from "#src/projecting/current-views.ts";
import { listPlans } from "#src/projecting/plan-list.ts";
import { Projector } from "#src/projecting/projector.ts";
import { reportTools } from "#src/projecting/tool-reports.ts";
import type { ViewOverlay } from "#src/projecting/view-overlay.ts";
import { openEmbedded, openEmbeddedReader } from "#src/store/embedded/open.ts";
import { openMemory, type MemoryStore } from "#src/store/memory/open.ts";
import { VirtualClock } from "#src/testing/virtual-clock.ts";
import { temporaryFolder } from "../store/folder.ts";
import { appendFacts, appendPlan, planNumbered } from "./logs.ts";

const MANY_PLANS = 400;
const ALL = { limit: Infinity };

/** Counts the facts about each plan; another version counts them with another weight. */
function counting(version: number, weight = 1): KeyedView<{ count: number }> {
  return {
    name: "counts",
    version,
    reads: new Set(["PlanDrafted", "PlanStarted", "PlanSucceeded"]),
    key: ({ plan }) => plan,
    initial: () => ({ count: 0 }),
    evolve: ({ count }) => ({ count: count + weight }),
    columns: ({ count }) => ({ tag: "count", rank: count }),
  };
}

const OLD: ViewFamily = [counting(1)];
const BOTH: ViewFamily = [counting(2, 100), counting(1)];

describe("a new version of a view", () => {
  it("is built beside the one that serves, then takes its place", async () => {
    const { clock, store, projector } = await keeping(BOTH);
    const total = async (views: CurrentViews) => clock.answer(sumOf(await clock.answer(views.current(BOTH))));
    projector.start();
    const seen: number[] = [];
    for (let piece = 0; (await versions(store)).includes(1); piece++) {
      seen.push(await total(projector), await total(new LaidOverViews(store)));
      await clock.pass(100);
      expect(piece).toBeLessThan(1_000);
    }
    const [old, next] = [MANY_PLANS * 3, MANY_PLANS * 300];
    expect(seen.slice(0, 4)).toEqual([old, old, old, old]);
    expect(seen.filter((one) => one !== old && one !== next)).toEqual([]);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(await total(projector)).toBe(MANY_PLANS * 300);
    expect(await total(new LaidOverViews(store))).toBe(MANY_PLANS * 300);
    expect(await versions(store)).toEqual([2]);
  });

  it("says how far it is", async () => {
    const { clock, projector } = await keeping(BOTH);
    projector.start();
    await clock.pass(200);
    const [serving, building] = await clock.answer(projector.progress());
    expect(serving).toMatchObject({ name: "counts", version: 1, isServing: true });
    expect(building).toMatchObject({ name: "counts", version: 2, isServing: false });
    expect(building!.position).toBeGreaterThan(0);
    expect(building!.position).toBeLessThan(serving!.position);
  });

  it("goes on where it was after the process has ended, and the old one serves meanwhile", async () => {
    const { clock, store, projector } = await keeping(BOTH);
    projector.start();
    await clock.pass(150);
    await clock.answer(projector[Symbol.asyncDispose]());
    const before = await store.views.checkpoint(BOTH[0]);
    expect(before).toBeGreaterThan(0);
    const next = projectorOf(store, { clock, families: [BOTH] });
    expect(await clock.answer(sumOf(await clock.answer(next.current(BOTH))))).toBe(MANY_PLANS * 3);
    next.start();
    await clock.pass(150);
    const [, building] = await clock.answer(next.progress());
    expect(building!.position).toBeGreaterThan(before);
    await clock.pass(60_000);
    expect(await versions(store)).toEqual([2]);
    expect(await clock.answer(sumOf(await clock.answer(next.current(BOTH))))).toBe(MANY_PLANS * 300);
  });

  it("includes what was appended while it was built", async () => {
    const { clock, store, projector } = await keeping(BOTH);
    projector.start();
    for (let index = 0; index < 10; index++) {
      await clock.answer(appendPlan(projector.events, MANY_PLANS + index));
      await clock.pass(50);
    }
    await clock.pass(60_000);
    expect(await versions(store)).toEqual([2]);
    expect(await clock.answer(sumOf(await clock.answer(projector.current(BOTH))))).toBe((MANY_PLANS + 10) * 300);
  });

  it("takes the place of versions that nobody knows any more", async () => {
    const { clock, store } = await keeping(OLD);
    const projector = projectorOf(store, { clock, families: [[counting(3)]] });
    projector.start();
    await clock.pass(60_000);
    expect(await versions(store)).toEqual([3]);
  });
});

describe("a damaged view", () => {
  it("is dropped and built again by the process that keeps it", async () => {
    await using damaged = await damagedStore();
    await using store = await openEmbedded({ directory: damaged.path, clock: systemClock });
    const projector = projectorOf(store, { families: [PLANS, TOOLS] });
    expect((await listPlans(projector, ALL)).plans).toEqual(damaged.plans);
    expect(await reportTools(projector)).toEqual(damaged.tools);
    await projector.catchUp();
    expect((await store.verify()).damages).toEqual([]);
  });

  it("is read from the log by a process that may not write, and stays as it is", async () => {
    await using damaged = await damagedStore();
    await using reader = await openEmbeddedReader({ directory: damaged.path, clock: systemClock });
    const views = new LaidOverViews(reader);
    expect((await listPlans(views, ALL)).plans).toEqual(damaged.plans);
    expect(await reportTools(views)).toEqual(damaged.tools);
    expect((await reader.verify()).damages.length).toBeGreaterThan(0);
  });

  it("is built again also where the damage shows while it is brought up to date", async () => {
    await using damaged = await damagedStore();
    await using store = await openEmbedded({ directory: damaged.path, clock: systemClock });
    const projector = projectorOf(store, { families: [PLANS, TOOLS] });
    await appendFacts(store.events, planNumbered(0), [fact("PlanReopened", { epoch: 1 })]);
    await projector.catchUp();
    const damages = (await store.verify()).damages.map(({ message }) => message);
    expect(damages.filter((message) => message.includes("plans@"))).toEqual([]);
    expect((await listPlans(projector, ALL)).plans).toHaveLength(damaged.plans.length);
  });
});

/** Plans that are in the log, and the first version of the view up to their end. */
async function keeping(family: ViewFamily) {
  const clock = new VirtualClock();
  const store = openMemory({ clock });
  for (let index = 0; index < MANY_PLANS; index++) await clock.answer(appendPlan(store.events, index));
  await clock.answer(projectorOf(store, { clock, families: [OLD] }).catchUp());
  return { clock, store, projector: projectorOf(store, { clock, families: [family] }) };
}

type Kept = Pick<MemoryStore, "events" | "views">;

function projectorOf({ events, views }: Kept, options: { clock?: VirtualClock; families: readonly ViewFamily[] }) {
  return new Projector({ events, views, clock: systemClock, log: SILENT, ...options });
}

async function versions(store: MemoryStore): Promise<number[]> {
  return (await store.views.versions("counts")).map(({ version }) => version);
}

async function sumOf(view: ViewOverlay): Promise<number> {
  const documents = await view.list(ALL);
  return documents.reduce((sum, { document }) => sum + (document as { count: number }).count, 0);
}

/** An embedded store whose views were saved, and then changed by somebody else. */
async function damagedStore() {
  const folder = await temporaryFolder();
  await using store = await openEmbedded({ directory: folder.path, clock: systemClock });
  for (let index = 0; index < 20; index++) await appendPlan(store.events, index);
  const projector = projectorOf(store, { families: [PLANS, TOOLS] });
  await projector.catchUp();
  const { plans } = await listPlans(projector, ALL);
  const tools = await reportTools(projector);
  await store[Symbol.asyncDispose]();
  using database = new DatabaseSync(path.join(folder.path, "store.db"));
  database.exec("update documents set document = replace(document, '1', '2')");
  return { path: folder.path, plans, tools, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}
