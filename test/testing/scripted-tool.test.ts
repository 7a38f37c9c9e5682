import { z } from "zod";
import { describe, expect, it } from "vitest";
import { runPlan } from "#src/testing/run-plan.ts";
import { fails, hangs, scriptedLike, scriptedTool, takes } from "#src/testing/scripted-tool.ts";
import { defineTool } from "#src/tools/define.ts";

const charge = defineTool({
  name: "card.charge",
  version: "2.1.0",
  description: "Charges a card.",
  input: z.strictObject({ cents: z.int() }),
  output: z.object({ receipt: z.string() }),
  sideEffects: "irreversible",
  idempotent: true,
  isolate: "process",
  module: import.meta.url,
  run: () => Promise.reject(new Error("no test charges a card")),
});

const plan = (steps: string) => `plan: shop\nsteps:\n${steps}`;
const PAY = plan('  pay:\n    tool: card.charge\n    with: { cents: 5 }\nrespond: "${steps.pay.output.receipt}"\n');
const TWICE = plan("  one: { tool: x.y }\n  two: { tool: x.y, needs: [one] }\n");

describe("a scripted tool", () => {
  it("gives what the script says, call by call, and remembers the calls", async () => {
    const tool = scriptedTool("x.y", ["first", takes(1_000, "second")]);
    const run = await runPlan(TWICE, { tools: [tool] });
    expect([await run.output("one"), await run.output("two")]).toEqual(["first", "second"]);
    expect(tool.calls.map(({ step, number }) => [step, number])).toEqual([
      ["one", 0],
      ["two", 1],
    ]);
    expect(tool.calls[1]!.at - tool.calls[0]!.at).toBe(0);
  });

  it("fails as a bug when it is called more often than the script says", async () => {
    const run = await runPlan(TWICE, { tools: [scriptedTool("x.y", ["first"])] });
    expect(run.outcome).toBe("failed");
    const failure = run.facts.find(({ type }) => type === "StepFailed");
    expect(failure?.data).toMatchObject({ error: { category: "bug", code: "script-exhausted" } });
  });

  it("answers each call by a function of it", async () => {
    const tool = scriptedTool("x.y", ({ step, number }) => (step === "two" ? fails("conflict", "taken") : number));
    const run = await runPlan(TWICE, { tools: [tool] });
    expect(await run.output("one")).toBe(0);
    expect(run.error?.category).toBe("conflict");
  });

  it("has the version and the schemas of the tool that it stands for, and runs where the test runs", async () => {
    const tool = scriptedLike(charge, [{ receipt: "r-1" }]);
    const run = await runPlan(PAY, { tools: [tool] });
    expect(run).toMatchObject({ outcome: "succeeded", response: "r-1" });
    expect(tool.calls[0]!.args.cents).toBe(5);
    expect(run.facts).toContainEqual(
      expect.objectContaining({ data: expect.objectContaining({ tool: "card.charge", toolVersion: "2.1.0" }) }),
    );
    const wrong = runPlan(PAY.replace("cents: 5", "cents: five"), { tools: [tool] });
    await expect(wrong).rejects.toMatchObject({ code: "plan-invalid" });
  });

  it("is held to the output that its tool promises", async () => {
    // @ts-expect-error the script gives what the tool never would
    const tool = scriptedLike(charge, [{ receipt: 7 }]);
    const run = await runPlan(PAY, { tools: [tool] });
    expect(run.error?.category).toBe("bug");
  });

  it("stops when it is told to", async () => {
    const tool = scriptedTool("x.y", [hangs()]);
    const commands = [{ command: { type: "CancelPlan" }, afterMs: 30 }] as const;
    const run = await runPlan(plan("  one: { tool: x.y }\n"), { tools: [tool], commands });
    expect(run).toMatchObject({ outcome: "cancelled", elapsedMs: 30 });
    expect(tool.calls[0]!.signal.aborted).toBe(true);
  });
});
