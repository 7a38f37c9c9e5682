import { describe, expect, it } from "vitest";
import { inline } from "#events/payload.ts";
import { planOf, THRICE, tool, UNAVAILABLE, wait } from "../machines/plans.ts";
import { ToolFailure } from "#src/tools/define.ts";
import { HOUR_MS, Machine, SECOND_MS } from "./kit.ts";

const TWO_DAYS_MS = 48 * HOUR_MS;
const MINUTE_MS = 60 * SECOND_MS;

describe("an idle actor", () => {
  it("leaves memory, and a timer brings it back after two days", async () => {
    const machine = new Machine();
    const engine = await machine.open();
    const plan = await machine.answer(engine.start(planOf([wait("w", TWO_DAYS_MS), tool("a", { needs: ["w"] })]), {}));
    expect(engine.load().livePlans).toBe(1);
    await machine.pass(MINUTE_MS);
    expect(engine.load().livePlans).toBe(0);
    await machine.pass(TWO_DAYS_MS - 2 * MINUTE_MS);
    expect(machine.calls).toEqual([]);
    const state = await machine.settled(engine, plan, 2 * MINUTE_MS);
    expect(state.header.value).toBe("succeeded");
    const [started] = machine.factsOf(plan, "StepWaitStarted");
    expect(machine.calls[0]!.at - started!.dueAt!).toBeLessThan(SECOND_MS);
    expect(machine.calls[0]!.at).toBeGreaterThanOrEqual(started!.dueAt!);
  });

  it("stays while something of its plan runs", async () => {
    const machine = new Machine();
    const engine = await machine.open();
    machine.hold("a");
    await machine.answer(engine.start(planOf([tool("a", {}, { timeoutMs: HOUR_MS })]), {}));
    await machine.pass(10 * MINUTE_MS);
    expect(engine.load().livePlans).toBe(1);
  });

  it("stays while its plan waits for a slot, and gets it", async () => {
    const machine = new Machine();
    const engine = await machine.open({ slots: 1 });
    const held = machine.hold("a");
    await machine.answer(engine.start(planOf([tool("a", {}, { timeoutMs: HOUR_MS })]), {}));
    const plan = await machine.answer(engine.start(planOf([tool("b")]), {}));
    await machine.pass(10 * MINUTE_MS);
    held.release();
    expect((await machine.settled(engine, plan, MINUTE_MS)).header.value).toBe("succeeded");
  });

  it("that waits for a person comes back with the answer", async () => {
    const machine = new Machine();
    const engine = await machine.open();
    machine.hold("a");
    const plan = await machine.answer(engine.start(planOf([tool("a", {}, { idempotent: false, timeoutMs: 100 })]), {}));
    const asks = await machine.settled(engine, plan);
    expect(asks.unknown.size).toBe(1);
    await machine.pass(5 * MINUTE_MS);
    expect(engine.load().livePlans).toBe(0);
    const resolution = { kind: "done" as const, output: inline("by hand") };
    expect((await machine.answer(engine.send(plan, { type: "ResolveOutcome", step: "a", resolution }))).kind).toBe(
      "accepted",
    );
    expect(machine.isEnded(plan)).toBe(true);
  });
});

