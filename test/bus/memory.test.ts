import { describe, expect, it } from "vitest";
import { executorId } from "#events/ids.ts";
import { MemoryBus } from "#src/bus/memory.ts";
import { SILENT } from "#src/ports/log.ts";

const ONE = executorId.parse("one");
const TWO = executorId.parse("two");
const hello = (epoch: number) => ({ kind: "hello" as const, epoch });
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
};

describe("the memory bus", () => {
  it("delivers in order, and never before the sender has gone on", async () => {
    const bus = new MemoryBus(SILENT);
    const heard: number[] = [];
    bus.onExecutor(ONE, (message) => message.kind === "hello" && heard.push(message.epoch));
    for (const epoch of [1, 2, 3]) bus.toExecutor(ONE, hello(epoch));
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

  it("keeps a handler that throws from harming others, and says so", async () => {
    const errors: string[] = [];
    const bus = new MemoryBus({ ...SILENT, error: (message) => errors.push(message) });
    const heard: string[] = [];
    bus.onCoordinator(() => {
      throw new Error("a broken handler");
    });
    bus.onCoordinator((message) => heard.push(message.kind));
    bus.toCoordinators({ kind: "offer", executor: ONE, slots: 1, holding: [] });
    await settle();
    expect(heard).toEqual(["offer"]);
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
    bus.live({ plan: "00000000-0000-7000-8000-000000000000" as never, step: "a", attempt: 1, at: 0, kind: "progress" });
    await settle();
    expect(heard).toEqual([]);
  });
});
