import { describe, expect, it } from "vitest";
import { inline } from "#events/payload.ts";
import { planOf, THRICE, tool } from "../machines/plans.ts";
import { HOUR_MS, Machine, SECOND_MS } from "./kit.ts";

describe("recovery", () => {
  it("starts nothing by itself: interrupted plans are named, and go on when asked", async () => {
    const machine = new Machine();
    const engine = await machine.open();
    machine.hold("a");
    const done = await machine.answer(engine.start(planOf([tool("c")]), {}));
    await machine.settled(engine, done);
    const plan = await machine.answer(engine.start(planOf([tool("a", { retry: THRICE })], { name: "halfway" }), {}));
    await machine.until(() => machine.callsOf("a").length === 1);
    machine.crash();
    machine.on("a", () => "again");
    const second = await machine.open();
    await machine.pass(60 * SECOND_MS);
    expect(machine.callsOf("a")).toHaveLength(1);
    expect(await machine.answer(second.interrupted())).toMatchObject([{ plan, name: "halfway", status: "running" }]);
    second.resume(plan);
    expect((await machine.settled(second, plan)).header.value).toBe("succeeded");
    expect(await machine.answer(second.interrupted())).toEqual([]);
  });

  it("loses an idempotent attempt in flight and runs it again, with the same idempotency key", async () => {
    const machine = new Machine();
    const engine = await machine.open();
    machine.hold("a");
    const plan = await machine.answer(engine.start(planOf([tool("a", { retry: THRICE })]), {}));
    await machine.until(() => machine.calls.length === 1);
    machine.crash();
    machine.on("a", () => "again");
    const second = await machine.open();
    second.resume(plan);
    const state = await machine.settled(second, plan, 30 * SECOND_MS);
    expect(state.steps[0]!.output).toEqual(inline("again"));
    expect(machine.story(plan).slice(2)).toEqual([
      "StepDispatched a",
      "StepLost a",
      "StepDispatched a",
      "StepSucceeded a",
      "PlanSucceeded",
    ]);
    expect(machine.calls[1]!.idempotencyKey).toBe(machine.calls[0]!.idempotencyKey);
  });

  it("waits for nobody: what ran in a process that is gone is lost at once", async () => {
    const machine = new Machine();
    const engine = await machine.open();
    machine.hold("a");
    const plan = await machine.answer(engine.start(planOf([tool("a", { retry: { ...THRICE, delayMs: 0 } })]), {}));
    await machine.until(() => machine.calls.length === 1);
    machine.crash();
    machine.on("a", () => "again");
    const second = await machine.open();
    second.resume(plan);
    await machine.until(() => machine.isEnded(plan), 100);
  });

  it("asks about a non-idempotent attempt in flight and never runs it by itself", async () => {
    const machine = new Machine();
    const engine = await machine.open();
    machine.hold("a");
    const steps = [tool("a", { retry: THRICE }, { idempotent: false })];
    const plan = await machine.answer(engine.start(planOf(steps), {}));
    await machine.until(() => machine.calls.length === 1);
    machine.crash();
    const second = await machine.open();
    second.resume(plan);
    const state = await machine.settled(second, plan);
    expect(state.unknown.size).toBe(1);
    await machine.pass(HOUR_MS);
    expect(machine.calls).toHaveLength(1);
    expect(machine.factsOf(plan, "StepLost")).toMatchObject([{ next: { kind: "unknown", policy: "ask" } }]);
    machine.on("a", () => "again");
    await machine.answer(second.send(plan, { type: "ResolveOutcome", step: "a", resolution: { kind: "retry" } }));
    expect((await machine.settled(second, plan)).header.value).toBe("succeeded");
    expect(machine.calls).toHaveLength(2);
  });

  it("runs nothing again whose success was durable, wherever the process dies", async () => {
    for (let appends = 1; appends <= 6; appends++) {
      const machine = new Machine();
      let seen = 0;
      machine.disturb.afterAppend = () => {
        if (++seen === appends) machine.crash();
      };
      const engine = await machine.open();
      const ids = ["a", "b", "c", "d"];
      const steps = ids.map((id, index) =>
        tool(id, { retry: THRICE, needs: ids.slice(Math.max(0, index - 1), index) }),
      );
      const plan = engine.newPlanId();
      void engine.start(planOf(steps), {}, plan);
      await machine.pass(SECOND_MS);
      const durable = machine.factsOf(plan, "StepSucceeded").map(({ step }) => step);
      const before = durable.map((step) => machine.callsOf(step).length);
      machine.disturb.afterAppend = () => undefined;
      const second = await machine.open();
      second.resume(plan);
      await machine.until(() => machine.isEnded(plan));
      expect(
        durable.map((step) => machine.callsOf(step).length),
        `after append ${appends}`,
      ).toEqual(before);
      expect(machine.story(plan).at(-1)).toBe("PlanSucceeded");
    }
  });

  it("goes on with a cancellation that was under way", async () => {
    const machine = new Machine();
    const engine = await machine.open();
    machine.hold("a");
    const plan = await machine.answer(
      engine.start(planOf([tool("a", { retry: THRICE }), tool("b", { needs: ["a"] })]), {}),
    );
    await machine.until(() => machine.calls.length === 1);
    await machine.answer(engine.send(plan, { type: "CancelPlan" }));
    machine.crash();
    const second = await machine.open();
    second.resume(plan);
    expect((await machine.settled(second, plan)).header.value).toBe("cancelled");
    expect(machine.calls).toHaveLength(1);
  });

  it("uses an epoch above every earlier owner's", async () => {
    const machine = new Machine();
    const epochs: number[] = [];
    for (let round = 0; round < 3; round++) {
      const engine = await machine.open();
      const plan = await machine.answer(engine.start(planOf([tool("a")]), {}));
      await machine.settled(engine, plan);
      epochs.push(machine.factsOf(plan, "StepDispatched")[0]!.epoch);
      machine.crash();
    }
    expect(epochs).toEqual([...new Set(epochs)].sort((a, b) => a - b));
  });
});
