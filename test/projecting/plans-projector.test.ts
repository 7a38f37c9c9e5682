import { describe, expect, it } from "vitest";
import { PLANS_VIEW } from "#projections/plans-view.ts";
import type { ReadOptions } from "#src/ports/event-store.ts";
import { catchUpPlans, listPlans } from "#src/projecting/plans-projector.ts";
import { openMemory } from "#src/store/memory/open.ts";
import { planOf, tool, wait } from "../machines/plans.ts";
import { HOUR_MS, Machine, SECOND_MS } from "../runtime/kit.ts";

const ALL = { limit: Infinity };

describe("the view of plans", () => {
  it("catches up from its checkpoint and reads nothing twice", async () => {
    const { machine } = await threePlans();
    const source = open(machine);
    await catchUpPlans(source);
    const head = machine.contents.log.length - 1;
    expect(await source.views.checkpoint(PLANS_VIEW)).toBe(head);
    source.reads.length = 0;
    await catchUpPlans(source);
    expect(source.reads).toEqual([]);
    const engine = await machine.open();
    await machine.settled(engine, await machine.answer(engine.start(planOf([tool("x")]), {})));
    await catchUpPlans(source);
    expect(source.reads.map(({ from }) => from)).toEqual([head + 1]);
  });

  it("shows a reader what the checkpoint does not cover yet, without writing", async () => {
    const { machine, plans } = await threePlans();
    const source = open(machine);
    const written = JSON.stringify([...machine.contents.views]);
    const listed = await listPlans(source, ALL);
    expect(listed.map(({ plan, status }) => [plan, status])).toEqual([
      [plans[2], "running"],
      [plans[1], "failed"],
      [plans[0], "succeeded"],
    ]);
    expect(JSON.stringify([...machine.contents.views])).toBe(written);
  });

  it("says the same before and after it has caught up", async () => {
    const { machine } = await threePlans();
    const source = open(machine);
    for (const options of [ALL, { tag: "live", ...ALL }, { tag: "ended", ...ALL }, { limit: 1 }] as const) {
      machine.contents.views.clear();
      const before = await listPlans(source, options);
      await catchUpPlans(source);
      expect(await listPlans(source, options)).toEqual(before);
    }
  });

  it("lists by tag, and takes a plan out of a tag that it has left since the checkpoint", async () => {
    const { machine, plans } = await threePlans();
    const source = open(machine);
    await catchUpPlans(source);
    expect((await listPlans(source, { tag: "live", ...ALL })).map(({ plan }) => plan)).toEqual([plans[2]]);
    expect((await listPlans(source, { tag: "ended", ...ALL })).map(({ plan }) => plan)).toEqual([plans[1], plans[0]]);
    const engine = await machine.open();
    engine.resume(plans[2]!);
    await machine.settled(engine, plans[2]!);
    expect(await listPlans(source, { tag: "live", ...ALL })).toEqual([]);
    expect(await listPlans(source, { tag: "ended", ...ALL })).toHaveLength(3);
  });

  it("lists the newest first, across pages of saved rows", async () => {
    const machine = new Machine();
    const source = open(machine);
    const keys = Array.from({ length: 2_500 }, (_, index) => `018900000000-${String(index).padStart(5, "0")}`);
    const row = { name: "p", status: "succeeded", steps: 1, draftedAt: 0 };
    await source.views.save(
      PLANS_VIEW,
      keys.map((key) => ({ key, tag: "ended", document: row })),
      -1,
    );
    const listed = await listPlans(source, ALL);
    expect(listed.map(({ plan }) => plan)).toEqual(keys.toReversed());
    expect(await listPlans(source, { limit: 3 })).toHaveLength(3);
  });

  it("tells when a plan was drafted, started and ended, and why it failed", async () => {
    const { machine } = await threePlans();
    const [running, failed, succeeded] = await listPlans(open(machine), ALL);
    expect(succeeded).toMatchObject({ name: "first", steps: 1 });
    expect(succeeded!.endedAt).toBeGreaterThanOrEqual(succeeded!.startedAt!);
    expect(failed!.error).toContain("b failed");
    expect(running!.endedAt).toBeUndefined();
  });
});

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
  return { machine, plans };
}

function open(machine: Machine) {
  const clock = {
    now: () => 0,
    monotonic: () => 0,
    after: () => ({ [Symbol.dispose]: () => undefined }),
    soon: queueMicrotask,
  };
  const { events, views } = openMemory({ clock, contents: machine.contents });
  const reads: ReadOptions[] = [];
  const readAll = (options: ReadOptions = {}) => {
    reads.push(options);
    return events.readAll(options);
  };
  return { views, reads, events: { readAll, head: () => events.head() } };
}
