import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ReadAllOptions } from "#src/ports/event-store.ts";
import { SILENT } from "#src/ports/log.ts";
import { LaidOverViews, PLANS, TOOLS } from "#src/projecting/current-views.ts";
import { listPlans } from "#src/projecting/plan-list.ts";
import { Projector } from "#src/projecting/projector.ts";
import { reportTools } from "#src/projecting/tool-reports.ts";
import { ViewedLog } from "#src/projecting/viewed-log.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { openMemory } from "#src/store/memory/open.ts";
import { VirtualClock } from "#src/testing/virtual-clock.ts";
import { appendPlan } from "./logs.ts";
import { sparse } from "./sparse.ts";

// Views over a log to which several processes append, and whose positions have gaps.

const EVENTS_A_PLAN = 7;
const FAMILIES = [PLANS, TOOLS];
const ALL = { limit: 10_000 };

function opened(clock = new VirtualClock()) {
  const store = openMemory({ clock });
  const reads: ReadAllOptions[] = [];
  const events = sparse(store.events, (options) => reads.push(options));
  const projector = new Projector({ events, views: store.views, clock, log: SILENT, families: FAMILIES });
  return { clock, store, events, reads, projector };
}

describe("views over a log that others append to", () => {
  it("are up to the head at the moment of the call, whoever appended", async () => {
    const { clock, store, events, projector } = opened();
    for (let round = 0; round < 5; round++) {
      await clock.answer(appendPlan(projector.events, round * 2));
      await clock.answer(appendPlan(events, round * 2 + 1));
      expect((await clock.answer(listPlans(projector, ALL))).plans).toHaveLength(round * 2 + 2);
      expect(await clock.answer(reportTools(projector))).toMatchObject([{ attempts: (round * 2 + 2) * 2 }]);
    }
    await clock.answer(projector.catchUp());
    const head = await events.head();
    expect(await store.views.checkpoint(PLANS[0])).toBe(head);
    expect(await store.views.checkpoint(TOOLS[0])).toBe(head);
  });

  it("are taken up by the next process where they were saved, and say what a reader says", async () => {
    const { clock, store, events, reads, projector } = opened();
    for (let plan = 0; plan < 20; plan++) await clock.answer(appendPlan(events, plan));
    await clock.answer(projector.catchUp());
    const reached = await events.head();
    await clock.answer(projector[Symbol.asyncDispose]());
    await clock.answer(appendPlan(events, 20));
    reads.length = 0;
    const next = new Projector({ events, views: store.views, clock, log: SILENT, families: FAMILIES });
    const { plans } = await clock.answer(listPlans(next, ALL));
    expect(plans).toHaveLength(21);
    expect(reads.map(({ after }) => after)).toEqual([reached]);
    const laid = new LaidOverViews({ events, views: store.views });
    expect(await clock.answer(listPlans(laid, ALL))).toEqual({ plans });
  });

  it("are kept in the background in pieces that are counted in events, until nothing is behind", async () => {
    const { clock, store, events, reads, projector } = opened();
    const plans = 600;
    for (let plan = 0; plan < plans; plan++) await clock.answer(appendPlan(events, plan));
    projector.start();
    await clock.pass(150);
    expect(reads.length).toBeGreaterThan(0);
    for (const { limit = Infinity } of reads) expect(limit).toBeLessThanOrEqual(1_000);
    expect(await store.views.checkpoint(PLANS[0])).toBeLessThan(await events.head());
    await clock.pass(10_000);
    await clock.answer(appendPlan(events, plans));
    await clock.pass(3_000);
    reads.length = 0;
    expect((await clock.answer(listPlans(projector, ALL))).plans).toHaveLength(plans + 1);
    // Nobody had to read for whoever asked.
    expect(reads).toEqual([]);
  });

  it("closes without asking a server that is away", async () => {
    const { clock, store, events, projector } = opened();
    await clock.answer(appendPlan(events, 0));
    await clock.answer(listPlans(projector, ALL));
    const reached = await events.head();
    events.head = () => Promise.reject(new Error("away"));
    await clock.answer(projector[Symbol.asyncDispose]());
    expect(await store.views.checkpoint(PLANS[0])).toBe(reached);
  });

  it("are read in stretches that end at events, whatever the piece", async () => {
    const clock = systemClock;
    const store = openMemory({ clock });
    const events = sparse(store.events);
    const plans = 60;
    for (let plan = 0; plan < plans; plan++) await appendPlan(events, plan);
    const all = await Array.fromAsync(events.readAll());
    const wanted = all.filter(({ type }) => TOOLS[0].reads.has(type as never)).map(({ position }) => position);
    const pieces = fc.array(fc.integer({ min: 1, max: plans * EVENTS_A_PLAN + 1 }), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(pieces, async (sizes) => {
        const log = new ViewedLog(events);
        const to = await events.head();
        const seen: number[] = [];
        let after = -1;
        for (let turn = 0; after < to; turn++) {
          const atMost = sizes[turn % sizes.length]!;
          let read = 0;
          for await (const stretch of log.read({ after, to, atMost, views: TOOLS })) {
            expect(stretch.through).toBeGreaterThan(after);
            seen.push(...stretch.facts.map(({ position }) => position));
            after = stretch.through;
            read += stretch.events;
          }
          expect(read).toBeLessThanOrEqual(atMost);
        }
        expect(seen).toEqual(wanted);
      }),
      { numRuns: 30 },
    );
  });
});
