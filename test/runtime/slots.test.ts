import { describe, expect, it } from "vitest";
import { newPlanId, type PlanId } from "#events/ids.ts";
import { SlotQueue } from "#src/runtime/slot-queue.ts";
import { ToolFailure } from "#src/tools/define.ts";
import { planOf, THRICE, tool, wait } from "../machines/plans.ts";
import { HOUR_MS, Machine, SECOND_MS } from "./kit.ts";

const planNumber = (index: number): PlanId => newPlanId(index, new Uint8Array(10));
const [A, B, C] = [planNumber(1), planNumber(2), planNumber(3)];

describe("the slot queue", () => {
  it("gives one slot to each that waits before anybody gets more", () => {
    const queue = new SlotQueue(() => 4);
    for (const plan of [A, B, C]) queue.set(plan, { priority: 0 });
    expect([A, B, C].map((plan) => queue.share(plan))).toEqual([2, 2, 2]);
    const scarce = new SlotQueue(() => 2);
    for (const plan of [A, B, C]) scarce.set(plan, { priority: 0 });
    expect([A, B, C].map((plan) => scarce.share(plan))).toEqual([1, 1, 0]);
    expect(scarce.next()).toEqual([A, B]);
  });

  it("gives a newcomer only what those who wait leave over", () => {
    const queue = new SlotQueue(() => 2);
    queue.set(A, { priority: 0 });
    expect(queue.share(B)).toBe(1);
    queue.set(C, { priority: 0 });
    expect(queue.share(B)).toBe(0);
    expect(new SlotQueue(() => 2).share(B)).toBe(2);
  });

  it("sends a plan to the end when it has taken a slot, and only then", () => {
    const queue = new SlotQueue(() => 1);
    for (const plan of [A, B]) queue.set(plan, { priority: 0 });
    queue.set(A, { priority: 0 });
    expect(queue.next()).toEqual([A]);
    queue.set(A, { priority: 0, took: true });
    expect(queue.next()).toEqual([B]);
    queue.set(B, { priority: undefined });
    expect(queue.next()).toEqual([A]);
    expect([queue.has(A), queue.has(B)]).toEqual([true, false]);
  });

  it("wants slots for those who wait, and again for those who were held when something is given back", () => {
    const queue = new SlotQueue(() => 0);
    queue.set(A, { priority: 0, count: 2 });
    queue.set(B, { priority: 1, count: 5, isHeld: true });
    expect(queue.wanted).toBe(2);
    queue.set(A, { priority: 0, count: 3 });
    expect(queue.wanted).toBe(3);
    queue.release();
    expect(queue.wanted).toBe(8);
    for (const plan of [A, B]) queue.set(plan, { priority: undefined });
    expect(queue.wanted).toBe(0);
  });

  it("wakes nobody while nothing is free", () => {
    const queue = new SlotQueue(() => 0);
    queue.set(A, { priority: 0 });
    expect(queue.next()).toEqual([]);
    expect(queue.share(A)).toBe(0);
  });
});

