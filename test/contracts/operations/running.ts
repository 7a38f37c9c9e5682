import { describe, expect, it } from "vitest";
import { GREETING, type Doorway } from "./doorway.ts";

export function runningContract(door: Doorway): void {
  describe("submit", () => {
    it("starts a plan and gives its id; wait gives its response", async () => {
      const plan = await door.start(GREETING, { inputs: { name: "Ada" } });
      expect(await door.ended(plan)).toMatchObject({ plan, status: "succeeded", settled: true, response: "Ada 1" });
    });

    it("takes a plan as a value, and inputs as texts", async () => {
      const source = { plan: "valued", inputs: { n: { type: "integer" } }, steps: { a: { value: "${inputs.n + 1}" } } };
      const { plan } = await door.client.submit({ source, texts: { n: "41" } });
      expect(await door.ended(plan)).toMatchObject({ status: "succeeded", ended: 1 });
      const { facts } = await door.client.history({ plan });
      expect(facts.find(({ type }) => type === "StepSucceeded")?.data).toMatchObject({ output: { inline: 42 } });
    });

    it("refuses a plan that cannot run, with the places of what is wrong, and starts nothing", async () => {
      const before = await door.client.list({});
      const wrong = door.client.submit({ source: GREETING.replace("inputs.name", "inputs.nmae"), file: "greet.yaml" });
      await expect(wrong).rejects.toMatchObject({
        code: "plan-refused",
        details: { findings: [{ code: "unknown-property", file: "greet.yaml", line: 6, suggestion: "name" }] },
      });
      const missing = door.client.submit({ source: GREETING });
      await expect(missing).rejects.toMatchObject({
        code: "plan-refused",
        details: { findings: [{ code: "missing-input" }] },
      });
      expect(await door.client.list({})).toEqual(before);
    });

    it("refuses what does not fit its schema, by the place", async () => {
      const wrong = door.client.submit({ source: "plan: a", sauce: 1 } as never);
      await expect(wrong).rejects.toMatchObject({ code: "invalid-input" });
      const missing = door.client.submit({} as never);
      await expect(missing).rejects.toMatchObject({
        code: "invalid-input",
        details: { findings: [{ path: ["source"] }] },
      });
    });

    it("names who asked in the facts that follow", async () => {
      const plan = await door.start(GREETING, { inputs: { name: "Ada" } });
      const { facts } = await door.client.history({ plan });
      expect(facts[0]).toMatchObject({ type: "PlanDrafted", revision: 0, actor: door.actor, plan });
    });
  });

  describe("a client key", () => {
    it("attaches to the plan that began with the same plan and inputs", async () => {
      const key = door.fresh();
      const first = await door.client.submit({ source: GREETING, inputs: { name: "Ada" }, key });
      const second = await door.client.submit({ source: GREETING, texts: { name: "Ada" }, key });
      expect([first.attached, second.attached]).toEqual([false, true]);
      expect(second.plan).toBe(first.plan);
      await door.ended(first.plan);
      expect(await door.client.submit({ source: GREETING, inputs: { name: "Ada" }, key })).toMatchObject({
        attached: true,
      });
    });

    it("is refused with another plan or other inputs, which are named", async () => {
      const key = door.fresh();
      const { plan } = await door.client.submit({ source: GREETING, inputs: { name: "Ada" }, key });
      const other = door.client.submit({ source: GREETING, inputs: { name: "Bob" }, key });
      await expect(other).rejects.toMatchObject({
        code: "client-key-conflict",
        details: { plan, differing: ["input name"] },
      });
      const changed = door.client.submit({
        source: GREETING.replace("greet:", "hello:").replace("greet.", "hello."),
        inputs: { name: "Ada" },
        key,
      });
      await expect(changed).rejects.toMatchObject({ details: { differing: ["the plan"] } });
    });

    it("gives two clients that start at once the same plan, once", async () => {
      const key = door.fresh();
      const asked = Array.from({ length: 8 }, () =>
        door.client.submit({ source: GREETING, inputs: { name: "Ada" }, key }),
      );
      const answers = await Promise.all(asked);
      expect(new Set(answers.map(({ plan }) => plan)).size).toBe(1);
      expect(answers.filter(({ attached }) => !attached)).toHaveLength(1);
      const { facts } = await door.client.history({ plan: answers[0]!.plan });
      expect(facts.filter(({ type }) => type === "PlanStarted")).toHaveLength(1);
    });

    it("lets one of two different plans win that start at once", async () => {
      const key = door.fresh();
      const names = ["Ada", "Bob", "Cy", "Dee"];
      const asked = names.map((name) => door.client.submit({ source: GREETING, inputs: { name }, key }));
      const answers = await Promise.allSettled(asked);
      expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      for (const answer of answers) {
        if (answer.status === "rejected") expect(answer.reason).toMatchObject({ code: "client-key-conflict" });
      }
    });
  });
}
