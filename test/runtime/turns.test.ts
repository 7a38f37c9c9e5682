import { describe, expect, it } from "vitest";
import type { Batch } from "#events/envelope.ts";
import { MAX_BATCH_BYTES } from "#events/envelope.ts";
import { encode } from "#events/catalog.ts";
import { call, cancelRequested, ONCE, planOf, tool, value } from "../machines/plans.ts";
import { Machine, SECOND_MS } from "./kit.ts";
import { appendAsOther } from "./other-writer.ts";

const INLINE_TEXT = "x".repeat(30_000);
const MAX_EVENTS = 256;

function bytesOf(batch: Batch): number {
  return Buffer.byteLength(
    JSON.stringify(batch.events.map(({ type, schemaVersion, data }) => [type, schemaVersion, data])),
  );
}

describe("a turn", () => {
  it("appends a start and everything that follows at once", async () => {
    const machine = new Machine();
    const engine = await machine.open();
    const plan = await machine.answer(engine.start(planOf([tool("a"), value("b", 1)]), {}));
    expect(machine.tried).toHaveLength(1);
    expect(machine.story(plan)).toEqual(["PlanDrafted", "PlanStarted", "StepDispatched a", "StepSucceeded b"]);
  });

  it("appends a success together with what it unblocks", async () => {
    const machine = new Machine();
    const engine = await machine.open();
    const held = machine.hold("a");
    const steps = [tool("a"), tool("b", { needs: ["a"] }), value("c", 1, { needs: ["a"] })];
    const plan = await machine.answer(engine.start(planOf(steps), {}));
    held.release();
    await machine.settled(engine, plan);
    expect(machine.tried[1]?.events.map(({ type }) => type)).toEqual([
      "StepSucceeded",
      "StepDispatched",
      "StepSucceeded",
    ]);
    expect(machine.tried).toHaveLength(3);
  });

  it("does so also when every slot was taken", async () => {
    const machine = new Machine();
    const engine = await machine.open({ slots: 1 });
    const steps = [tool("a"), tool("b", { needs: ["a"] }), tool("c", { needs: ["b"] })];
    const plan = await machine.answer(engine.start(planOf(steps), {}));
    await machine.settled(engine, plan);
    expect(machine.tried.map(({ events }) => events.map(({ type }) => type)).slice(1)).toEqual([
      ["StepSucceeded", "StepDispatched"],
      ["StepSucceeded", "StepDispatched"],
      ["StepSucceeded", "PlanSucceeded"],
    ]);
  });

  it("has at most 256 events, with 10,000 steps ready at once", async () => {
    const machine = new Machine();
    const engine = await machine.open();
    const steps = Array.from({ length: 10_000 }, (_, index) => value(`v${index}`, index));
    const plan = await machine.answer(engine.start(planOf(steps), {}));
    const state = await machine.settled(engine, plan);
    expect(state.header.value).toBe("succeeded");
    expect(state.in.succeeded).toBe(10_000);
    expect(Math.max(...machine.tried.map(({ events }) => events.length))).toBeLessThanOrEqual(MAX_EVENTS);
    expect(machine.tried.length).toBeLessThan(60);
  });

  it("has at most 512 KiB, with large inline values ready at once", async () => {
    const machine = new Machine();
    const engine = await machine.open();
    const steps = Array.from({ length: 60 }, (_, index) => value(`v${index}`, "${inputs.text}"));
    const plan = await machine.answer(engine.start(planOf(steps), { text: INLINE_TEXT }));
    const state = await machine.settled(engine, plan);
    expect(state.in.succeeded).toBe(60);
    expect(Math.max(...machine.tried.map(bytesOf))).toBeLessThanOrEqual(MAX_BATCH_BYTES);
  });

  it("has at most 512 KiB, with large reports arriving at once", async () => {
    const machine = new Machine();
    const engine = await machine.open({ slots: 90 });
    const start = Promise.withResolvers<undefined>();
    const ids = Array.from({ length: 90 }, (_, index) => `a${index}`);
    for (const id of ids) machine.on(id, async () => (await start.promise, INLINE_TEXT));
    const plan = await machine.answer(engine.start(planOf(ids.map((id) => tool(id))), {}));
    await machine.until(() => machine.calls.length === ids.length);
    start.resolve(undefined);
    const state = await machine.settled(engine, plan);
    expect(state.in.succeeded).toBe(90);
    expect(Math.max(...machine.tried.map(bytesOf))).toBeLessThanOrEqual(MAX_BATCH_BYTES);
    expect(engine.quarantined()).toEqual([]);
  });

  it("answers, publishes and shows nothing before its append is answered", async () => {
    const machine = new Machine();
    const engine = await machine.open();
    const answered = Promise.withResolvers<undefined>();
    machine.disturb.afterAppend = () => answered.promise;
    const shown: string[] = [];
    engine.onFacts((_, facts) => shown.push(...facts.map(({ type }) => type)));
    const started = engine.start(planOf([tool("a")]), {});
    void started.then(() => shown.push("answer"));
    await machine.pass(10 * SECOND_MS);
    expect(machine.contents.log.length).toBeGreaterThan(0);
    expect(shown).toEqual([]);
    expect(machine.sentOf("run")).toEqual([]);
    expect(machine.calls).toEqual([]);
    machine.disturb.afterAppend = () => undefined;
    answered.resolve(undefined);
    await machine.settled(engine, await machine.answer(started));
    expect(shown.slice(0, 4)).toEqual(["PlanDrafted", "PlanStarted", "StepDispatched", "answer"]);
  });

  it("tells no undo call to stop that begins in the turn of its rollback", async () => {
    const machine = new Machine();
    const engine = await machine.open();
    const undo = { call: call({ tool: "test.undo" }), retry: ONCE };
    const plan = await machine.answer(engine.start(planOf([tool("a", { undo })]), {}));
    await machine.settled(engine, plan);
    await machine.answer(engine.begin(plan, { type: "RollbackPlan" }));
    expect(machine.story(plan).slice(-3)).toEqual([
      "PlanRollbackStarted",
      "StepExpanded undo:1",
      "StepDispatched undo:1/0/do",
    ]);
    expect(machine.sentOf("cancel")).toEqual([]);
  });

  it("is decided anew from the log when another writer was faster", async () => {
    const machine = new Machine();
    const engine = await machine.open();
    const held = machine.hold("a");
    const plan = await machine.answer(engine.start(planOf([tool("a"), tool("b", { needs: ["a"] })]), {}));
    await machine.until(() => machine.calls.length === 1);
    await machine.answer(appendAsOther(machine, plan, encode(cancelRequested())));
    held.release();
    const state = await machine.settled(engine, plan);
    // It had dispatched b in the turn that was refused; after the cancellation that it found, it does not.
    expect(
      machine.tried.some(({ events }) =>
        events.some(({ type, data }) => type === "StepDispatched" && JSON.stringify(data).includes('"b"')),
      ),
    ).toBe(true);
    expect(state.header.value).toBe("cancelled");
    expect(machine.story(plan).slice(3)).toEqual(["PlanCancelRequested", "StepSucceeded a", "PlanCancelled"]);
    expect(machine.callsOf("b")).toEqual([]);
    expect(engine.quarantined()).toEqual([]);
  });

  it("gives its slots back when its append is refused", async () => {
    const machine = new Machine();
    const engine = await machine.open({ slots: 1 });
    const held = machine.hold("a");
    const plan = await machine.answer(engine.start(planOf([tool("a"), tool("b", { needs: ["a"] })]), {}));
    await machine.until(() => machine.calls.length === 1);
    await machine.answer(appendAsOther(machine, plan, encode(cancelRequested())));
    held.release();
    await machine.settled(engine, plan);
    const next = await machine.answer(engine.start(planOf([tool("c")]), {}));
    expect((await machine.settled(engine, next, SECOND_MS)).header.value).toBe("succeeded");
  });
});
