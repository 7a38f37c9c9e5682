import { describe, expect, it } from "vitest";
import type { Json } from "#events/json.ts";
import { each, planOf, THRICE, tool } from "../machines/plans.ts";
import { HOUR_MS, Machine, SECOND_MS, untilAborted } from "./kit.ts";

const MINUTE_MS = 60 * SECOND_MS;

describe("reconcile", () => {
  it("sends a run again that got lost, with the value of its arguments", async () => {
    const machine = new Machine();
    const engine = await machine.open();
    let lost = 2;
    machine.disturb.drops = ({ kind }) => kind === "run" && lost-- > 0;
    const text = "y".repeat(100_000);
    const steps = [tool("a", {}, { with: { text } }), tool("b", {}, { with: { n: 1 } })];
    const plan = await machine.answer(engine.start(planOf(steps), {}));
    expect((await machine.settled(engine, plan, MINUTE_MS)).header.value).toBe("succeeded");
    expect(machine.callsOf("a").map(({ args }) => args)).toEqual([{ text }]);
    expect(machine.callsOf("b").map(({ args }): Json => args)).toEqual([{ n: 1 }]);
    expect(machine.factsOf(plan, "StepDispatched")).toHaveLength(2);
  });

  it("sends a run again that got lost, also when somebody sets the clock back", async () => {
    const machine = new Machine();
    const engine = await machine.open();
    let lost = 1;
    machine.disturb.drops = ({ kind }) => kind === "run" && lost-- > 0;
    const plan = await machine.answer(engine.start(planOf([tool("a")]), {}));
    machine.setForward(-HOUR_MS);
    expect((await machine.settled(engine, plan, 3 * SECOND_MS)).header.value).toBe("succeeded");
  });

  it("sends a run again to where it was to run, also after a crash", async () => {
    const machine = new Machine();
    let engine = await machine.open();
    machine.disturb.drops = ({ kind }) => kind === "run";
    const steps = [tool("a", {}, { isolate: "process" }), tool("b")];
    const plan = await machine.answer(engine.start(planOf(steps), {}));
    await machine.pass(MINUTE_MS);
    await machine.answer(engine[Symbol.asyncDispose]());
    engine = await machine.open();
    engine.resume(plan);
    await machine.pass(MINUTE_MS);
    const sent = machine.sentOf("run");
    const places = sent.map(({ key, isolate }) => `${key.step} ${isolate ?? "loop"}`);
    expect(sent.length).toBeGreaterThan(4);
    expect(new Set(places)).toEqual(new Set(["a process", "b loop"]));
  });

  it("runs nothing twice by sending again what runs for long", async () => {
    const machine = new Machine();
    const engine = await machine.open();
    const held = machine.hold("a");
    const plan = await machine.answer(engine.start(planOf([tool("a")]), {}));
    await machine.pass(MINUTE_MS);
    expect(machine.sentOf("run").length).toBeGreaterThan(5);
    held.release();
    await machine.settled(engine, plan);
    expect(machine.calls).toHaveLength(1);
  });

  it("makes a lost report, and a lost acknowledgement, harmless", async () => {
    for (const kind of ["report", "acknowledged"]) {
      const machine = new Machine();
      const engine = await machine.open();
      let lost = 2;
      machine.disturb.drops = (message) => message.kind === kind && lost-- > 0;
      const plan = await machine.answer(engine.start(planOf([tool("a", {}, { idempotent: false })]), {}));
      expect((await machine.settled(engine, plan, MINUTE_MS)).header.value).toBe("succeeded");
      await machine.pass(MINUTE_MS);
      expect(machine.story(plan).filter((line) => line === "StepSucceeded a")).toHaveLength(1);
      expect(machine.calls).toHaveLength(1);
    }
  });

  it("does not start what a cancelled plan had dispatched and no executor had heard of", async () => {
    const machine = new Machine();
    const engine = await machine.open();
    machine.disturb.drops = ({ kind }) => kind === "run";
    const plan = await machine.answer(engine.start(planOf([tool("a", {}, { timeoutMs: 10 * SECOND_MS })]), {}));
    await machine.answer(engine.send(plan, { type: "CancelPlan" }));
    machine.disturb.drops = () => false;
    expect((await machine.settled(engine, plan, MINUTE_MS)).header.value).toBe("cancelled");
    expect(machine.calls).toEqual([]);
  });

  it("repeats a cancellation that got lost", async () => {
    const machine = new Machine();
    const engine = await machine.open();
    machine.on("a", (call) => untilAborted(call.signal));
    const plan = await machine.answer(engine.start(planOf([tool("a", {}, { timeoutMs: HOUR_MS })]), {}));
    await machine.until(() => machine.calls.length === 1);
    let lost = 1;
    machine.disturb.drops = ({ kind }) => kind === "cancel" && lost-- > 0;
    await machine.answer(engine.send(plan, { type: "CancelPlan" }));
    expect((await machine.settled(engine, plan, MINUTE_MS)).header.value).toBe("cancelled");
  });

  it("lets what runs inside of a step finish where another step has failed, and the plan starts nothing new", async () => {
    const machine = new Machine();
    const engine = await machine.open();
    const held = machine.hold("all");
    machine.on("b", () => Promise.reject(new Error("down")));
    const all = each("all", [1], { steps: [tool("do", {}, { timeoutMs: HOUR_MS })] });
    const plan = await machine.answer(engine.start(planOf([all, tool("b")]), {}));
    await machine.until(() => machine.story(plan).includes("StepFailed b"));
    await machine.pass(MINUTE_MS);
    expect(machine.sentOf("cancel")).toEqual([]);
    held.release();
    expect((await machine.settled(engine, plan, MINUTE_MS)).header.value).toBe("failed");
    expect(machine.story(plan)).toContain("StepSucceeded all/0/do");
  });

  it("takes a silence for its own when its process had stood still", async () => {
    const machine = new Machine();
    const engine = await machine.open();
    const held = machine.hold("a");
    const plan = await machine.answer(engine.start(planOf([tool("a", { retry: THRICE }, { idempotent: false })]), {}));
    await machine.pass(3 * SECOND_MS);
    machine.stall(MINUTE_MS);
    await machine.pass(3 * SECOND_MS);
    expect(machine.story(plan)).not.toContain("StepLost a");
    held.release();
    expect((await machine.settled(engine, plan)).header.value).toBe("succeeded");
  });
});