describe("a timer", () => {
  it("comes from the recorded due time after a restart", async () => {
    const machine = new Machine();
    const engine = await machine.open();
    const plan = await machine.answer(engine.start(planOf([wait("w", HOUR_MS)]), {}));
    await machine.pass(HOUR_MS / 2);
    machine.crash();
    await machine.pass(HOUR_MS / 4);
    const second = await machine.open();
    second.resume(plan);
    await machine.pass(HOUR_MS / 8);
    expect(machine.isEnded(plan)).toBe(false);
    await machine.until(() => machine.isEnded(plan), HOUR_MS / 8 + SECOND_MS);
    expect(machine.factsOf(plan, "StepWaitStarted")).toHaveLength(1);
  });

  it("is due by the wall clock, also where somebody sets it forward", async () => {
    const machine = new Machine();
    const engine = await machine.open();
    const asleep = await machine.answer(engine.start(planOf([wait("w", 48 * HOUR_MS)]), {}));
    await machine.pass(MINUTE_MS);
    expect(engine.load().livePlans).toBe(0);
    const awake = await machine.answer(engine.start(planOf([wait("w", 10 * MINUTE_MS)]), {}));
    machine.setForward(48 * HOUR_MS);
    await machine.until(() => machine.isEnded(asleep) && machine.isEnded(awake), 2 * SECOND_MS);
  });

  it("of a retry is not forgotten where the clock passes it before it rings", async () => {
    const machine = new Machine();
    const engine = await machine.open();
    let calls = 0;
    machine.on("a", () => {
      if (calls++ === 0) throw new ToolFailure("unavailable", "not yet");
      return "done";
    });
    const retry = { ...THRICE, delayMs: 50 * SECOND_MS, maxDelayMs: 50 * SECOND_MS };
    const plan = await machine.answer(engine.start(planOf([tool("a", { retry })]), {}));
    await machine.pass(40 * SECOND_MS);
    machine.setForward(20 * SECOND_MS);
    await machine.until(() => machine.isEnded(plan), 2 * SECOND_MS);
  });

  it("that was due while no process lived fires at once", async () => {
    const machine = new Machine();
    const engine = await machine.open();
    const plan = await machine.answer(engine.start(planOf([wait("w", MINUTE_MS)]), {}));
    machine.crash();
    await machine.pass(TWO_DAYS_MS);
    const second = await machine.open();
    second.resume(plan);
    await machine.until(() => machine.isEnded(plan), SECOND_MS);
  });

  it.each(Array.from({ length: 12 }, (_, index) => index + 1))(
    "of a retry is not forgotten where it falls between two looks at the clock (%d ms)",
    async (delayMs) => {
      const machine = new Machine();
      const { clock } = machine.world;
      let looks = 0;
      const engine = await machine.open({
        clock: {
          now: () => clock.now() + looks++,
          monotonic: () => clock.monotonic(),
          after: (...given) => clock.after(...given),
          soon: (callback) => clock.soon(callback),
        },
      });
      let calls = 0;
      machine.on("a", () => {
        if (calls++ === 0) throw new ToolFailure("unavailable", "not yet");
        return "done";
      });
      const retry = { ...THRICE, delayMs, maxDelayMs: delayMs, jitter: "none" as const };
      const plan = await machine.answer(engine.start(planOf([tool("a", { retry })]), {}));
      await machine.settled(engine, plan, 10 * SECOND_MS);
    },
  );

  it("of a retry is the recorded one after a restart", async () => {
    const machine = new Machine();
    const engine = await machine.open();
    machine.on("a", () => {
      if (machine.callsOf("a").length === 1) throw new ToolFailure("unavailable", UNAVAILABLE.message);
      return "done";
    });
    const retry = { ...THRICE, delayMs: HOUR_MS, maxDelayMs: HOUR_MS };
    const plan = await machine.answer(engine.start(planOf([tool("a", { retry })]), {}));
    await machine.until(() => machine.factsOf(plan, "StepFailed").length === 1);
    const [failed] = machine.factsOf(plan, "StepFailed");
    const dueAt = failed!.next.kind === "retry" ? failed!.next.dueAt : 0;
    machine.crash();
    await machine.pass(MINUTE_MS);
    const second = await machine.open();
    second.resume(plan);
    await machine.until(() => machine.isEnded(plan));
    expect(machine.calls[1]!.at).toBeGreaterThanOrEqual(dueAt);
    expect(machine.calls[1]!.at).toBeLessThan(dueAt + SECOND_MS);
  });

  it("of a plan's deadline ends it, also when it had left memory", async () => {
    const machine = new Machine();
    const engine = await machine.open();
    const plan = await machine.answer(engine.start(planOf([wait("w", TWO_DAYS_MS)], { deadlineMs: HOUR_MS }), {}));
    const state = await machine.settled(engine, plan, HOUR_MS + MINUTE_MS);
    expect(state.header.value).toBe("failed");
    expect(state.error).toMatchObject({ category: "timeout", code: "plan-deadline" });
  });
});
