import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Fault } from "#events/fault.ts";
import type { RecordedEvent } from "#events/envelope.ts";
import type { Json } from "#events/json.ts";
import type { EventStore, ReadAllOptions } from "#src/ports/event-store.ts";
import { SILENT } from "#src/ports/log.ts";
import type { ViewStore } from "#src/ports/view-store.ts";
import { ANSWERS, CHANGES, PLANS, REQUESTS, TOOLS, type ViewFamily } from "#src/projecting/current-views.ts";
import { LogLooks } from "#src/projecting/log-looks.ts";
import { Projector } from "#src/projecting/projector.ts";
import { ViewedLog } from "#src/projecting/viewed-log.ts";
import { ViewProjection } from "#src/projecting/view-projection.ts";
import { openMemory, type MemoryStore } from "#src/store/memory/open.ts";
import { VirtualClock } from "#src/testing/virtual-clock.ts";
import { appendPlan, randomLogs, write } from "./logs.ts";
import { builtAnew, saved } from "./saved.ts";
import { sparse } from "./sparse.ts";

// What it costs to keep several views of one log, and what they are to one another.

const FAMILIES = [PLANS, TOOLS, REQUESTS, ANSWERS, CHANGES];
const EVENTS_A_PLAN = 7;
const PIECE_EVENTS = 1_000;
/** Until a little after the first look, and from there until a little after the next one. */
const FIRST_LOOK_MS = 150;
const A_LOOK_MS = 1_000;
const MANY_LOOKS_MS = 20_000;

/** What was read of the log. */
interface Readings {
  heads: number;
  /** Events of each reading. */
  readonly events: number[];
}

function forget(readings: Readings): void {
  readings.heads = 0;
  readings.events.length = 0;
}

function counted(store: EventStore, readings: Readings): EventStore {
  return {
    ...store,
    head: () => {
      readings.heads++;
      return store.head();
    },
    readAll: (options) => counting(store.readAll(options), readings),
  };
}

async function* counting(source: AsyncIterable<RecordedEvent>, { events }: Readings): AsyncIterable<RecordedEvent> {
  const reading = events.push(0) - 1;
  for await (const event of source) {
    events[reading]!++;
    yield event;
  }
}

/** Views over a log that others append to, after so many plans of which they know all. */
async function kept(plans: number, { families = FAMILIES, damage = (views: ViewStore) => views } = {}) {
  const clock = new VirtualClock();
  const store = openMemory({ clock });
  const readings: Readings = { heads: 0, events: [] };
  const events = sparse(store.events);
  const views = damage(store.views);
  const append = async (from: number, to: number): Promise<void> => {
    for (let plan = from; plan < to; plan++) await clock.answer(appendPlan(store.events, plan));
  };
  await append(0, plans);
  const options = { events: counted(events, readings), views, clock, log: SILENT, families };
  await clock.answer(new Projector(options).catchUp());
  const projector = new Projector(options);
  projector.start();
  await clock.pass(FIRST_LOOK_MS);
  forget(readings);
  const anew = (): Promise<Json> => clock.answer(builtAnew({ ...store, events }, families));
  return { clock, store, events, readings, projector, append, anew };
}

async function positions(store: MemoryStore, families: readonly ViewFamily[] = FAMILIES): Promise<number[]> {
  return Promise.all(families.map(([view]) => store.views.checkpoint(view)));
}

/** What a view meets when it looks a document up, after so many that go well. */
interface Trouble {
  readonly view: ViewFamily[0];
  fault?: Fault | undefined;
  after: number;
}

/** A damaged view is in order again when it was dropped. */
function troubled(trouble: Trouble): (views: ViewStore) => ViewStore {
  const get =
    (views: ViewStore): ViewStore["get"] =>
    (view, key) => {
      const isMet = view.name === trouble.view.name && trouble.fault !== undefined && trouble.after-- <= 0;
      return isMet ? Promise.reject(trouble.fault!) : views.get(view, key);
    };
  return (views) => ({
    get: get(views),
    checkpoint: (view) => views.checkpoint(view),
    list: (view, options) => views.list(view, options),
    versions: (name) => views.versions(name),
    drop: (view) => {
      trouble.fault = undefined;
      return views.drop(view);
    },
    save: (view, changes, checkpoint) => views.save(view, changes, checkpoint),
  });
}

function damageOf({ name, version }: ViewFamily[0]): Fault {
  return new Fault("view-damaged", `the saved view ${name} is damaged`, { details: { view: name, version } });
}

