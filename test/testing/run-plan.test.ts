import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { inline } from "#events/payload.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { runPlan, virtualClock } from "#src/testing/run-plan.ts";
import { fails, hangs, ignoresAbort, scriptedTool, takes } from "#src/testing/scripted-tool.ts";

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

const REMINDER = `
plan: reminder
inputs:
  to: { type: string }
steps:
  pause:
    wait: 2d
  remind:
    tool: mail.send
    needs: [pause]
    retry: { attempts: 3, delay: 1m, backoff: fixed, jitter: none }
    with: { to: "\${inputs.to}" }
outputs: { id: "\${steps.remind.output}" }
respond: reminded \${inputs.to}
`;

const REVIEW = `
plan: review
steps:
  draft:
    value: new words
  editor:
    approve: { role: editor, show: "\${steps.draft.output}", expires: 2d }
  publish:
    tool: site.publish
    needs: [editor]
    with: { text: "\${steps.draft.output}" }
`;

describe("a run of a plan", () => {
  it("with a wait of two days is over in a moment", async () => {
    const send = scriptedTool("mail.send", ["m-1"]);
    await runPlan(REMINDER, { tools: [send], inputs: { to: "Ada" } });
    const again = scriptedTool("mail.send", ["m-1"]);
    const beganMs = systemClock.monotonic();
    const run = await runPlan(REMINDER, { tools: [again], inputs: { to: "Ada" } });
    const tookMs = systemClock.monotonic() - beganMs;
    expect(run).toMatchObject({ outcome: "succeeded", elapsedMs: 2 * DAY_MS, response: "reminded Ada" });
    expect(run.outputs).toEqual({ id: "m-1" });
    expect(tookMs).toBeLessThan(200);
  });

  it("tells what happened when, in virtual time", async () => {
    const send = scriptedTool("mail.send", [fails("unavailable", "no route"), takes(5_000, "m-1")]);
    const clock = virtualClock({ startAt: Date.UTC(2030, 0, 1) });
    const run = await runPlan(REMINDER, { tools: [send], inputs: { to: "Ada" }, clock });
    expect(send.calls.map(({ at, args, step }) => [at - Date.UTC(2030, 0, 1), args, step])).toEqual([
      [2 * DAY_MS, { to: "Ada" }, "remind"],
      [2 * DAY_MS + MINUTE_MS, { to: "Ada" }, "remind"],
    ]);
    expect(run.elapsedMs).toBe(2 * DAY_MS + MINUTE_MS + 5_000);
    expect(run.facts.map(({ type }) => type)).toEqual([
      "PlanDrafted",
      "PlanStarted",
      "StepWaitStarted",
      "StepWaitEnded",
      "StepDispatched",
      "StepFailed",
      "StepDispatched",
      "StepSucceeded",
      "PlanSucceeded",
    ]);
  });

  it("is the same every time", async () => {
    const once = async () => {
      const send = scriptedTool("mail.send", [fails("unavailable", "no route"), "m-1"]);
      const { plan, facts } = await runPlan(REMINDER, { tools: [send], inputs: { to: "Ada" } });
      return { plan, facts };
    };
    expect(await once()).toEqual(await once());
  });

  it("fails as the plan does, and says why", async () => {
    const send = scriptedTool("mail.send", [fails("validation", "no such address", { code: "bad-address" })]);
    const run = await runPlan(REMINDER, { tools: [send], inputs: { to: "?" } });
    expect(run).toMatchObject({ outcome: "failed", error: { category: "validation" }, waiting: [] });
    expect(run.facts).toContainEqual(
      expect.objectContaining({
        data: expect.objectContaining({ error: expect.objectContaining({ code: "bad-address" }) }),
      }),
    );
  });

  it("ends an attempt that hangs at its timeout, exactly, and takes a late answer", async () => {
    const plan = (idempotent: boolean) => `
plan: slow
steps:
  ask:
    tool: slow.ask
    timeout: 10s
    idempotent: ${idempotent}
    retry: { attempts: 2, delay: 1s, backoff: fixed, jitter: none }
`;
    const hanging = scriptedTool("slow.ask", [hangs(), "answer"]);
    const retried = await runPlan(plan(true), { tools: [hanging] });
    expect(retried).toMatchObject({ outcome: "succeeded", elapsedMs: 11_000 });
    const late = scriptedTool("slow.ask", [ignoresAbort(14_000, "late")]);
    const unknown = await runPlan(plan(false), { tools: [late] });
    expect(unknown).toMatchObject({ outcome: "succeeded", elapsedMs: 14_000 });
    expect(unknown.facts.map(({ type }) => type)).toContain("StepLateReported");
    expect(await unknown.output("ask")).toBe("late");
  });

  it("stops where a plan waits for somebody, and says for what", async () => {
    const run = await runPlan(REVIEW.replace(", expires: 2d", ""), { tools: [scriptedTool("site.publish", [])] });
    expect(run.outcome).toBe("running");
    expect(run.waiting.map(({ step, reason }) => [step, reason.kind])).toEqual([
      ["editor", "approval"],
      ["publish", "needs"],
    ]);
    expect(run.waiting[0]!.reason).toMatchObject({ role: "editor" });
  });

  it("asks who may approve, and lets a question expire", async () => {
    const tool = () => scriptedTool("site.publish", ["done"]);
    const approved = { editor: { verdict: "approved", afterMs: DAY_MS, by: "os:ada" } } as const;
    expect(await runPlan(REVIEW, { tools: [tool()], approvals: approved })).toMatchObject({
      outcome: "succeeded",
      elapsedMs: DAY_MS,
    });
    const denied = await runPlan(REVIEW, { tools: [tool()], approvals: { editor: "denied" } });
    expect(denied).toMatchObject({ outcome: "failed", elapsedMs: 0 });
    expect(await runPlan(REVIEW, { tools: [tool()] })).toMatchObject({ outcome: "failed", elapsedMs: 2 * DAY_MS });
    const stranger = { editor: { verdict: "approved", roles: ["reader"] } } as const;
    const refused = await runPlan(REVIEW, { tools: [tool()], approvals: stranger });
    expect(refused.refused).toMatchObject([{ command: "DecideApproval", code: "not-permitted" }]);
  });

  it("sends signals, also before anybody waits for them", async () => {
    const plan = `
plan: order
steps:
  pause: { wait: 1m }
  paid:
    needs: [pause]
    signal: payment
respond: "\${steps.paid.output.amount}"
`;
    const early = await runPlan(plan, { signals: [{ name: "payment", payload: { amount: 5 } }] });
    expect(early).toMatchObject({ outcome: "succeeded", elapsedMs: MINUTE_MS, response: 5 });
    const late = await runPlan(plan, { signals: [{ name: "payment", payload: { amount: 7 }, afterMs: DAY_MS }] });
    expect(late).toMatchObject({ outcome: "succeeded", elapsedMs: DAY_MS, response: 7 });
    expect((await runPlan(plan)).waiting).toMatchObject([
      { step: "paid", reason: { kind: "signal", name: "payment" } },
    ]);
  });

  it("gives commands at their time, and waits for their answers", async () => {
    const plan = "plan: long\nsteps:\n  pause: { wait: 2d }\n";
    const commands = [{ command: { type: "CancelPlan" }, afterMs: MINUTE_MS }] as const;
    expect(await runPlan(plan, { commands })).toMatchObject({ outcome: "cancelled", elapsedMs: MINUTE_MS });
    const undone = await runPlan("plan: short\nsteps:\n  one: { value: 1 }\n", {
      commands: [{ command: { type: "RollbackPlan" }, afterMs: DAY_MS }],
    });
    expect(undone).toMatchObject({ outcome: "rolled-back", elapsedMs: DAY_MS });
  });

  it("lets real tools take the time that they take", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "planwright-run-"));
    try {
      writeFileSync(path.join(folder, "note.txt"), "hello");
      const plan = `
plan: files
steps:
  read:
    tool: fs.read
    timeout: 5s
    with: { path: note.txt }
  shout:
    tool: shell.run
    needs: [read]
    timeout: 20s
    with: { command: node, args: ["-e", "setTimeout(() => console.log(1 + 1), 50)"] }
`;
      const run = await runPlan(plan, { root: folder });
      expect(run).toMatchObject({ outcome: "succeeded" });
      expect(run.elapsedMs).toBeLessThan(5_000);
      expect(await run.output("shout")).toMatchObject({ stdout: "2\n" });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("runs a definition as it runs its text", async () => {
    const first = await runPlan(REMINDER, { tools: [scriptedTool("mail.send", ["x"])], inputs: { to: "Ada" } });
    const second = await runPlan(first.definition, {
      tools: [scriptedTool("mail.send", ["x"])],
      inputs: { to: "Ada" },
    });
    expect(second.facts).toEqual(first.facts);
  });

  it("refuses a plan and inputs that production would refuse, with their findings", async () => {
    const tools = [scriptedTool("mail.send", [])];
    await expect(runPlan(REMINDER.replace("inputs.to}", "inputs.too}"), { tools })).rejects.toMatchObject({
      code: "plan-invalid",
      message: expect.stringContaining("did you mean"),
    });
    await expect(runPlan(REMINDER, { tools, inputs: { to: 1 } })).rejects.toMatchObject({ code: "inputs-invalid" });
  });

  it("that goes round in circles ends with a fault", async () => {
    const tools = [scriptedTool("mail.send", () => takes(1_000, fails("unavailable", "never")))];
    const plan = REMINDER.replace("attempts: 3", "attempts: 1000");
    await expect(runPlan(plan, { tools, inputs: { to: "Ada" }, maxSteps: 500 })).rejects.toMatchObject({
      code: "run-endless",
    });
  });

  it("can be answered for an outcome that nobody knows", async () => {
    const plan = `
plan: pay
steps:
  charge:
    tool: card.charge
    timeout: 1s
`;
    const tools = () => [scriptedTool("card.charge", [hangs()])];
    const stuck = await runPlan(plan, { tools: tools() });
    expect(stuck.waiting).toMatchObject([
      { step: "charge", reason: { kind: "unknown-outcome", answeredBy: "person" } },
    ]);
    const resolution = { kind: "done", output: inline("paid") } as const;
    const answer = { command: { type: "ResolveOutcome", step: "charge", resolution }, afterMs: MINUTE_MS } as const;
    expect(await runPlan(plan, { tools: tools(), commands: [answer] })).toMatchObject({ outcome: "succeeded" });
  });
});
