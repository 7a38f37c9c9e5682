import { describe, expect, it } from "vitest";
import { newPlanId, type CoordinatorId } from "#events/ids.ts";
import type { Command } from "#events/commands.ts";
import type { PlanDefinition } from "#events/definition.ts";
import { inline } from "#events/payload.ts";
import { partitionOf, planStream } from "#events/streams.ts";
import { memoryBlobs } from "#src/blobs/memory.ts";
import { MemoryBus } from "#src/bus/memory.ts";
import { EXECUTOR_LEASE_MS, PROTOCOL, type ExecutorMessage, type Offer } from "#src/ports/bus.ts";
import type { EventStore } from "#src/ports/event-store.ts";
import { UNLIMITED } from "#src/ports/limits.ts";
import { SILENT } from "#src/ports/log.ts";
import { Coordinator } from "#src/runtime/coordinator.ts";
import { QUIET_MS } from "#src/runtime/limits.ts";
import { soleOwner } from "#src/runtime/ownership.ts";
import { Payloads } from "#src/runtime/payloads.ts";
import { Quarantine } from "#src/runtime/quarantine.ts";
import { SlotLedger } from "#src/runtime/slot-ledger.ts";
import { openMemory } from "#src/store/memory/open.ts";
import { serverOf } from "#src/simulation/shared-log.ts";
import { World } from "#src/simulation/world.ts";
import { planOf, signal, tool, WORKER } from "../machines/plans.ts";

const ID = "coordinator-1" as CoordinatorId;
const PLAN = newPlanId(1, new Uint8Array(10));
const OTHER = newPlanId(2, new Uint8Array(10).fill(7));

/** A coordinator of everything, with one executor that lends one slot and does nothing. */
async function office() {
  const world = new World(1);
  const { clock, random } = world;
  const { events, snapshots } = openMemory({ clock });
  let beforeDispatch = (): Promise<unknown> => Promise.resolve();
  const held: EventStore = {
    ...serverOf(events),
    append: async (batch) => {
      if (batch.events.some(({ type }) => type === "StepDispatched")) await beforeDispatch();
      return events.append(batch);
    },
  };
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
  const lend = (slot: number): void => {
    const said = {
      executor: WORKER,
      number: slot,
      since: 1,
      heardAt: clock.monotonic(),
      slots: [slot],
      back: [],
      about,
    };
    const offer: Offer = { kind: "offer", ...said };
    bus.toCoordinator(ID, offer);
  };
  lend(1);
  /** The append of a dispatch says that it was asked for, and waits until it may be durable. */
  const holdDispatch = () => {
    const [asked, durable] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
    beforeDispatch = () => {
      asked.resolve(undefined);
      return durable.promise;
    };
    return { asked, durable };
  };
  const colleague = (): Coordinator => {
    const alone = { ...context, ledger: new SlotLedger(), bus: new MemoryBus(SILENT), ownership: soleOwner(2) };
    const other = new Coordinator({ context: alone, quarantine, executorLeaseMs: EXECUTOR_LEASE_MS });
    other.ownAll();
    return other;
  };
  return { world, coordinator, colleague, ledger, heard, holdDispatch, events, lend };
}

describe("the handover of a partition", () => {
  it("keeps the slots that the last turn has promised until the turn has ended, and then none", async () => {
    const { world, coordinator, ledger, heard, holdDispatch } = await office();
    const { asked, durable } = holdDispatch();
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

  it("leaves no place in the line of those who wait for slots, whatever its last turn wanted", async () => {
    const { world, coordinator, heard, holdDispatch, lend } = await office();
    const { asked, durable } = holdDispatch();
    const start = (definition: PlanDefinition): Command => ({ type: "StartPlan", definition, inputs: {} });
    const wantsMore = planOf([tool("a"), tool("b")]);
    void coordinator.send(PLAN, start(wantsMore)).catch(() => undefined);
    await world.clock.answer(asked.promise);
    const givenUp = coordinator.disown(partitionOf(PLAN));
    durable.resolve(undefined);
    await world.clock.answer(givenUp);
    await world.clock.answer(coordinator.send(OTHER, start(planOf([tool("a")]))));
    lend(2);
    await world.clock.pass(100);
    expect(heard.filter((message) => message.kind === "run" && message.key.plan === OTHER)).toHaveLength(1);
  });

  it("goes on with what an earlier owner's late append has brought, in memory, at rest and unheard of", async () => {
    const { world, coordinator: earlier, colleague, events } = await office();
    const later = colleague();
    const definition = planOf([signal("a", "go"), signal("b", "go")]);
    const ask = (command: Command): Promise<unknown> => world.clock.answer(earlier.send(PLAN, command));
    const send = (id: string): Promise<unknown> =>
      ask({ type: "SendSignal", name: "go", payload: inline(null), by: "os:alice", id });
    const catchesUp = async (): Promise<void> => {
      await world.clock.pass(QUIET_MS);
      const revision = await events.revision(planStream(PLAN));
      await world.clock.answer(later.revisit([PLAN]));
      expect(await world.clock.runUntil(() => later.view(PLAN)?.revision === revision, { withinMs: 100 })).toBe(true);
    };
    await ask({ type: "StartPlan", definition, inputs: {} });
    expect(later.view(PLAN)).toBeUndefined();
    await catchesUp();
    await send("1");
    await catchesUp();
    await world.clock.pass(10 * 60_000);
    expect(later.livePlans).toBe(0);
    await world.clock.answer(later.revisit([PLAN]));
    await world.clock.pass(100);
    expect(later.livePlans).toBe(0);
    await ask({ type: "PausePlan" });
    await catchesUp();
  });
});
