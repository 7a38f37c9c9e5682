import { describe, expect, it } from "vitest";
import { coordinatorId, executorId, planId } from "#events/ids.ts";
import { partitionOf } from "#events/streams.ts";
import { MemoryBus } from "#src/bus/memory.ts";
import { SILENT } from "#src/ports/log.ts";

const ONE = executorId.parse("one");
const TWO = executorId.parse("two");
const FIRST = coordinatorId.parse("first");
const SECOND = coordinatorId.parse("second");
const PLAN = planId.parse("00000000-0000-7000-8000-000000000000");
const hello = (at: number) => ({
  ...{ kind: "hello" as const, from: FIRST, protocol: 1, version: "1.0.0", at },
  ...{ wants: 0, heard: 0, keeps: [] },
});
const OFFER = { kind: "offer", executor: ONE, number: 1, since: 1, heardAt: 1, slots: [1], back: [] } as const;
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
};

describe("the memory bus", () => {
  it("delivers in order, and never before the sender has gone on", async () => {
    const bus = new MemoryBus(SILENT);
    const heard: number[] = [];
    bus.onExecutor(ONE, (message) => message.kind === "hello" && heard.push(message.at));
    for (const at of [1, 2, 3]) bus.toExecutor(ONE, hello(at));
    expect(heard).toEqual([]);
    await settle();
    expect(heard).toEqual([1, 2, 3]);
  });

  it("delivers to the executor that is meant, or to all", async () => {
    const bus = new MemoryBus(SILENT);
    const heard: string[] = [];
    for (const id of [ONE, TWO]) bus.onExecutor(id, () => heard.push(id));
    bus.toExecutor(TWO, hello(1));
    bus.toExecutor(executorId.parse("nobody"), hello(1));
    await settle();
    expect(heard).toEqual([TWO]);
    bus.toExecutors(hello(2));
    await settle();
    expect(heard).toEqual([TWO, ONE, TWO]);
  });

  it("delivers to the coordinator that is meant, to all, or to the owner of the plan's partition", async () => {
    const bus = new MemoryBus(SILENT);
    const heard: string[] = [];
    for (const id of [FIRST, SECOND]) bus.onCoordinator(id, ({ kind }) => heard.push(`${id} ${kind}`));
    bus.onPartition(partitionOf(PLAN), ({ kind }) => heard.push(`owner ${kind}`));
    bus.onPartition((partitionOf(PLAN) + 1) % 256, ({ kind }) => heard.push(`other ${kind}`));
    bus.toCoordinator(SECOND, { ...OFFER });
    bus.toCoordinators({ kind: "alive", executor: ONE });
    const key = { plan: PLAN, step: "a", attempt: 1, epoch: 1, edition: 1 };
    bus.toOwner({ kind: "report", executor: ONE, key, outcome: { kind: "cancelled" }, durationMs: 1 });
    await settle();
    expect(heard).toEqual(["second offer", "first alive", "second alive", "owner report"]);
  });

  it("lets whoever registers later take the place, and stay when the earlier one is taken away", async () => {
    const bus = new MemoryBus(SILENT);
    const heard: string[] = [];
    const earlier = bus.onExecutor(ONE, () => heard.push("earlier"));
    bus.onExecutor(ONE, () => heard.push("later"));
    earlier[Symbol.dispose]();
    bus.toExecutor(ONE, hello(1));
    await settle();
    expect(heard).toEqual(["later"]);
  });

  it("keeps a handler that throws from harming others, and says so", async () => {
    const errors: string[] = [];
    const bus = new MemoryBus({ ...SILENT, error: (message) => errors.push(message) });
    const heard: string[] = [];
    bus.onCoordinator(FIRST, () => {
      throw new Error("a broken handler");
    });
    bus.onCoordinator(SECOND, (message) => heard.push(message.kind));
    bus.toCoordinators({ kind: "alive", executor: ONE });
    await settle();
    expect(heard).toEqual(["alive"]);
    expect(errors).toHaveLength(1);
  });

  it("delivers nothing more to a handler that was taken away, also of what was under way", async () => {
    const bus = new MemoryBus(SILENT);
    const heard: string[] = [];
    const executor = bus.onExecutor(ONE, (message) => heard.push(message.kind));
    const listener = bus.onLive((message) => heard.push(message.kind));
    bus.toExecutor(ONE, hello(1));
    executor[Symbol.dispose]();
    listener[Symbol.dispose]();
    bus.live({ plan: PLAN, step: "a", attempt: 1, at: 0, kind: "progress" });
    await settle();
    expect(heard).toEqual([]);
  });
});
