import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Fault } from "#events/fault.ts";
import type { EventStore, ReadAllOptions } from "#src/ports/event-store.ts";
import { SILENT } from "#src/ports/log.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import type { ViewStore } from "#src/ports/view-store.ts";
import { LaidOverViews, PLANS, TOOLS } from "#src/projecting/current-views.ts";
import { listPlans } from "#src/projecting/plan-list.ts";
import { Projector, type ProjectorOptions } from "#src/projecting/projector.ts";
import { reportTools } from "#src/projecting/tool-reports.ts";
import { openMemory, type MemoryStore } from "#src/store/memory/open.ts";
import { VirtualClock } from "#src/testing/virtual-clock.ts";
import { appendPlan, planNumbered, randomLogs, write } from "./logs.ts";
import { builtAnew, saved } from "./saved.ts";

const FAMILIES = [PLANS, TOOLS];
const RUNS = { numRuns: 40 };

function projectorOf(store: MemoryStore, options: Partial<ProjectorOptions> = {}): Projector {
  const { events, views } = store;
  return new Projector({ events, views, clock: systemClock, log: SILENT, families: FAMILIES, ...options });
}

/** The log as it was at some moment. */
function upTo(events: EventStore, head: number): EventStore {
  return { ...watched(events, () => undefined), head: () => Promise.resolve(head) };
}

function watched(events: EventStore, onRead: (options: ReadAllOptions) => void): EventStore {
  return {
    append: (batch) => events.append(batch),
    read: (stream, options) => events.read(stream, options),
    readAll: (options = {}) => {
      onRead(options);
      return events.readAll(options);
    },
    subscribe: (options) => events.subscribe(options),
    revision: (stream) => events.revision(stream),
    head: () => events.head(),
    [Symbol.asyncDispose]: () => events[Symbol.asyncDispose](),
  };
}

describe("a projector", () => {
  it("takes what its process appends without reading it again", async () => {
    const { reads, projector, store } = await following(150);
    expect(reads).toEqual([]);
    expect(await store.views.checkpoint(PLANS[0])).toBe(150 * 7 - 1);
    const kept = saved(store);
    expect(kept).toEqual(await builtAnew(store, FAMILIES));
    await projector[Symbol.asyncDispose]();
  });

  it("reads what it was not told, and nothing twice", async () => {
    const { reads, projector, store } = await following(3);
    await appendPlan(store.events, 100);
    await appendPlan(projector.events, 101);
    await projector.catchUp();
    expect(reads.map(({ after, limit, typePrefix }) => [after, limit, typePrefix])).toEqual([
      [20, 7, "Plan"],
      [20, 7, "Step"],
    ]);
    reads.length = 0;
    await projector.catchUp();
    expect(reads).toEqual([]);
    const kept = saved(store);
    expect(kept).toEqual(await builtAnew(store, FAMILIES));
  });

  it("answers with everything that is durable, saved or not", async () => {
    const { projector, store } = await following(3);
    await appendPlan(projector.events, 3);
    expect(await store.views.checkpoint(PLANS[0])).toBe(3 * 7 - 1);
    expect((await listPlans(projector, { limit: 10 })).plans.map(({ plan }) => plan)).toEqual(
      [3, 2, 1, 0].map(planNumbered),
    );
    expect(await reportTools(projector)).toMatchObject([{ tool: "test.tool", attempts: 8, succeeded: 8, inFlight: 0 }]);
    expect(await store.views.checkpoint(PLANS[0])).toBe(3 * 7 - 1);
  });

  it("gives copies: what a reader does to a document changes nothing that is kept", async () => {
    const { projector } = await following(1);
    await appendPlan(projector.events, 1);
    const view = await projector.current(TOOLS);
    for (const { document } of await view.list({ tags: ["tool"], limit: 1 }))
      Object.assign(document!, { attempts: -1 });
    Object.assign((await view.get("test.tool@1.0.0"))!, { attempts: -1 });
    expect(await reportTools(projector)).toMatchObject([{ attempts: 4 }]);
  });

  it("lists what a reader lists, whatever was appended, saved and listed before", async () => {
    const moves = fc.array(fc.constantFrom("append", "save", "list", "page"), { minLength: 1, maxLength: 15 });
    await fc.assert(
      fc.asyncProperty(moves, async (script) => {
        const store = openMemory({ clock: systemClock });
        const projector = projectorOf(store);
        let plans = 0;
        for (const move of script) {
          if (move === "append") await appendPlan(projector.events, plans++);
          else if (move === "save") await projector.catchUp();
          else {
            const query = move === "list" ? { limit: 100 } : { limit: 2 };
            expect(await listPlans(projector, query)).toEqual(await listPlans(new LaidOverViews(store), query));
          }
        }
      }),
      RUNS,
    );
  });

  it("saves what it has when it is closed, and leaves for later what is far behind", async () => {
    const clock = new VirtualClock();
    const store = openMemory({ clock });
    for (let index = 0; index < 700; index++) await clock.answer(appendPlan(store.events, index));
    const projector = projectorOf(store, { clock });
    await clock.answer(projector.catchUp([PLANS]));
    await clock.answer(appendPlan(projector.events, 700));
    await clock.answer(projector[Symbol.asyncDispose]());
    expect(await store.views.checkpoint(PLANS[0])).toBe(701 * 7 - 1);
    expect(await store.views.checkpoint(TOOLS[0])).toBe(-1);
  });

  it("opens and closes over a disk without room, and says what is there", async () => {
    const { store } = await following(2);
    const isFull = { now: true };
    const full = new Fault("store-full", "no room", { retryable: true });
    const save: ViewStore["save"] = (...saved) => (isFull.now ? Promise.reject(full) : store.views.save(...saved));
    const views = { ...dying(store.views, []), save };
    const projector = projectorOf(store, { views });
    await appendPlan(projector.events, 2);
    await projector.catchUp();
    expect((await listPlans(projector, { limit: 10 })).plans).toHaveLength(3);
    await projector[Symbol.asyncDispose]();
    isFull.now = false;
    const next = projectorOf(store, { views });
    await next.catchUp();
    expect(saved(store)).toEqual(await builtAnew(store, FAMILIES));
  });

  it("goes on after a store that refused to save, and loses nothing", async () => {
    const { store } = await following(2);
    const fates = ["before", "after"];
    const projector = projectorOf(store, { views: dying(store.views, fates) });
    await appendPlan(projector.events, 2);
    await expect(projector.catchUp([PLANS])).rejects.toMatchObject({ code: "process-died" });
    await expect(projector.catchUp([PLANS])).rejects.toMatchObject({ code: "process-died" });
    await projector.catchUp();
    const kept = saved(store);
    expect(kept).toEqual(await builtAnew(store, FAMILIES));
  });
});

