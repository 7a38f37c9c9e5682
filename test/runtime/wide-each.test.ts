import { describe, expect, it } from "vitest";
import type { StepDefinition } from "#events/definition.ts";
import type { Json } from "#events/json.ts";
import type { PlanId } from "#events/ids.ts";
import { LIST_RUN_BYTES } from "#events/payload.ts";
import { encodeState } from "#machines/snapshot.ts";
import { stepIndex } from "#machines/step-path.ts";
import type { PlanView } from "#machines/state.ts";
import type { Engine } from "#src/api/engine.ts";
import { sleep } from "#src/ports/clock.ts";
import { ToolFailure } from "#src/tools/define.ts";
import { each, planOf, THRICE, tool, value } from "../machines/plans.ts";
import { Machine, type Call } from "./kit.ts";

// An `each` over some thousand items through the engine: what it gives, what it keeps, and what a crash leaves.

const ITEMS = 5_000;
const CONCURRENCY = 20;
const SLOTS = 64;
/** Long enough that the list is cut into runs. */
const PAD = "x".repeat(100);

const items = (count: number): Json => Array.from({ length: count }, (_, id) => ({ id, pad: PAD }));
const numberOf = ({ args }: Call): number => (args as { item: { id: number } }).item.id;

const one: StepDefinition = tool("one", { retry: THRICE }, { with: { item: "${item}" } });

function wide(fields: Parameters<typeof each>[2] = { steps: [one] }) {
  return each("all", "${inputs.items}", { concurrency: CONCURRENCY, ...fields });
}

const planOver = (...steps: readonly StepDefinition[]) => planOf(steps, { inputs: { items: { schema: {} } } });

const recordOf = (state: PlanView, step: string) => state.steps[stepIndex(state, step)];

async function started(machine: Machine, steps: readonly StepDefinition[], count = ITEMS): Promise<[Engine, PlanId]> {
  const engine = await machine.open({ slots: SLOTS });
  return [engine, await machine.answer(engine.start(planOver(...steps), { items: items(count) }))];
}

