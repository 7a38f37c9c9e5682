import { describe, expect, it } from "vitest";
import { Fault } from "#events/fault.ts";
import type { PlanId } from "#events/ids.ts";
import type { BlobRef } from "#events/payload.ts";
import type { Engine } from "#src/api/engine.ts";
import { memoryBlobs } from "#src/blobs/memory.ts";
import { Payloads } from "#src/runtime/payloads.ts";
import { each, planOf, repeat, THRICE, tool, value } from "../machines/plans.ts";
import { HOUR_MS, Machine, SECOND_MS } from "./kit.ts";

// Payloads that are gone: what fails, by which name, and what goes on.

const LARGE = "z".repeat(50_000);

describe("a missing blob", () => {
  it("that the condition of a repeat reads fails the repeat by name, instead of being asked for without end", async () => {
    const machine = new Machine();
    const engine = await machine.open();
    machine.hold("gate");
    machine.on("a", () => Array.from({ length: 3 }, (_, index) => `${LARGE}${index}`));
    const inner = each("inner", "${steps.a.output}", { steps: [value("v", "${item}")] });
    const looped = repeat("looped", "size(output) > 0", {
      steps: [tool("gate", { retry: THRICE }), inner],
      needs: ["a"],
    });
    const plan = await machine.answer(engine.start(planOf([tool("a"), looped]), {}));
    const isInner = ({ step }: { readonly step: string }) => step.endsWith("inner");
    await machine.until(() => machine.factsOf(plan, "StepSucceeded").some(isInner));
    machine.crash();
    const { output } = machine.factsOf(plan, "StepSucceeded").find(isInner)!;
    machine.blobs.delete(("list" in output ? output.list : "") as BlobRef);
    machine.on("looped", () => "open");
    const second = await machine.open();
    second.resume(plan);
    const state = await machine.settled(second, plan);
    expect(state.header.value).toBe("failed");
    expect(state.steps[1]!.error).toMatchObject({ category: "not-found", code: "blob-missing" });
    expect(second.quarantined()).toEqual([]);
  });

  it("that a report names fails its step by name, and nobody says that its call had no effect", async () => {
    const machine = new Machine();
    const engine = await machine.open();
    machine.hold("a");
    machine.hold("other");
    const undo = { call: { ...tool("undo").call, with: { of: "${output}" } }, retry: THRICE };
    const plan = await machine.answer(
      engine.start(planOf([tool("a", { undo }, { idempotent: false }), tool("other")]), {}),
    );
    await machine.until(() => machine.calls.length === 2);
    const { executor } = machine.factsOf(plan, "StepDispatched").find(({ step }) => step === "a")!;
    const nowhere = { blob: memoryBlobs().refOf(Buffer.from(LARGE)), bytes: LARGE.length };
    const outcome = { kind: "succeeded", output: nowhere } as const;
    const sent = engine.send(plan, { type: "ReportAttempt", step: "a", attempt: 1, executor, outcome, durationMs: 1 });
    expect(await machine.answer(sent)).toMatchObject({ kind: "accepted" });
    expect(machine.factsOf(plan, "StepFailed")).toMatchObject([
      { step: "a", error: { code: "blob-missing" }, isSilent: true, next: { kind: "unknown" } },
    ]);
    expect(engine.quarantined()).toEqual([]);
  });

  describe("that an attempt was to be given", () => {
    /** So large that it leaves memory with the turn that has made it. */
    const HUGE = "z".repeat(5_000_000);
    const gone = (ref: string): void => {
      throw new Fault("blob-missing", `blob ${ref} is not in the store`);
    };

    async function handingOn(machine: Machine): Promise<{ engine: Engine; plan: PlanId }> {
      const engine = await machine.open();
      machine.on("a", () => HUGE);
      const reads = tool("b", {}, { timeoutMs: HOUR_MS, with: { text: "${steps.a.output}" } });
      const plan = await machine.answer(engine.start(planOf([tool("a"), { ...reads, needs: ["a"] }]), {}));
      return { engine, plan };
    }

    it("fails it at once, where it has not begun", async () => {
      const machine = new Machine();
      machine.disturb.afterAppend = ({ events }) => {
        const isGiven = events.some(
          ({ type, data }) => type === "StepDispatched" && JSON.stringify(data).includes("blob"),
        );
        if (isGiven) machine.disturb.beforeGet = gone;
      };
      const { engine, plan } = await handingOn(machine);
      await machine.settled(engine, plan, 10 * SECOND_MS);
      expect(machine.factsOf(plan, "StepFailed")).toMatchObject([
        { step: "b", error: { category: "not-found", code: "blob-missing" }, next: { kind: "final" } },
      ]);
      expect(machine.callsOf("b")).toEqual([]);
      expect(machine.isEnded(plan)).toBe(true);
    });

    it("changes nothing for one that has begun: its report counts", async () => {
      const machine = new Machine();
      const held = machine.hold("b");
      const { engine, plan } = await handingOn(machine);
      await machine.until(() => machine.callsOf("b").length === 1);
      machine.disturb.beforeGet = gone;
      await machine.pass(10 * SECOND_MS);
      held.release();
      const state = await machine.settled(engine, plan);
      expect(state.header.value).toBe("succeeded");
      expect(machine.callsOf("b")).toHaveLength(1);
    });
  });

  it("fails the one step that reads it, by name", async () => {
    const machine = new Machine();
    const engine = await machine.open();
    machine.on("a", () => LARGE);
    machine.hold("gate");
    const steps = [
      tool("a"),
      tool("gate", { retry: THRICE }),
      value("reads", "${size(steps.a.output)}", { needs: ["a", "gate"] }),
      value("other", "${steps.gate.output}", { needs: ["gate"] }),
    ];
    const plan = await machine.answer(engine.start(planOf(steps, { onFailure: "continue" }), {}));
    await machine.until(() => machine.factsOf(plan, "StepSucceeded").length === 1);
    machine.crash();
    const [ref] = machine.blobs.keys();
    machine.blobs.clear();
    machine.on("gate", () => "open");
    const second = await machine.open();
    second.resume(plan);
    const state = await machine.settled(second, plan);
    expect(machine.factsOf(plan, "StepFailed").map(({ step, error }) => [step, error.code])).toEqual([
      ["reads", "blob-missing"],
    ]);
    expect(state.steps[2]!.error?.message).toContain(ref);
    expect(machine.story(plan)).toContain("StepSucceeded other");
    expect(second.quarantined()).toEqual([]);
  });

  it("that is there again is read by the next step", async () => {
    const machine = new Machine();
    const payloads = new Payloads(memoryBlobs(machine.blobs));
    const [ref, other] = ["a", "b"].map((text) => memoryBlobs().refOf(Buffer.from(JSON.stringify(text))));
    await payloads.tryLoad([ref!, other!]);
    expect(payloads.blobs.problem?.(ref!)).toContain(ref);
    payloads.forgive([ref!]);
    expect(payloads.blobs.problem?.(ref!)).toBeUndefined();
    await memoryBlobs(machine.blobs).put(Buffer.from(JSON.stringify("a")));
    await payloads.tryLoad([ref!]);
    expect(payloads.blobs.get(ref!)).toBe("a");
  });

  it("of a definition names the event that cites it", async () => {
    const machine = new Machine();
    const engine = await machine.open();
    machine.hold("a");
    const plan = await machine.answer(engine.start(planOf([tool("a")], { description: LARGE }), {}));
    machine.crash();
    machine.blobs.clear();
    const second = await machine.open();
    second.resume(plan);
    await machine.until(() => second.quarantined().length === 1);
    expect(second.quarantined()[0]).toMatchObject({
      plan,
      revision: 0,
      message: expect.stringContaining("PlanDrafted"),
    });
  });
});
