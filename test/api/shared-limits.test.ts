import { expect, it } from "vitest";
import { coordinatorId, executorId } from "#events/ids.ts";
import { partitionOf } from "#events/streams.ts";
import type { Engine } from "#src/api/engine.ts";
import type { EngineOptions } from "#src/api/engine-options.ts";
import { MemoryBus } from "#src/bus/memory.ts";
import { limitsFrom } from "#src/config/limits.ts";
import { Executor } from "#src/executor/executor.ts";
import { LeaseBook, memoryLeases } from "#src/lease/memory.ts";
import { sleep } from "#src/ports/clock.ts";
import { SILENT } from "#src/ports/log.ts";
import { Process } from "#src/simulation/process.ts";
import { serverOf } from "#src/simulation/shared-log.ts";
import { createMemoryContents } from "#src/store/memory/contents.ts";
import { MemoryEventStore } from "#src/store/memory/event-store.ts";
import { openMemory } from "#src/store/memory/open.ts";
import { planOf, tool } from "../machines/plans.ts";
import { Machine, SECOND_MS } from "../runtime/kit.ts";

const limits = limitsFrom({ pools: {}, keys: { host: { limit: 1 } }, resources: {} });
const CONFLICTING = planOf(["a", "b", "c"].map((id) => tool(id, { key: "host" })));

/** Coordinators with a memory of their own each, over one log. */
function cluster(machine: Machine) {
  const clock = machine.world.clockOf(new Process("both"));
  const bus = new MemoryBus(SILENT);
  const leases = new LeaseBook();
  const open = (name: string, options: Partial<EngineOptions> = {}): Promise<Engine> => {
    const { views, snapshots } = openMemory({ clock, contents: createMemoryContents() });
    return machine.open({
      ...{ views, snapshots, bus, limits, clock },
      events: serverOf(new MemoryEventStore(clock, machine.contents)),
      cluster: { id: coordinatorId.parse(name), leases: memoryLeases(leases), version: "1.0.0" },
      ...options,
    });
  };
  return { clock, bus, open };
}

it("two engines run steps with one concurrency key one after the other, whoever has their plans", async () => {
  const machine = new Machine();
  const { clock, bus, open } = cluster(machine);
  const engines = [await open("first"), await open("second")] as const;
  const parts = { id: executorId.parse("worker"), bus, clock, slots: 8, log: SILENT, ...machine.workshop() };
  await using executor = new Executor({ ...parts, leaseMs: 3 * SECOND_MS });
  await machine.until(() => engines.every(({ share }) => (share?.partitions ?? 0) > 100));
  let running = 0;
  let most = 0;
  for (const step of ["a", "b", "c"])
    machine.on(step, async (_call, context) => {
      most = Math.max(most, ++running);
      await sleep(context.clock, 50, context.signal);
      running--;
      return "done";
    });
  const plans = await Promise.all(
    engines.flatMap((engine) =>
      [0, 1].map(async () => [engine, await machine.answer(engine.start(CONFLICTING, {}))] as const),
    ),
  );
  expect(new Set(plans.map(([, plan]) => partitionOf(plan))).size).toBeGreaterThan(1);
  for (const [engine, plan] of plans) expect((await machine.settled(engine, plan)).header.value).toBe("succeeded");
  expect([machine.calls.length, most]).toEqual([12, 1]);
  await machine.answer(executor.drained());
});

it("a coordinator that is configured with other limits than another one says so, once", async () => {
  const machine = new Machine();
  const { clock, open } = cluster(machine);
  const warned: unknown[] = [];
  const log = { ...SILENT, warn: (message: string, fields?: object) => void warned.push({ message, ...fields }) };
  await using first = await open("first", { log });
  await using same = await open("same");
  await machine.until(() => [first, same].every(({ share }) => (share?.partitions ?? 0) > 100));
  expect(warned).toEqual([]);
  const others = limitsFrom({ keys: { host: { limit: 2 } } });
  await using other = await open("other", { limits: others });
  await machine.until(() => [first, same, other].every(({ share }) => (share?.partitions ?? 0) > 60));
  await machine.answer(sleep(clock, 5 * SECOND_MS, new AbortController().signal));
  expect(warned).toEqual([
    { message: expect.stringContaining("other pools, keys or resources") as string, coordinator: "other" },
  ]);
});
