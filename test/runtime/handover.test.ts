import { describe, expect, it } from "vitest";
import { newPlanId, type CoordinatorId } from "#events/ids.ts";
import { partitionOf } from "#events/streams.ts";
import { memoryBlobs } from "#src/blobs/memory.ts";
import { MemoryBus } from "#src/bus/memory.ts";
import { EXECUTOR_LEASE_MS, PROTOCOL, type ExecutorMessage, type Offer } from "#src/ports/bus.ts";
import { UNLIMITED } from "#src/ports/limits.ts";
import { SILENT } from "#src/ports/log.ts";
import { Coordinator } from "#src/runtime/coordinator.ts";
import { soleOwner } from "#src/runtime/ownership.ts";
import { Payloads } from "#src/runtime/payloads.ts";
import { Quarantine } from "#src/runtime/quarantine.ts";
import { SlotLedger } from "#src/runtime/slot-ledger.ts";
import { openMemory } from "#src/store/memory/open.ts";
import { World } from "#src/simulation/world.ts";
import { planOf, tool, WORKER } from "../machines/plans.ts";

const ID = "coordinator-1" as CoordinatorId;
const PLAN = newPlanId(1, new Uint8Array(10));

/** A coordinator of everything, with one executor that lends one slot and does nothing. */
async function office() {
  const world = new World(1);
  const { clock, random } = world;
  const { events, snapshots } = openMemory({ clock });
  const appends = { beforeDispatch: () => Promise.resolve() };
  const held = Object.assign(Object.create(events) as typeof events, {
    append: async (batch: Parameters<typeof events.append>[0]) => {
      if (batch.events.some(({ type }) => type === "StepDispatched")) await appends.beforeDispatch();
      return events.append(batch);
    },
    read: events.read.bind(events),
  });
  const bus = new MemoryBus(SILENT);
  const heard: ExecutorMessage[] = [];
  bus.onExecutor(WORKER, (message) => void heard.push(message));
  const { signal } = new AbortController();
  const quarantine = await Quarantine.load({ events: held, clock, random, log: SILENT, signal });
  const payloads = new Payloads(memoryBlobs(new Map(), clock));
  const ledger = new SlotLedger(UNLIMITED, { now: () => clock.monotonic(), leaseMs: EXECUTOR_LEASE_MS });
  const ports = { events: held, snapshots, bus, clock, random, log: SILENT, payloads, signal };
  const context = { ...ports, ledger, id: ID, ownership: soleOwner(1), hooks: {} };
  const coordinator = new Coordinator({ context, quarantine, executorLeaseMs: EXECUTOR_LEASE_MS });
  coordinator.ownAll();
  const about = { protocol: PROTOCOL, version: "1.0.0" };
  const offer: Offer = {
    ...{
      kind: "offer",
      executor: WORKER,
      number: 1,
      since: 1,
      heardAt: clock.monotonic(),
      slots: [1],
      back: [],
      about,
    },
  };
  bus.toCoordinator(ID, offer);
  return { world, coordinator, ledger, heard, appends };
}

describe("the handover of a partition", () => {
  it("keeps the slots that the last turn has promised until the turn has ended, and then none", async () => {
    const { world, coordinator, ledger, heard, appends } = await office();
    const [asked, durable] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
    appends.beforeDispatch = () => {
      asked.resolve(undefined);
      return durable.promise.then(() => undefined);
    };
    const definition = planOf([tool("a", {}, { timeoutMs: 60_000 })]);
    void coordinator.send(PLAN, { type: "StartPlan", definition, inputs: {} }).catch(() => undefined);
    await world.clock.answer(asked.promise);
    const givenUp = coordinator.disown(partitionOf(PLAN));
    expect(ledger.kept(WORKER).keeps).toEqual([1]);
    durable.resolve(undefined);
    await world.clock.answer(givenUp);
    expect(heard.filter(({ kind }) => kind === "run")).toMatchObject([{ key: { plan: PLAN, step: "a" }, slot: 1 }]);
    expect(ledger.kept(WORKER).keeps).toEqual([]);
  });
});