describe("a look at the log", () => {
  it("reads it once and asks for its head once, however many views there are", async () => {
    for (let views = 1; views <= FAMILIES.length; views++) {
      const families = [CHANGES, TOOLS, PLANS, ANSWERS, REQUESTS].slice(0, views);
      const { clock, store, events, readings, append } = await kept(3, { families });
      await append(3, 13);
      await clock.pass(A_LOOK_MS);
      expect(readings).toEqual({ heads: 1, events: [10 * EVENTS_A_PLAN] });
      expect(new Set(await positions(store, families))).toEqual(new Set([await events.head()]));
    }
  });

  it("reads once also what somebody has asked one of them for", async () => {
    const { clock, store, events, readings, projector, append, anew } = await kept(3);
    await append(3, 8);
    await clock.answer(projector.current(TOOLS));
    await append(8, 13);
    await clock.answer(projector.current(PLANS));
    forget(readings);
    await clock.pass(A_LOOK_MS);
    expect(readings.events).toEqual([10 * EVENTS_A_PLAN]);
    expect(new Set(await positions(store))).toEqual(new Set([await events.head()]));
    const shared = saved(store);
    expect(shared).toEqual(await anew());
  });

  it("reads for a view that is far behind by itself, in pieces, and for the others what is new", async () => {
    const { clock, store, events, readings, projector, append } = await kept(500);
    await clock.answer(projector[Symbol.asyncDispose]());
    await store.views.drop(CHANGES[0]);
    const options = { events: counted(events, readings), views: store.views, clock, log: SILENT, families: FAMILIES };
    const next = new Projector(options);
    await append(500, 510);
    next.start();
    forget(readings);
    await clock.pass(FIRST_LOOK_MS);
    expect(readings.events).toEqual([10 * EVENTS_A_PLAN, PIECE_EVENTS]);
    await clock.pass(MANY_LOOKS_MS);
    expect(readings.events.reduce((sum, one) => sum + one, 0)).toBe((500 + 10 + 10) * EVENTS_A_PLAN);
    expect(new Set(await positions(store))).toEqual(new Set([await events.head()]));
  });

  it("lets views of plans alone go on where a piece is not enough for all", async () => {
    const { clock, events, readings, projector, append } = await kept(0);
    await append(0, 600);
    await clock.pass(A_LOOK_MS);
    expect(readings.events.slice(0, 2)).toEqual([PIECE_EVENTS, PIECE_EVENTS]);
    const [plans, ...others] = await clock.answer(projector.progress());
    const reached = new Set(others.map(({ position }) => position));
    expect(reached.size).toBe(1);
    expect(plans!.position).toBeGreaterThan(Math.max(...reached));
    await clock.pass(MANY_LOOKS_MS);
    const all = await clock.answer(projector.progress());
    expect(new Set(all.map(({ position }) => position))).toEqual(new Set([await events.head()]));
  });
});

describe("one of several views", () => {
  it("is built anew where it turns out to be damaged, while the others go on", async () => {
    const trouble: Trouble = { view: TOOLS[0], after: 0 };
    const { clock, store, events, readings, append, anew } = await kept(200, { damage: troubled(trouble) });
    await append(200, 210);
    trouble.fault = damageOf(TOOLS[0]);
    await clock.pass(A_LOOK_MS);
    const head = await events.head();
    // Others are there at once; it has begun anew, and its first piece is not read yet.
    expect(await positions(store)).toEqual([head, -1, head, head, head]);
    expect(readings.events).toEqual([10 * EVENTS_A_PLAN]);
    await clock.pass(MANY_LOOKS_MS);
    expect(await positions(store)).toEqual([head, head, head, head, head]);
    const mended = saved(store);
    expect(mended).toEqual(await anew());
  });

  it("begins again where it is damaged in the middle of what it is built from", async () => {
    const trouble: Trouble = { view: PLANS[0], after: 50 };
    const { clock, store, events, append, anew } = await kept(0, { damage: troubled(trouble) });
    await append(0, 100);
    trouble.fault = damageOf(PLANS[0]);
    await clock.pass(A_LOOK_MS);
    const head = await events.head();
    expect(await positions(store)).toEqual([-1, head, head, head, head]);
    await clock.pass(A_LOOK_MS);
    const mended = saved(store);
    expect(mended).toEqual(await anew());
  });

  it("holds up no other where it cannot be kept, and catches up when it can", async () => {
    const trouble: Trouble = { view: TOOLS[0], after: 0 };
    const { clock, store, events, append } = await kept(3, { damage: troubled(trouble) });
    const before = await events.head();
    await append(3, 13);
    trouble.fault = new Fault("store-unavailable", "away", { retryable: true });
    await clock.pass(2 * A_LOOK_MS);
    const head = await events.head();
    expect(await positions(store)).toEqual([head, before, head, head, head]);
    trouble.fault = undefined;
    await clock.pass(2 * A_LOOK_MS);
    expect(await positions(store)).toEqual([head, head, head, head, head]);
  });

  it("is the one that is built in one go, whatever was asked for between looks", async () => {
    const asked = fc.array(fc.constantFrom(...FAMILIES, "look" as const), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(randomLogs, asked, fc.boolean(), async (log, moves, isSparse) => {
        const { contents, events: counted, views } = await write(log);
        const events = isSparse ? sparse(counted) : counted;
        const places = await Array.fromAsync(events.readAll(), ({ position }) => position);
        let head = -1;
        const grown = {
          isShared: isSparse,
          head: () => Promise.resolve(head),
          readAll: (options?: ReadAllOptions) => events.readAll(options),
        };
        const viewed = new ViewedLog(grown);
        const deps = { events: grown, views, viewed, log: SILENT };
        const projections = FAMILIES.map((family) => new ViewProjection(family, deps));
        const looks = new LogLooks({ ...deps, projections });
        for (const [turn, move] of moves.entries()) {
          head = places[Math.floor(((turn + 1) / moves.length) * places.length) - 1] ?? -1;
          if (move === "look") await looks.look();
          else await projections[FAMILIES.indexOf(move)]!.current();
        }
        while (await looks.look()) continue;
        const shared = saved({ contents });
        expect(shared).toEqual(await builtAnew({ contents, events, views }, FAMILIES));
      }),
      { numRuns: 40 },
    );
  });
});
