import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { speaking, type Carrier, type Speaking } from "./speaking.ts";

const NAP = "plan: napping\nsteps:\n  nap: { wait: 1h }\n";

describe.each<Carrier>(["in memory", "over HTTP"])("resources, %s", (carrier) => {
  let it_: Speaking;
  beforeAll(async () => void (it_ = await speaking(carrier)));
  afterAll(() => it_[Symbol.asyncDispose]());

  const submit = async (source: string) => (await it_.call("plan_submit", { source })).plan;
  const read = async (uri: string) => {
    const { contents } = await it_.client.readResource({ uri });
    const [{ text = "" } = {}] = contents as { text?: string }[];
    return text;
  };

  it("are the documents and the plans, in pages", async () => {
    for (let count = 0; count < 52; count++) await submit("plan: quick\nsteps:\n  one: { value: 1 }\n");
    const first = await it_.client.listResources();
    expect(first.resources.map(({ uri }) => uri)).toContain("planwright://plan-language");
    const second = await it_.client.listResources({ cursor: first.nextCursor });
    const plans = [...first.resources, ...second.resources].filter(({ uri }) => uri.startsWith("planwright://plans/"));
    expect(new Set(plans.map(({ uri }) => uri)).size).toBe(52);
    expect(second.resources.map(({ uri }) => uri)).not.toContain("planwright://plan-language");
    expect(second.nextCursor).toBeUndefined();
    const { resourceTemplates } = await it_.client.listResourceTemplates();
    expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toEqual([
      "planwright://plans/{plan}",
      "planwright://plans/{plan}/history{?from}",
    ]);
  });

  it("of Planwright itself are its pages about plans, and their schema", async () => {
    for (const name of ["plan-language", "plan-reference", "expressions"]) {
      expect(await read(`planwright://${name}`), name).toMatch(/^# /);
    }
    expect(JSON.parse(await read("planwright://plan-schema"))).toMatchObject({ type: "object" });
  });

  it("of a plan are how it is now and its history", async () => {
    const plan = await submit(NAP);
    expect(JSON.parse(await read(`planwright://plans/${plan}`))).toMatchObject({ plan, status: "running" });
    expect(JSON.parse(await read(`planwright://plans/${plan}/history`))).toMatchObject({
      facts: [{ type: "PlanDrafted" }, { type: "PlanStarted" }, expect.anything()],
    });
    const from = JSON.parse(await read(`planwright://plans/${plan}/history?from=1`)) as {
      facts: { revision: number }[];
    };
    expect(from.facts[0]?.revision).toBe(1);
  });

  it("tell a subscriber that a plan has changed, until it wants to hear no more", async () => {
    const [plan, other] = [await submit(NAP), await submit(NAP)];
    const [uri, ofOther] = [`planwright://plans/${plan}`, `planwright://plans/${other}`];
    await it_.client.subscribeResource({ uri });
    await it_.client.subscribeResource({ uri: ofOther });
    await it_.client.unsubscribeResource({ uri: ofOther });
    await it_.call("plan_cancel", { plan: other });
    await it_.call("plan_cancel", { plan });
    await it_.untilUpdated(uri);
    expect(it_.updated).not.toContain(ofOther);
  });

  it("have addresses that a client can complete", async () => {
    const plan = await submit(NAP);
    const ref = { type: "ref/resource" as const, uri: "planwright://plans/{plan}" };
    const complete = (value: string) => it_.client.complete({ ref, argument: { name: "plan", value } });
    expect((await complete(plan.slice(0, -2))).completion.values).toEqual([plan]);
    expect((await complete("zzz")).completion).toMatchObject({ values: [], total: 0 });
  });

  it("that are none are not found, whatever is asked for", async () => {
    const nowhere = [
      "planwright://plans/01a21f66-1e1f-7170-8c90-d5f6d578f721",
      "planwright://plans/../../etc/passwd",
      "planwright://plans/x/history?from=-1",
      "planwright://nothing",
      "file:///etc/passwd",
      "",
    ];
    for (const uri of nowhere) {
      await expect(it_.client.readResource({ uri }), uri).rejects.toMatchObject({ code: -32_002 });
      await expect(it_.client.subscribeResource({ uri }), uri).rejects.toMatchObject({ code: -32_002 });
    }
  });

  it("are subscribed to up to a bound", async () => {
    const plan = await submit(NAP);
    const subscribe = (from: number) =>
      it_.client.subscribeResource({ uri: `planwright://plans/${plan}/history?from=${from}` });
    const tries = await Promise.allSettled(Array.from({ length: 70 }, (_, from) => subscribe(from)));
    const refused = tries.filter(({ status }) => status === "rejected");
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]).toMatchObject({ reason: { message: expect.stringMatching(/too-many-(subscriptions|calls)/) } });
  });

  it("come with a prompt that leads from a goal to a plan", async () => {
    expect((await it_.client.listPrompts()).prompts).toMatchObject([{ name: "write_plan" }]);
    const { messages } = await it_.client.getPrompt({ name: "write_plan", arguments: { goal: "tidy the shelf" } });
    expect(messages).toMatchObject([{ role: "user", content: { text: expect.stringContaining("tidy the shelf") } }]);
    await expect(it_.client.getPrompt({ name: "write_plan", arguments: { goal: " " } })).rejects.toThrow(/goal/);
    await expect(it_.client.getPrompt({ name: "other" })).rejects.toThrow(/no such prompt/);
  });
});
