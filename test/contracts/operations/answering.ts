import { describe, expect, it } from "vitest";
import { GATED, UNDOABLE, REVIEWED, type Doorway } from "./doorway.ts";

export function answeringContract(door: Doorway): void {
  describe("answering", () => {
    it("cancels a plan that runs; asking again changes nothing", async () => {
      const plan = await door.waitingAt(door.fresh());
      expect(await door.client.cancel({ plan, note: "enough" })).toMatchObject({ plan, name: "gated", changed: true });
      expect(await door.ended(plan)).toMatchObject({ status: "cancelled" });
      expect(await door.client.cancel({ plan })).toMatchObject({ changed: false, status: "cancelled" });
      const { facts } = await door.client.history({ plan });
      const asked = facts.find(({ type }) => type === "PlanCancelRequested");
      expect(asked).toMatchObject({ actor: door.actor, data: { note: "enough" } });
    });

    it("retries a plan that failed from its failed step", async () => {
      const name = door.fresh();
      const plan = await door.waitingAt(name);
      door.gates.fail(name);
      expect(await door.ended(plan)).toMatchObject({ status: "failed", error: { code: "steps-failed" } });
      door.gates.close(name);
      expect(await door.client.retry({ plan })).toMatchObject({ changed: true, goesOn: true });
      await door.gates.until(name, 2);
      door.gates.open(name);
      expect(await door.ended(plan)).toMatchObject({ status: "succeeded", response: `${name} passed after 1` });
      await expect(door.client.retry({ plan })).rejects.toMatchObject({ code: "plan-ended" });
    });

    it("gives a failed step an outcome, and the plan goes on from there", async () => {
      const name = door.fresh();
      const plan = await door.waitingAt(name);
      door.gates.fail(name);
      await door.ended(plan);
      const outcome = { kind: "done", output: "by hand" } as const;
      expect(await door.client.give({ plan, step: "wait", outcome })).toMatchObject({ changed: true });
      expect(await door.ended(plan)).toMatchObject({ status: "succeeded", response: "by hand after 1" });
      const unknown = door.client.give({ plan, step: "nowhere", outcome });
      await expect(unknown).rejects.toMatchObject({ code: "plan-ended" });
    });

    it("answers for an attempt of which nobody knows how it ended", async () => {
      const name = door.fresh();
      const source = GATED(name, "gate.once").replace("retry: { attempts: 1 }", "timeout: 50ms");
      const plan = await door.start(source);
      expect(await door.ended(plan)).toMatchObject({ settled: true, status: "running", unknown: ["wait"] });
      const known = door.client.resolve({ plan, step: "first", answer: { kind: "retry" } });
      await expect(known).rejects.toMatchObject({ code: "outcome-known" });
      await door.client.resolve({ plan, step: "wait", answer: { kind: "done", output: "seen" } });
      expect(await door.ended(plan)).toMatchObject({ status: "succeeded", response: "seen after 1" });
    });

    it("pauses a plan, and resumes it", async () => {
      const name = door.fresh();
      const plan = await door.waitingAt(name);
      expect(await door.client.pause({ plan, note: "lunch" })).toMatchObject({ status: "paused", changed: true });
      expect(await door.client.pause({ plan })).toMatchObject({ changed: false });
      door.gates.open(name);
      expect(await door.client.wait({ plan, timeoutMs: 100 })).toMatchObject({ settled: false, status: "paused" });
      expect(await door.client.resume({ plan })).toMatchObject({ plans: [{ plan }] });
      expect(await door.ended(plan)).toMatchObject({ status: "succeeded" });
      await expect(door.client.pause({ plan })).rejects.toMatchObject({ code: "plan-ended" });
    });

    it("sends signals, early ones too; one with the same id is no other one", async () => {
      const name = door.fresh();
      const plan = await door.start(`plan: signalled
steps:
  held: { tool: gate.pass, with: { gate: ${name} } }
  paid: { signal: paid, needs: [held] }
respond: "\${steps.paid.output.amount}"
`);
      const sent = { plan, name: "paid", payload: { amount: 12 }, id: "order 7" };
      expect(await door.client.signal(sent)).toMatchObject({ changed: true });
      expect(await door.client.signal(sent)).toMatchObject({ changed: false });
      door.gates.open(name);
      expect(await door.ended(plan)).toMatchObject({ status: "succeeded", response: 12 });
      const { facts } = await door.client.history({ plan });
      expect(facts.filter(({ type }) => type === "SignalReceived")).toMatchObject([
        { actor: door.actor, data: { by: door.actor } },
      ]);
      expect(await door.client.signal(sent)).toMatchObject({ changed: false });
      await expect(door.client.signal({ ...sent, id: "order 8" })).rejects.toMatchObject({ code: "plan-ended" });
    });

    it("approves what was shown, and nothing else; only the first answer counts", async () => {
      const plan = await door.start(REVIEWED);
      const { step, hash, show } = await door.asked(plan);
      expect({ step, show }).toEqual({ step: "review", show: "is it good?" });
      expect(await door.client.why({ plan, step: "review" })).toMatchObject({
        steps: [{ reason: { kind: "approval", hash } }],
      });
      const outdated = door.client.approve({ plan, step, hash: "another" });
      await expect(outdated).rejects.toMatchObject({ code: "approval-outdated" });
      const answers = await Promise.allSettled([
        door.client.approve({ plan, step, hash, note: "fine" }),
        door.client.approve({ plan, step, hash }),
      ]);
      expect(answers.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled"]);
      expect(await door.ended(plan)).toMatchObject({ status: "succeeded", response: door.actor });
      expect(await door.client.approvals({ plan })).toMatchObject({ approvals: [] });
      await expect(door.client.deny({ plan, step, hash })).rejects.toMatchObject({ code: "approval-decided" });
    });

    it("denies, which fails the step", async () => {
      const plan = await door.start(REVIEWED);
      const { step, hash } = await door.asked(plan);
      await door.client.deny({ plan, step, hash, note: "not like this" });
      expect(await door.ended(plan)).toMatchObject({ status: "failed" });
      await expect(door.client.approve({ plan, step, hash })).rejects.toMatchObject({ code: "approval-decided" });
    });

    it("takes the first of an approval and a cancellation that come at once", async () => {
      for (let round = 0; round < 5; round++) {
        const plan = await door.start(REVIEWED);
        const { step, hash } = await door.asked(plan);
        const [approved, cancelled] = await Promise.allSettled([
          door.client.approve({ plan, step, hash }),
          door.client.cancel({ plan }),
        ]);
        const { status } = await door.ended(plan);
        if (status === "succeeded") expect(approved.status).toBe("fulfilled");
        else expect([status, cancelled.status]).toEqual(["cancelled", "fulfilled"]);
        for (const answer of [approved, cancelled]) {
          if (answer.status === "rejected")
            expect(["plan-ended", "plan-ending", "nothing-to-approve"]).toContain(
              (answer.reason as { code: string }).code,
            );
        }
      }
    });

    it("asks for the role that a step names", async () => {
      const plan = await door.start(REVIEWED.replace("approve: {", "approve: { role: editor,"));
      const { step, hash, role } = await door.asked(plan);
      expect(role).toBe("editor");
      await expect(door.client.approve({ plan, step, hash })).rejects.toMatchObject({ code: "not-permitted" });
      await door.client.cancel({ plan });
    });

    it("lists what comes by itself", async () => {
      const plan = await door.start("plan: napping\nsteps:\n  nap: { wait: 1h }\n");
      await door.until(async () => (await door.client.timers({ plan })).timers.length > 0);
      expect(await door.client.timers({ plan })).toMatchObject({
        timers: [{ kind: "wait", step: "nap", stands: false }],
      });
      await door.client.cancel({ plan });
    });

    it("revises a plan that runs: what has begun stays, the rest is as it says now", async () => {
      const name = door.fresh();
      const plan = await door.waitingAt(name);
      const source = GATED(name).replace("after", "long after") + "outputs:\n  more: ${steps.last.output}\n";
      const compared = await door.client.compare({ plan, source });
      expect(compared).toMatchObject({ plan, edition: 1, ok: true, changes: [{ step: "last", change: "changed" }] });
      expect(compared.words).toEqual(["outputs"]);
      const typo = await door.client.compare({ plan, source: source.replace("steps.wait", "steps.wiat") });
      expect(typo).toMatchObject({ ok: false, findings: [{ severity: "error" }], changes: [] });
      expect(await door.client.revise({ plan, source, edition: 1, note: "kinder" })).toMatchObject({ changed: true });
      await expect(door.client.revise({ plan, source: GATED(name), edition: 1 })).rejects.toMatchObject({
        code: "edition-outdated",
      });
      await expect(
        door.client.revise({ plan, source: source.replace("gate.pass", "gate.once"), edition: 2 }),
      ).rejects.toMatchObject({ code: "step-begun" });
      expect(await door.client.definition({ plan })).toMatchObject({ edition: 2 });
      door.gates.open(name);
      const response = `${name} passed long after 1`;
      expect(await door.ended(plan)).toMatchObject({ status: "succeeded", response, outputs: { more: response } });
    });

    it("rolls back what can be taken back", async () => {
      const name = door.fresh();
      const plan = await door.start(UNDOABLE(name));
      door.gates.open(name);
      await door.ended(plan);
      expect(await door.client.preview({ plan })).toMatchObject({
        layers: [[{ step: "make", tool: "gate.pass" }]],
        irreversible: [],
        withoutUndo: [],
      });
      door.gates.open(`${name}-back`);
      expect(await door.client.rollback({ plan })).toMatchObject({
        status: "rolling-back",
        changed: true,
        goesOn: true,
      });
      expect(await door.ended(plan)).toMatchObject({ status: "rolled-back" });
      expect(door.gates.reached).toContain(`${name}-back`);
    });

    it("rolls back no irreversible step that was not accepted", async () => {
      const name = door.fresh();
      door.gates.open(name);
      const plan = await door.start(GATED(name, "gate.final").replace("retry: { attempts: 1 }", "irreversible: true"));
      await door.ended(plan);
      await expect(door.client.rollback({ plan })).rejects.toMatchObject({ code: "irreversible-steps" });
      expect(await door.client.rollback({ plan, acceptIrreversible: true })).toMatchObject({ changed: true });
      expect(await door.ended(plan)).toMatchObject({ status: "rolled-back" });
    });

    it("has nothing to take up, and nobody to release", async () => {
      const name = door.fresh();
      door.gates.open(name);
      const plan = await door.start(GATED(name));
      await door.ended(plan);
      await expect(door.client.resume({ plan })).rejects.toMatchObject({ code: "plan-ended" });
      await expect(door.client.release({ plan })).rejects.toMatchObject({ code: "plan-not-quarantined" });
    });
  });
}