describe("slots", () => {
  it("bound the attempts that run at once, over all plans and retries", async () => {
    const machine = new Machine();
    const engine = await machine.open({ slots: 3 });
    let running = 0;
    let most = 0;
    const ids = Array.from({ length: 6 }, (_, index) => `s${index}`);
    for (const id of ids) {
      machine.on(id, async (call, { clock }) => {
        most = Math.max(most, ++running);
        await new Promise<void>((resolve) => void clock.after(100, resolve));
        running--;
        // Of this plan's step: counted over all plans, some would fail for ever in many an order.
        const tried = machine.callsOf(id).filter(({ idempotencyKey }) => idempotencyKey === call.idempotencyKey);
        if (tried.length % 3 !== 0) throw new ToolFailure("unavailable", "again");
        return call.step;
      });
    }
    const retry = { ...THRICE, attempts: 50 };
    const definition = planOf(ids.map((id) => tool(id, { retry })));
    const plans = await machine.answer(Promise.all([0, 1, 2, 3].map(() => engine.start(definition, {}))));
    await machine.until(() => plans.every((plan) => machine.isEnded(plan)));
    expect(most).toBe(3);
    for (const plan of plans) expect(machine.story(plan).at(-1)).toBe("PlanSucceeded");
  });

  it("go round among plans: a small plan does not wait for a large one to end", async () => {
    const machine = new Machine();
    const engine = await machine.open({ slots: 2 });
    const slow = (
      _: unknown,
      { clock }: { clock: { after: (ms: number, done: () => void) => unknown } },
    ): Promise<void> => new Promise((resolve) => void clock.after(SECOND_MS, resolve));
    const many = Array.from({ length: 100 }, (_, index) => tool(`m${index}`));
    for (const { id } of many) machine.on(id, async (_, context) => (await slow(_, context), "done"));
    const large = await machine.answer(engine.start(planOf(many), {}));
    await machine.pass(5 * SECOND_MS);
    const small = await machine.answer(engine.start(planOf([tool("x"), tool("y", { needs: ["x"] })]), {}));
    await machine.settled(engine, small, 5 * SECOND_MS);
    expect(machine.isEnded(large)).toBe(false);
    await machine.settled(engine, large);
  });

  it("reach a plan that is busy with other things meanwhile", async () => {
    const machine = new Machine();
    const engine = await machine.open({ slots: 1 });
    const endless = (step: string): void => {
      machine.on(step, async (_, { clock }) => {
        await new Promise<void>((resolve) => void clock.after(SECOND_MS, resolve));
        throw new ToolFailure("unavailable", "again");
      });
    };
    const retry = { ...THRICE, attempts: 1_000, delayMs: 0 };
    for (const step of ["g", "h"]) {
      endless(step);
      await machine.answer(engine.start(planOf([tool(step, { retry })]), {}));
    }
    // A turn every 100 ms, none of which takes a slot.
    const busy = Array.from({ length: 100 }, (_, index) => wait(`w${index}`, 100 * (index + 1)));
    const plan = await machine.answer(engine.start(planOf([tool("a"), ...busy]), {}));
    await machine.until(() => machine.callsOf("a").length === 1, 5 * SECOND_MS);
    expect(machine.isEnded(plan)).toBe(false);
  });

  it("are asked for once, however long they are waited for: each greeting is answered with an offer", async () => {
    const machine = new Machine();
    const engine = await machine.open({ slots: 1 });
    machine.on("a", (_, { clock }) => new Promise<void>((resolve) => void clock.after(HOUR_MS, resolve)));
    for (const step of ["a", "b"]) await machine.answer(engine.start(planOf([tool(step)]), {}));
    await machine.pass(SECOND_MS);
    const before = machine.sent.length;
    await machine.pass(10 * SECOND_MS);
    const hellos = machine.sent.slice(before).filter(({ message }) => message.kind === "hello");
    expect(hellos.length).toBeLessThanOrEqual(11);
  });

  it("go to a due retry before a step that is ready", async () => {
    const machine = new Machine();
    const engine = await machine.open({ slots: 1 });
    machine.on("a", async (_, { clock }) => {
      await new Promise<void>((resolve) => void clock.after(10, resolve));
      if (machine.callsOf("a").length === 1) throw new ToolFailure("unavailable", "again");
      return "done";
    });
    for (const step of ["b", "c", "d"]) {
      machine.on(step, async (_, { clock }) => {
        await new Promise<void>((resolve) => void clock.after(SECOND_MS, resolve));
        return "done";
      });
    }
    const retry = { ...THRICE, delayMs: 50 };
    const steps = [tool("a", { retry }), tool("b"), tool("c"), tool("d")];
    const plan = await machine.answer(engine.start(planOf(steps), {}));
    await machine.settled(engine, plan);
    expect(machine.calls.map(({ step }) => step)).toEqual(["a", "b", "a", "c", "d"]);
  });

  it("are not promised while a tool that ignores its abort still holds them", async () => {
    const machine = new Machine();
    const engine = await machine.open({ slots: 1 });
    machine.hold("deaf");
    const deaf = tool("deaf", {}, { timeoutMs: SECOND_MS });
    await machine.answer(engine.start(planOf([deaf]), {}));
    const careful = tool("b", {}, { idempotent: false, timeoutMs: SECOND_MS });
    machine.on("b", async (_, { clock }) => {
      await new Promise<void>((resolve) => void clock.after(900, resolve));
      return "done";
    });
    const plan = await machine.answer(engine.start(planOf([careful]), {}));
    const state = await machine.settled(engine, plan, HOUR_MS);
    expect(state.header.value).toBe("succeeded");
    const [dispatched] = machine.callsOf("b");
    expect(dispatched!.at - machine.calls[0]!.at).toBeGreaterThanOrEqual(6 * SECOND_MS);
    expect(machine.sentOf("run").filter(({ key }) => key.step === "b")).toHaveLength(1);
  });
});
