import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PlanId } from "#events/ids.ts";
import { PLAN_STATES } from "#machines/plan-chart.ts";
import { isSelected, plansView, type PlanRow } from "#projections/plans-view.ts";
import { SILENT } from "#src/ports/log.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { LaidOverViews, PLANS, TOOLS } from "#src/projecting/current-views.ts";
import { findPlan, listPlans, type ListedPlan, type PlanQuery } from "#src/projecting/plan-list.ts";
import { Projector } from "#src/projecting/projector.ts";
import { openMemory } from "#src/store/memory/open.ts";
import { planOf, tool, wait } from "../machines/plans.ts";
import { HOUR_MS, Machine, SECOND_MS } from "../runtime/kit.ts";
import { planNumbered } from "./logs.ts";

const ALL = { limit: Infinity };

describe("the list of plans", () => {
  it("shows a reader what is not saved yet, without writing", async () => {
    const { store, plans } = await threePlans();
    const written = JSON.stringify([...store.contents.views]);
    const listed = await list(store);
    expect(listed.map(({ plan, status }) => [plan, status])).toEqual([
      [plans[2], "running"],
      [plans[1], "failed"],
      [plans[0], "succeeded"],
    ]);
    expect(JSON.stringify([...store.contents.views])).toBe(written);
  });

  it("says the same before and after the view was saved", async () => {
    const { store } = await threePlans();
    for (const query of [ALL, { tag: "live", ...ALL }, { tag: "ended", ...ALL }, { limit: 1 }] as const) {
      store.contents.views.clear();
      const before = await list(store, query);
      await projectorOf(store).catchUp();
      expect(await list(store, query)).toEqual(before);
    }
  });

  it("takes a plan out of a tag that it has left since the view was saved", async () => {
    const { machine, store, plans } = await threePlans();
    await projectorOf(store).catchUp();
    expect((await list(store, { tag: "live", ...ALL })).map(({ plan }) => plan)).toEqual([plans[2]]);
    const engine = await machine.open();
    engine.resume(plans[2]!);
    await machine.settled(engine, plans[2]!);
    machine.crash();
    expect(await list(store, { tag: "live", ...ALL })).toEqual([]);
    expect(await list(store, { tag: "ended", ...ALL })).toHaveLength(3);
  });

  it("tells when a plan was drafted, started and ended, and why it failed", async () => {
    const { store, plans } = await threePlans();
    const [running, failed, succeeded] = await list(store);
    expect(succeeded).toMatchObject({ name: "first", steps: 1 });
    expect(succeeded!.endedAt).toBeGreaterThanOrEqual(succeeded!.startedAt!);
    expect(failed!.error).toContain("b failed");
    expect(running!.endedAt).toBeUndefined();
    expect(await findPlan(new LaidOverViews(store), plans[1]!)).toMatchObject({ name: "second" });
    expect(await findPlan(new LaidOverViews(store), planNumbered(0))).toBeUndefined();
  });

  it("goes through the plans that a filter leaves page by page, each once, the newest first", async () => {
    const { store, rows } = await manyPlans(3_000);
    const filters = fc.record(
      {
        statuses: fc.subarray(PLAN_STATES.slice(), { minLength: 1 }),
        tag: fc.constantFrom("live" as const, "ended" as const),
        name: fc.constantFrom("plan 1", "plan 2", "nobody"),
        draftedFrom: fc.nat({ max: 1_200 }),
        draftedBefore: fc.nat({ max: 1_200 }),
        text: fc.constantFrom("plan", "PLAN 1", "0000-7000", "broke 3"),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(filters, fc.constantFrom(7, 100, 999, 1_000, Infinity), async (filter, limit) => {
        const expected = rows.filter(({ plan, ...row }) => isSelected(plan, row, filter)).map(({ plan }) => plan);
        const short = Math.max(limit, Math.ceil(expected.length / 20));
        expect((await pages(store, { ...filter, limit: short })).map(({ plan }) => plan)).toEqual(expected);
      }),
      { numRuns: 40 },
    );
  });

  it("goes on behind a page while plans are added and end", async () => {
    const { machine, store, plans } = await threePlans();
    const views = new LaidOverViews(store);
    const first = await listPlans(views, { limit: 1 });
    const engine = await machine.open();
    await machine.settled(engine, await machine.answer(engine.start(planOf([tool("new")]), {})));
    machine.crash();
    const second = await listPlans(views, { limit: 5, cursor: first.next! });
    expect(second.plans.map(({ plan }) => plan)).toEqual([plans[1], plans[0]]);
    expect(second.next).toBeUndefined();
  });

  it("refuses a cursor that no page gave", async () => {
    const { store } = await threePlans();
    const { next } = await listPlans(new LaidOverViews(store), { limit: 1 });
    for (const cursor of ["", "5", "_", "x_y", `${next!}x`, `${next!}_1`, next!.replace(/^\d+/, "-1")]) {
      const listing = async () => listPlans(new LaidOverViews(store), { limit: 1, cursor });
      await expect(listing(), cursor).rejects.toMatchObject({ code: "cursor-malformed" });
    }
  });
});

type Store = ReturnType<typeof openMemory>;

function projectorOf({ events, views }: Store): Projector {
  return new Projector({ events, views, clock: systemClock, log: SILENT, families: [PLANS, TOOLS] });
}

async function list(store: Store, query: PlanQuery = ALL): Promise<readonly ListedPlan[]> {
  return (await listPlans(new LaidOverViews(store), query)).plans;
}

async function pages(store: Store, query: PlanQuery): Promise<ListedPlan[]> {
  const found: ListedPlan[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await listPlans(new LaidOverViews(store), { ...query, ...(cursor !== undefined && { cursor }) });
    expect(page.plans.length).toBeLessThanOrEqual(query.limit);
    found.push(...page.plans);
    cursor = page.next;
    if (cursor === undefined) return found;
  }
}

/** One that has succeeded, one that has failed, and one that waits for an hour. */
async function threePlans() {
  const machine = new Machine();
  const engine = await machine.open();
  machine.on("b", () => {
    throw new Error("no");
  });
  const definitions = [
    planOf([tool("a")], { name: "first" }),
    planOf([tool("b")], { name: "second" }),
    planOf([wait("c", HOUR_MS)], { name: "third" }),
  ];
  const plans = [];
  for (const definition of definitions) {
    plans.push(await machine.answer(engine.start(definition, {})));
    await machine.pass(SECOND_MS);
  }
  machine.crash();
  machine.contents.views.clear();
  return { machine, plans, store: openMemory({ clock: systemClock, contents: machine.contents }) };
}

/** Saved rows; several plans were drafted in the same millisecond, and ids say nothing about when. */
async function manyPlans(count: number) {
  const store = openMemory({ clock: systemClock });
  const rows = Array.from({ length: count }, (_, index): ListedPlan => {
    const status = PLAN_STATES[(index * 7) % PLAN_STATES.length]!;
    const failed = status === "failed" ? { error: `Broke ${index % 5}` } : {};
    const plan = planNumbered((index * 7_919) % 100_003);
    return { plan, name: `plan ${index % 4}`, status, steps: 1, draftedAt: Math.floor(index / 3), ...failed };
  });
  const changes = rows.map(({ plan, ...row }) => ({ key: plan, ...plansView.columns(row), document: row }));
  await store.views.save(plansView, changes, -1);
  const newestFirst = rows.toSorted((a, b) => b.draftedAt - a.draftedAt || (a.plan < b.plan ? 1 : -1));
  return { store, rows: newestFirst satisfies (PlanRow & { plan: PlanId })[] };
}