/** A projector that has followed so many plans of its own process, and saved them. */
async function following(plans: number) {
  const store = openMemory({ clock: systemClock });
  const reads: ReadAllOptions[] = [];
  const projector = projectorOf(store, { events: watched(store.events, (options) => reads.push(options)) });
  for (let index = 0; index < plans; index++) await appendPlan(projector.events, index);
  await projector.catchUp();
  return { store, projector, reads };
}

describe("a view that is cut off anywhere and taken up again", () => {
  it("is the one that is built in one go", async () => {
    await fc.assert(
      fc.asyncProperty(randomLogs, fc.array(fc.nat(), { maxLength: 6 }), async (log, picks) => {
        const store = await write(log);
        const head = await store.events.head();
        const cuts = picks.map((pick) => pick % (head + 1)).sort((a, b) => a - b);
        for (const cut of cuts) await projectorOf(store, { events: upTo(store.events, cut) }).catchUp();
        await projectorOf(store).catchUp();
        const cutOff = saved(store);
        expect(cutOff).toEqual(await builtAnew(store, FAMILIES));
      }),
      RUNS,
    );
  });

  it("is the one that was kept while the log was written", async () => {
    await fc.assert(
      fc.asyncProperty(randomLogs, async (log) => {
        const projectors: Projector[] = [];
        const store = await write(log, (opened) => {
          projectors.push(projectorOf(opened));
          return projectors[0]!.events;
        });
        await projectors[0]!.catchUp();
        const kept = saved(store);
        expect(kept).toEqual(await builtAnew(store, FAMILIES));
      }),
      RUNS,
    );
  });

  it("includes exactly what its checkpoint says, at every cut", async () => {
    await fc.assert(
      fc.asyncProperty(randomLogs, fc.nat(), async (log, pick) => {
        const store = await write(log);
        const cut = pick % ((await store.events.head()) + 1);
        await projectorOf(store, { events: upTo(store.events, cut) }).catchUp();
        for (const [family] of FAMILIES.map((all) => [all[0]] as const)) {
          expect(await store.views.checkpoint(family)).toBe(cut);
        }
        const overlay = await new LaidOverViews({ ...store, events: upTo(store.events, cut) }).anew(TOOLS);
        const documents = await overlay.list({ tags: ["tool"], limit: Infinity });
        expect(await store.views.list(TOOLS[0], { tags: ["tool"], limit: Infinity })).toEqual(documents);
      }),
      RUNS,
    );
  });

  it("is the same when the process dies at any save, before or after its effect", async () => {
    const deaths = fc.array(fc.constantFrom("lives", "before", "after"), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(randomLogs, deaths, async (log, fates) => {
        const store = await write(log);
        const views = dying(store.views, fates);
        const head = await store.events.head();
        for (let reached = 0; ; reached += Math.ceil(head / 5)) {
          const events = upTo(store.events, Math.min(reached, head));
          while (!(await survives(() => projectorOf(store, { events, views }).catchUp()))) continue;
          if (reached >= head) break;
        }
        const survived = saved(store);
        expect(survived).toEqual(await builtAnew(store, FAMILIES));
      }),
      RUNS,
    );
  });
});

/** A store whose process dies at some of the saves that it is asked for. */
function dying(views: ViewStore, fates: string[]): ViewStore {
  return {
    checkpoint: (view) => views.checkpoint(view),
    get: (view, key) => views.get(view, key),
    list: (view, options) => views.list(view, options),
    versions: (name) => views.versions(name),
    drop: (view) => views.drop(view),
    save: async (view, changes, checkpoint) => {
      const fate = fates.shift();
      if (fate === "before") throw new Fault("process-died", "before the save");
      await views.save(view, changes, checkpoint);
      if (fate === "after") throw new Fault("process-died", "after the save");
    },
  };
}

async function survives(work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (Fault.is(error, "process-died")) return false;
    throw error;
  }
}
