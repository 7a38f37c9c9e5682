import { describe, expect, it } from "vitest";
import type { EncodedEvent } from "#events/envelope.ts";
import { encode } from "#events/catalog.ts";
import type { PlanId } from "#events/ids.ts";
import { planStream } from "#events/streams.ts";
import { MAX_FAILED_TURNS } from "#src/runtime/limits.ts";
import { lost, planOf, tool } from "../machines/plans.ts";
import { Machine, SECOND_MS } from "./kit.ts";
import { appendAsOther } from "./other-writer.ts";

const UNKNOWN: EncodedEvent = { type: "StepTeleported", schemaVersion: 1, data: { step: "a" } };
/** Nothing of this step runs that could be lost. */
const REFUSED = encode(lost("b"));

describe("a plan that cannot be folded", () => {
  for (const [name, event, code] of [
    ["an unknown event", UNKNOWN, "unknown-event"],
    ["an event that its chart refuses", REFUSED, "event-refused"],
  ] as const) {
    it(`is quarantined for ${name}, with stream and revision, and others go on`, async () => {
      const { machine, plan } = await broken(event);
      const engine = await machine.open();
      const told: string[] = [];
      engine.onQuarantined((_, code_, message) => told.push(`${code_}: ${message}`));
      const other = await machine.answer(engine.start(planOf([tool("c")]), {}));
      engine.resume(plan);
      await machine.until(() => told.length > 0);
      expect(told).toHaveLength(1);
      expect(told[0]).toContain(`plan-unreadable: ${planStream(plan)} at revision 3 (${event.type})`);
      expect(engine.quarantined()).toMatchObject([{ plan, revision: 3, code: "plan-unreadable" }]);
      expect(machine.problems.filter((problem) => problem.startsWith("a turn failed"))).toHaveLength(MAX_FAILED_TURNS);
      expect((await machine.settled(engine, other)).header.value).toBe("succeeded");
      await expect(machine.answer(engine.plans.state(plan))).rejects.toMatchObject({ details: { revision: 3, code } });
    });
  }

  it("is answered with plan-quarantined, whoever asks", async () => {
    const { machine, plan } = await broken(UNKNOWN);
    const engine = await machine.open();
    engine.resume(plan);
    await machine.until(() => engine.quarantined().length > 0);
    const decision = await machine.answer(engine.send(plan, { type: "CancelPlan" }));
    expect(decision).toMatchObject({ kind: "rejected", code: "plan-quarantined" });
    await expect(machine.settled(engine, plan, SECOND_MS)).rejects.toMatchObject({ code: "plan-quarantined" });
    expect(await machine.answer(engine.interrupted())).toEqual([]);
  });

  it("stays quarantined after a restart, and comes back when it is released", async () => {
    const { machine, plan } = await broken(UNKNOWN);
    const engine = await machine.open();
    engine.resume(plan);
    await machine.until(() => engine.quarantined().length > 0);
    await machine.pass(1);
    machine.crash();
    const second = await machine.open();
    expect(second.quarantined()).toMatchObject([{ plan, revision: 3 }]);
    second.resume(plan);
    await machine.pass(SECOND_MS);
    expect(second.load().livePlans).toBe(0);
    // Somebody has repaired the log, e.g. restored it from a copy.
    repair(machine, plan);
    await machine.answer(second.release(plan));
    expect(second.quarantined()).toEqual([]);
    second.resume(plan);
    expect((await machine.settled(second, plan)).header.value).toBe("succeeded");
    machine.crash();
    expect((await machine.open()).quarantined()).toEqual([]);
  });

  it("is still listed, and can be read as it is stored", async () => {
    const { machine, plan } = await broken(UNKNOWN);
    const engine = await machine.open();
    expect(await machine.answer(engine.plans.list({ limit: 10 }))).toMatchObject([{ plan }]);
    const types: string[] = [];
    const read = async (): Promise<void> => {
      for await (const event of engine.plans.events(plan)) types.push(event.type);
    };
    await machine.answer(read());
    expect(types.at(-1)).toBe("StepTeleported");
  });

  it("keeps no other plan from starting with an engine, whatever its unknown event is called", async () => {
    const { machine, plan } = await broken({ type: "PlanTeleported", schemaVersion: 1, data: {} });
    const engine = await machine.open();
    const other = await machine.answer(engine.start(planOf([tool("c")]), {}));
    expect((await machine.settled(engine, other)).header.value).toBe("succeeded");
    engine.resume(plan);
    await machine.until(() => engine.quarantined().length > 0);
    const listed = await machine.answer(engine.plans.list({ limit: 10 }));
    expect(listed.map((row) => row.plan).sort()).toEqual([plan, other].sort());
  });
});

