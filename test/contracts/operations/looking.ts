import { describe, expect, it } from "vitest";
import { GATED, GREETING, NO_PLAN, type Doorway } from "./doorway.ts";

export function lookingContract(door: Doorway): void {
  describe("list", () => {
    it("filters by status, name and text, and pages by cursor", async () => {
      const name = `paged ${door.name}`;
      const source = (index: number): string =>
        `plan: paged_${door.name.replace("-", "_")}\nsteps:\n  s${index}: { value: 1 }\n`;
      const plans: string[] = [];
      for (let index = 0; index < 5; index++) plans.push(await door.start(source(index)));
      for (const plan of plans) await door.ended(plan);
      const query = { name: name.replaceAll(/[ -]/g, "_"), status: "succeeded", limit: 2 } as const;
      const first = await door.client.list(query);
      const second = await door.client.list({ ...query, cursor: first.next! });
      const third = await door.client.list({ ...query, cursor: second.next! });
      const listed = [...first.plans, ...second.plans, ...third.plans].map(({ plan }) => plan);
      expect(listed.toSorted()).toEqual(plans.toSorted());
      expect(third.next).toBeUndefined();
      expect((await door.client.list({ text: plans[0]!.slice(-12) })).plans.map(({ plan }) => plan)).toEqual([
        plans[0],
      ]);
      expect((await door.client.list({ status: ["failed", "cancelled"], name: query.name })).plans).toEqual([]);
      await expect(door.client.list({ cursor: "nowhere" })).rejects.toMatchObject({ code: "cursor-malformed" });
    });
  });

  describe("looking", () => {
    it("shows a plan that runs, its steps as a tree, and why it waits", async () => {
      const name = door.fresh();
      const plan = await door.waitingAt(name);
      expect(await door.client.get({ plan: plan.slice(-8) })).toMatchObject({
        plan,
        status: "running",
        settled: false,
        ended: 1,
      });
      const { steps } = await door.client.steps({ plan });
      expect(steps).toMatchObject([
        { step: "first", indent: 0, state: "succeeded" },
        { step: "wait", indent: 0, state: "running", tool: "gate.pass" },
        { step: "last", state: "pending" },
      ]);
      expect(await door.client.why({ plan, step: "last" })).toMatchObject({
        status: "running",
        steps: [{ step: "last", reason: { kind: "needs", open: [{ step: "wait", state: "running" }] } }],
      });
      expect((await door.client.why({ plan })).steps.map(({ step }) => step)).toEqual(["wait", "last"]);
      expect((await door.client.list({ live: true })).plans.map((row) => row.plan)).toContain(plan);
      door.gates.open(name);
      await door.ended(plan);
      expect((await door.client.timing({ plan })).criticalPath?.steps.map(({ step }) => step)).toContain("wait");
    });

    it("reports a plan, as a document as well, and what finished changes took", async () => {
      const plan = await door.start(GREETING, { inputs: { name: "Ada" } });
      await door.ended(plan);
      const report = await door.client.report({ plan });
      expect(report).toMatchObject({ plan, status: "succeeded", percent: 100, percentBy: "steps", changes: [] });
      expect(report.text).toBeUndefined();
      expect((await door.client.report({ plan, format: "md" })).text).toContain(`\`${plan}\`: succeeded`);
      expect((await door.client.report({ plan, revision: 0 })).percent).toBe(0);
      expect(await door.client.finishedChanges({})).toEqual({ classes: [] });
    });

    it("pages through steps and history, and shows any revision as it was", async () => {
      const plan = await door.start(GREETING, { inputs: { name: "Ada" } });
      await door.ended(plan);
      const first = await door.client.history({ plan, limit: 2 });
      expect(first).toMatchObject({ last: 3, next: 2, facts: [{ revision: 0 }, { revision: 1 }] });
      const second = await door.client.history({ plan, from: 2 });
      expect(second.facts.map(({ type }) => type)).toEqual(["StepSucceeded", "PlanSucceeded"]);
      expect(second.next).toBeUndefined();
      expect(await door.client.get({ plan, revision: 1 })).toMatchObject({ status: "running", revision: 1, ended: 0 });
      await expect(door.client.get({ plan, revision: 9 })).rejects.toMatchObject({ code: "bad-revision" });
      const chain = Array.from({ length: 5 }, (_, index) => `  s${index}: { value: ${index} }`).join("\n");
      const long = await door.start(`plan: long\nsteps:\n${chain}\n`);
      await door.ended(long);
      const page = await door.client.steps({ plan: long, limit: 3 });
      const rest = await door.client.steps({ plan: long, limit: 3, after: page.next! });
      expect([...page.steps, ...rest.steps].map(({ step }) => step)).toEqual(["s0", "s1", "s2", "s3", "s4"]);
      expect(rest.next).toBeUndefined();
    });

    it("gives the definition, and payloads that are kept beside the log", async () => {
      const text = "x".repeat(40_000);
      const plan = await door.start(`plan: big\nsteps:\n  a: { value: "${text}" }\n`);
      await door.ended(plan);
      expect(await door.client.definition({ plan })).toMatchObject({
        definition: { name: "big", steps: [{ id: "a" }] },
      });
      const { facts } = await door.client.history({ plan });
      const { output } = facts.find(({ type }) => type === "StepSucceeded")!.data as { output: { blob: string } };
      expect(await door.client.payload({ ref: output.blob })).toEqual({ value: text });
      await expect(door.client.payload({ ref: "0".repeat(64) })).rejects.toMatchObject({ code: "blob-missing" });
    });

    it("refuses a plan that is not there, whatever is asked of it", async () => {
      const asked = [
        door.client.get({ plan: NO_PLAN }),
        door.client.steps({ plan: NO_PLAN }),
        door.client.history({ plan: NO_PLAN }),
        door.client.cancel({ plan: NO_PLAN }),
        door.client.retry({ plan: NO_PLAN }),
        door.client.wait({ plan: NO_PLAN }),
        door.client.resume({ plan: NO_PLAN }),
        door.client.events({ plan: NO_PLAN })[Symbol.asyncIterator]().next(),
        door.client.live({ plan: NO_PLAN })[Symbol.asyncIterator]().next(),
      ];
      for (const answer of await Promise.allSettled(asked)) {
        expect(answer).toMatchObject({ status: "rejected", reason: { code: "plan-unknown" } });
      }
    });

    it("says who answers, which tools there are, and that all is well", async () => {
      expect(await door.client.status({})).toMatchObject({ pid: process.pid, quarantined: 0, caller: door.actor });
      expect((await door.client.tools({})).tools.map(({ name }) => name)).toContain("gate.pass");
      expect(await door.client.tool({ name: "gate.once" })).toMatchObject({ idempotent: false, sideEffects: "write" });
      await expect(door.client.tool({ name: "gate.pas" })).rejects.toThrow(/did you mean gate\.pass/);
      expect(await door.client.quarantined({})).toEqual({ plans: [] });
      expect(await door.client.examination({})).toMatchObject({ ok: true, verified: { damages: [] } });
    });

    it("gives figures of plans and of tools", async () => {
      const name = door.fresh();
      door.gates.open(name);
      const plan = await door.start(GATED(name));
      await door.ended(plan);
      const { cost } = await door.client.cost({ plan });
      expect(cost).toMatchObject({ attempts: 1, repeated: 0, tools: [{ tool: "gate.pass", attempts: 1 }] });
      const { tools } = await door.client.toolStatistics({});
      expect(tools.find(({ tool }) => tool === "gate.pass")).toMatchObject({
        version: "1.0.0",
        inFlight: expect.any(Number),
      });
    });

    it("validates without starting anything", async () => {
      expect(await door.client.validate({ source: GREETING })).toMatchObject({
        ok: true,
        definition: { name: "greeting" },
      });
      expect(await door.client.validate({ source: GREETING, inputs: {} })).toMatchObject({
        ok: false,
        findings: [{ code: "missing-input" }],
      });
      const typo = await door.client.validate({ source: "plan: a\nsteps:\n  b: { tol: x }\n" });
      expect(typo.findings[0]).toMatchObject({ line: 3, suggestion: "tool" });
    });

    it("waits no longer than it was told", async () => {
      const plan = await door.waitingAt(door.fresh());
      expect(await door.client.wait({ plan, timeoutMs: 1 })).toMatchObject({ settled: false, status: "running" });
      await door.client.cancel({ plan });
    });
  });
}
