import { describe, expect, it } from "vitest";
import { executorId } from "#events/ids.ts";
import { PROTOCOL, type ExecutorAbout, type ExecutorLoad } from "#src/ports/bus.ts";
import { shortageOf, type SeenExecutor } from "#src/runtime/shortage.ts";
import { planOf, tool } from "../machines/plans.ts";
import { Machine, SECOND_MS } from "./kit.ts";

const BUSY: ExecutorLoad = { slots: 2, used: 2 };
const IDLE: ExecutorLoad = { slots: 4, used: 1 };

function seen(about: Partial<ExecutorAbout>, load?: ExecutorLoad): SeenExecutor {
  const id = executorId.parse("worker-1");
  return { id, about: { protocol: PROTOCOL, version: "1", ...about }, heardAt: 0, load };
}

describe("why a step that is ready gets no slot", () => {
  const call = { tool: "git.log", pool: undefined };

  it("is that nobody is there", () => expect(shortageOf(call, [])).toEqual({ kind: "no-executor" }));

  it("is that nobody has its tool", () => {
    const others = [seen({ tools: ["text.wrap"] }, IDLE), seen({ tools: [] }, IDLE)];
    expect(shortageOf(call, others)).toEqual({ kind: "no-tool", tool: "git.log" });
  });

  it("is that nobody who has its tool serves its pool", () => {
    const others = [seen({ tools: ["git.log"], pool: "gpu" }, IDLE), seen({ tools: ["text.wrap"] }, IDLE)];
    expect(shortageOf(call, others)).toEqual({ kind: "no-pool", pool: "default" });
    expect(shortageOf({ ...call, pool: "gpu" }, others)).toBeUndefined();
    expect(shortageOf({ ...call, pool: "cpu" }, others)).toEqual({ kind: "no-pool", pool: "cpu" });
  });

  it("is that all slots of those that could run it are taken, and how many those are", () => {
    const others = [seen({ tools: ["git.log"] }, BUSY), seen({}, BUSY), seen({ pool: "gpu" }, IDLE)];
    expect(shortageOf(call, others)).toEqual({ kind: "no-slot", slots: 4, used: 4 });
  });

  it("is not known where one of them says nothing of its slots, or has some", () => {
    expect(shortageOf(call, [seen({}, BUSY), seen({})])).toBeUndefined();
    expect(shortageOf(call, [seen({}, BUSY), seen({}, IDLE)])).toBeUndefined();
  });
});

describe("an engine", () => {
  it("says so of its own executor, and how busy that is", async () => {
    const machine = new Machine();
    const engine = await machine.open({ slots: 1 });
    const held = machine.hold("a");
    const plan = await machine.answer(engine.start(planOf([tool("a"), tool("b")]), {}));
    await machine.until(() => machine.callsOf("a").length === 1);
    await machine.pass(2 * SECOND_MS);
    const call = { tool: "test.tool", pool: undefined };
    expect(engine.shortage(call)).toEqual({ kind: "no-slot", slots: 1, used: 1 });
    const { coordinators, executors, freePartitions } = engine.installation();
    expect(coordinators).toMatchObject([{ partitions: 256, heardMs: 0, isAnswering: true }]);
    expect({ executors, freePartitions }).toMatchObject({ executors: [{ slots: 1, used: 1 }], freePartitions: 0 });
    held.release();
    await machine.settled(engine, plan);
    await machine.pass(2 * SECOND_MS);
    expect(engine.shortage(call)).toBeUndefined();
    expect(engine.installation().executors).toMatchObject([{ slots: 1, used: 0 }]);
  });
});