describe("a plan that is quarantined while it runs", () => {
  it("gives its slots back when its tools report", async () => {
    const machine = new Machine();
    const engine = await machine.open({ slots: 1 });
    const held = machine.hold("a");
    const plan = await machine.answer(engine.start(planOf([tool("a")]), {}));
    await machine.until(() => machine.calls.length === 1);
    await machine.answer(appendAsOther(machine, plan, UNKNOWN));
    const cancelled = engine.send(plan, { type: "CancelPlan" });
    await expect(machine.answer(cancelled)).rejects.toMatchObject({ code: "plan-unreadable" });
    held.release();
    const other = await machine.answer(engine.start(planOf([tool("c")]), {}));
    expect((await machine.settled(engine, other, 10 * SECOND_MS)).header.value).toBe("succeeded");
  });

  it("gets the report of what it ran when it is released", async () => {
    const machine = new Machine();
    const engine = await machine.open();
    const held = machine.hold("a");
    const plan = await machine.answer(engine.start(planOf([tool("a", {}, { idempotent: false })]), {}));
    await machine.until(() => machine.calls.length === 1);
    await machine.answer(appendAsOther(machine, plan, UNKNOWN));
    await machine.answer(engine.send(plan, { type: "CancelPlan" }).catch(() => undefined));
    held.release();
    await machine.pass(5 * SECOND_MS);
    repair(machine, plan);
    await machine.answer(engine.release(plan));
    engine.resume(plan);
    expect((await machine.settled(engine, plan, 10 * SECOND_MS)).header.value).toBe("succeeded");
    expect(machine.calls).toHaveLength(1);
  });
});

describe("a listener that throws", () => {
  it("quarantines no plan and keeps nothing from other listeners", async () => {
    const machine = new Machine();
    const engine = await machine.open();
    const seen: string[] = [];
    engine.onFacts(() => {
      throw new Error("a listener of somebody");
    });
    engine.onFacts((_, facts) => seen.push(...facts.map(({ type }) => type)));
    const plan = await machine.answer(engine.start(planOf([tool("a"), tool("b", { needs: ["a"] })]), {}));
    await machine.until(() => machine.isEnded(plan), 10 * SECOND_MS);
    await machine.pass(SECOND_MS);
    expect(engine.quarantined()).toEqual([]);
    expect(seen).toEqual(machine.facts(plan).map(({ type }) => type));
    expect(machine.calls).toHaveLength(2);
  });
});

/** A plan in the middle of its only attempt whose stream ends with the given event, and whose process has died. */
async function broken(event: EncodedEvent): Promise<{ machine: Machine; plan: PlanId }> {
  const machine = new Machine();
  const engine = await machine.open();
  machine.hold("a");
  const steps = [
    tool("a", { retry: { attempts: 3, delayMs: 1, maxDelayMs: 1, backoff: "fixed", jitter: "none" } }),
    tool("b", { needs: ["a"] }),
  ];
  const plan = await machine.answer(engine.start(planOf(steps), {}));
  await machine.until(() => machine.calls.length === 1);
  machine.crash();
  machine.on("a", () => "done");
  await machine.answer(appendAsOther(machine, plan, event));
  return { machine, plan };
}

/** Takes the last event of a plan's stream away. */
function repair(machine: Machine, plan: PlanId): void {
  machine.contents.streams.get(planStream(plan))?.pop();
}