describe("a wide each", () => {
  it("gives one entry an item in the order of the items, as a list in parts, with failures that it tolerates", async () => {
    const machine = new Machine();
    let underWay = 0;
    let most = 0;
    machine.on("all", async (call, { clock, signal }) => {
      most = Math.max(most, ++underWay);
      await sleep(clock, 1 + ((numberOf(call) * 7) % 13), signal);
      underWay--;
      if (numberOf(call) % 1_000 === 500) throw new ToolFailure("not-found", `nothing for ${numberOf(call)}`);
      return { seen: numberOf(call) };
    });
    const after = value("after", "${[size(steps.all.output), steps.all.output[4999].seen, size(steps.all.errors)]}", {
      needs: ["all"],
    });
    const [engine, plan] = await started(machine, [wide({ steps: [one], tolerate: { count: 5 } }), after]);
    const state = await machine.settled(engine, plan);
    expect(state.header.value).toBe("succeeded");
    expect(most).toBe(CONCURRENCY);
    expect(recordOf(state, "all")?.output).toMatchObject({ list: expect.any(String), count: ITEMS });
    const output = await machine.answer(engine.plans.value(recordOf(state, "all")!.output!));
    expect(output).toEqual(Array.from({ length: ITEMS }, (_, id) => (id % 1_000 === 500 ? null : { seen: id })));
    const errors = await machine.answer(engine.plans.value(recordOf(state, "all")!.errors!));
    expect(errors).toMatchObject([500, 1_500, 2_500, 3_500, 4_500].map((index) => ({ index, category: "not-found" })));
    expect(recordOf(state, "after")?.output).toEqual({ inline: [ITEMS, 4_999, 5] });
    expect(machine.factsOf(plan, "StepWindowClosed")).toHaveLength(ITEMS / 1_000);
  });

  it("fails with more failures than it tolerates; what had ended by then stays recorded", async () => {
    const machine = new Machine();
    machine.on("all", (call) => {
      if (numberOf(call) < 3_000) return numberOf(call);
      throw new ToolFailure("conflict", "no");
    });
    const [engine, plan] = await started(machine, [wide({ steps: [one], tolerate: { share: 0.001 } })]);
    const state = await machine.settled(engine, plan);
    expect(state.header.value).toBe("failed");
    expect(recordOf(state, "all")?.error).toMatchObject({ category: "conflict", code: "items-failed" });
    expect(recordOf(state, "all")?.error?.message).toMatch(/^\d+ of 5000 items failed, 5 may/);
    expect(recordOf(state, "all")?.expansion?.failed).toBeLessThanOrEqual(5 + CONCURRENCY);
    expect(machine.factsOf(plan, "StepSucceeded")).toHaveLength(3_000);
  });

  it("reads its list run by run, each once, and never as a whole", async () => {
    const machine = new Machine();
    const sized = value("sized", "${size(steps.all.output)}", { needs: ["all"] });
    const [engine, plan] = await started(machine, [wide(), sized]);
    const read: string[] = [];
    machine.disturb.beforeGet = (ref) => void read.push(ref);
    expect(recordOf(await machine.settled(engine, plan), "sized")?.output).toEqual({ inline: ITEMS });
    const { items: kept } = machine.factsOf(plan, "StepExpanded")[0]!;
    expect(kept).toMatchObject({ list: expect.any(String), count: ITEMS });
    const bytes = JSON.stringify(items(ITEMS)).length;
    expect(read.length).toBeGreaterThanOrEqual(Math.floor(bytes / LIST_RUN_BYTES));
    expect(new Set(read).size).toBe(read.length);
    const longest = Math.max(
      ...read.map((ref) => [...machine.blobs].find(([known]) => known === ref)![1].bytes.length),
    );
    expect(longest).toBeLessThanOrEqual(LIST_RUN_BYTES + 2);
  });

  it("keeps as many step records after many windows as after a few, and its snapshot hardly grows", async () => {
    const machine = new Machine();
    const held: number[] = [];
    const snapshots: number[] = [];
    machine.on("all", (call) => ({ result: numberOf(call), pad: PAD }));
    const engine = await machine.open({ slots: SLOTS });
    let closed = 0;
    engine.onFacts((_plan, facts, state) => {
      for (const { type } of facts) {
        if (type !== "StepWindowClosed" || ++closed % 2 !== 0) continue;
        held.push(state.held);
        expect(state.held).toBe(state.steps.filter((record) => record !== undefined).length);
        snapshots.push(JSON.stringify(encodeState(state)).length);
      }
    });
    const plan = await machine.answer(engine.start(planOver(wide()), { items: items(12_000) }));
    expect((await machine.settled(engine, plan)).header.value).toBe("succeeded");
    expect(held).toHaveLength(6);
    expect(Math.max(...held)).toBeLessThanOrEqual(2_001);
    // 100 bytes an item would be 200,000 for two windows.
    const growth = snapshots.map((bytes, index) => bytes - (snapshots[index - 1] ?? bytes));
    expect(Math.max(...growth)).toBeLessThan(40_000);
  });

  it("that dies in the middle is taken up from a snapshot: nothing is repeated that was durable, nothing is left out", async () => {
    const machine = new Machine();
    machine.on("all", numberOf);
    const succeeded = (plan: PlanId) => machine.factsOf(plan, "StepSucceeded").map(({ step }) => step);
    const [, plan] = await started(machine, [wide()]);
    let appended = 0;
    machine.disturb.afterAppend = ({ events }) => {
      appended += events.length;
      if (appended > 7_000) machine.crash();
    };
    await machine.pass(60_000);
    const before = succeeded(plan);
    expect(before.length).toBeGreaterThan(3_000);
    expect(before.length).toBeLessThan(4_000);
    const ranBefore = new Set(machine.calls.map(numberOf));
    machine.calls.length = 0;
    machine.disturb.afterAppend = () => undefined;

    const second = await machine.open({ slots: SLOTS });
    second.resume(plan);
    const state = await machine.settled(second, plan);
    expect(state.header.value).toBe("succeeded");
    const durable = new Set(before.map((step) => Number(step.split("/")[1])));
    const again = machine.calls.map(numberOf).filter((id) => ranBefore.has(id));
    expect(again.filter((id) => durable.has(id))).toEqual([]);
    expect(again.length).toBeLessThanOrEqual(CONCURRENCY);
    const all = succeeded(plan);
    expect(new Set(all).size).toBe(all.length);
    expect(all).toHaveLength(ITEMS + 1);
    const output = await machine.answer(second.plans.value(recordOf(state, "all")!.output!));
    expect(output).toEqual(Array.from({ length: ITEMS }, (_, id) => id));
  });

  it("whose list cannot be read any more fails by name, and gives what had ended when the list is there again", async () => {
    const machine = new Machine();
    machine.on("all", numberOf);
    const [, plan] = await started(machine, [wide()]);
    await machine.until(() => machine.factsOf(plan, "StepSucceeded").length > 1_000);
    const { items: kept } = machine.factsOf(plan, "StepExpanded")[0]!;
    const list = kept !== undefined && "list" in kept ? kept.list : undefined;
    machine.crash();
    const held = machine.blobs.get(list!)!;
    machine.blobs.delete(list!);
    const second = await machine.open({ slots: SLOTS });
    second.resume(plan);
    expect((await machine.settled(second, plan)).error).toMatchObject({ code: "steps-failed" });
    expect(recordOf(await machine.answer(second.plans.state(plan)), "all")?.error?.message).toContain(list);
    machine.blobs.set(list!, held);
    const ended = machine.factsOf(plan, "StepSucceeded").length;
    const decision = await machine.answer(second.begin(plan, { type: "ReopenPlan" }));
    expect(decision.kind).toBe("accepted");
    expect((await machine.settled(second, plan)).header.value).toBe("succeeded");
    expect(machine.factsOf(plan, "StepSucceeded").length).toBeGreaterThan(ended);
  });
});
