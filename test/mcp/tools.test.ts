import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MCP_TOOLS } from "#src/mcp/tools/table.ts";
import { speaking, type Carrier, type Speaking } from "./speaking.ts";

// Each tool by a client of the SDK, which checks every result against the schema that the tool is listed with.

const QUICK = "plan: quick\ninputs:\n  n: { type: integer }\nsteps:\n  one: { value: 1 }\nrespond: ${inputs.n + 1}\n";
const ASKING =
  "plan: asking\nsteps:\n  review: { approve: { show: { amount: 7 } } }\n  last: { value: 1, needs: [review] }\n";
const GATED = (gate: string, tool = "gate.pass") =>
  `plan: gated\nsteps:\n  go: { tool: ${tool}, with: { gate: ${gate} } }\noutputs:\n  said: \${steps.go.output}\n`;

describe.each<Carrier>(["in memory", "over HTTP"])("tools, %s", (carrier) => {
  let it_: Speaking;
  const call: Speaking["call"] = (...args) => it_.call(...args);
  const submit = async (source: string, more = {}) => (await call("plan_submit", { source, ...more })).plan;

  beforeAll(async () => void (it_ = await speaking(carrier)));
  afterAll(() => it_[Symbol.asyncDispose]());

  it("are listed with title, description, schemas and hints, in one form of name", async () => {
    const { tools } = await it_.client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(MCP_TOOLS.map(({ name }) => name));
    for (const tool of tools) {
      expect(tool.name).toMatch(/^(plan|tool)_[a-z_]+$/);
      expect(tool.title, tool.name).toMatch(/^[A-Z]/);
      expect(tool.description?.length, tool.name).toBeGreaterThan(40);
      expect(tool.inputSchema, tool.name).toMatchObject({ type: "object", additionalProperties: false });
      expect(tool.outputSchema, tool.name).toMatchObject({ type: "object" });
      expect(tool.annotations, tool.name).toMatchObject({ readOnlyHint: expect.any(Boolean) });
    }
    const hints = (name: string) => tools.find((tool) => tool.name === name)?.annotations;
    expect(hints("plan_status")).toMatchObject({ readOnlyHint: true, destructiveHint: false, idempotentHint: true });
    expect(hints("plan_cancel")).toMatchObject({ readOnlyHint: false, destructiveHint: true, idempotentHint: true });
    expect(hints("plan_pause")).toMatchObject({ readOnlyHint: false, destructiveHint: false });
    // Every client gives all of it to every model.
    expect(JSON.stringify(tools).length).toBeLessThan(60_000);
  });

  it("plan_validate says what is wrong and where, and plan_submit refuses the same", async () => {
    expect(await call("plan_validate", { source: QUICK, inputs: { n: 1 } })).toEqual({ ok: true, findings: [] });
    const typo = QUICK.replace("inputs.n", "inputs.m");
    const { ok, findings } = await call("plan_validate", { source: typo });
    expect({ ok, findings }).toMatchObject({ ok: false, findings: [{ code: "unknown-property", line: 6 }] });
    await expect(call("plan_submit", { source: typo, inputs: { n: 1 } })).rejects.toMatchObject({
      code: "plan-refused",
      next: expect.stringContaining("plan_validate"),
      details: { findings: [{ code: "unknown-property" }] },
    });
  });

  it("plan_submit starts once with a key, and waits where it is told to", async () => {
    const args = { source: QUICK, inputs: { n: 41 }, key: "once", waitSeconds: 30 };
    const first = await call("plan_submit", args);
    expect(first).toMatchObject({ attached: false, report: { status: "succeeded", response: 42, settled: true } });
    expect(await call("plan_submit", args)).toMatchObject({ plan: first.plan, attached: true });
    await expect(call("plan_submit", { ...args, inputs: { n: 1 } })).rejects.toMatchObject({
      code: "client-key-conflict",
    });
    const asObject = { plan: "object", steps: { one: { value: 1 } } };
    expect(await call("plan_submit", { source: asObject })).toMatchObject({
      next: expect.stringContaining("plan_wait"),
    });
  });

  it("plan_wait ends when the plan has, or when its time is over", async () => {
    const plan = await submit(GATED("waited"));
    const early = await call("plan_wait", { plan, waitSeconds: 0 });
    expect(early).toMatchObject({ settled: false, status: "running", waiting: [{ step: "go" }] });
    const waiting = call("plan_wait", { plan, waitSeconds: 60 });
    it_.served.gates.open("waited");
    expect(await waiting).toMatchObject({ status: "succeeded", outputs: { said: "waited passed" }, waiting: [] });
  });

  it("plan_status, plan_steps, plan_why, plan_definition and plan_list show a plan", async () => {
    const plan = await submit(GATED("shown"));
    await it_.served.gates.until("shown");
    expect(await call("plan_status", { plan })).toMatchObject({ status: "running", total: 1, counts: { running: 1 } });
    expect(await call("plan_steps", { plan })).toMatchObject({ steps: [{ step: "go", tool: "gate.pass" }] });
    expect(await call("plan_why", { plan })).toMatchObject({ steps: [{ step: "go", reason: { kind: "running" } }] });
    expect(await call("plan_definition", { plan })).toMatchObject({ edition: 1, definition: { name: "gated" } });
    expect((await call("plan_list", { live: true })).plans).toContainEqual(expect.objectContaining({ plan }));
    const { plans, next } = await call("plan_list", { limit: 1 });
    expect(plans).toHaveLength(1);
    expect((await call("plan_list", { limit: 1, cursor: next })).plans[0]?.plan).not.toBe(plans[0]?.plan);
    it_.served.gates.open("shown");
  });

  it("plan_history has pages, and plan_value reads what stands apart", async () => {
    const long = "x".repeat(40_000);
    const plan = await submit(QUICK.replace("value: 1", `value: ${long}`), { inputs: { n: 1 }, waitSeconds: 30 });
    const first = await call("plan_history", { plan, limit: 2 });
    expect(first).toMatchObject({ facts: [{ type: "PlanDrafted" }, { type: "PlanStarted" }], next: 2 });
    const second = await call("plan_history", { plan, from: first.next });
    expect(second.facts[0]?.revision).toBe(2);
    const ref = /"blob":"([0-9a-f]{64})"/.exec(JSON.stringify([first, second]))?.[1];
    // Too long for a model: its beginning, and how much there is.
    const { value } = await call("plan_value", { ref });
    expect(value).toMatchObject({ cut: true, characters: expect.any(Number) });
    expect(value.characters).toBeGreaterThan(long.length);
  });

  it("plan_approvals shows the question, and plan_approve and plan_deny answer it as the door's principal", async () => {
    const plan = await submit(ASKING, { waitSeconds: 30 });
    expect(await call("plan_status", { plan })).toMatchObject({ next: expect.stringContaining("plan_approvals") });
    const { approvals } = await call("plan_approvals", { plan });
    expect(approvals).toMatchObject([{ step: "review", show: { amount: 7 } }]);
    const hash = approvals[0]?.hash;
    await expect(call("plan_approve", { plan, step: "review", hash: "0".repeat(64) })).rejects.toMatchObject({
      code: "approval-outdated",
      next: expect.stringContaining("plan_approvals"),
    });
    expect(await call("plan_approve", { plan, step: "review", hash, note: "fine" })).toMatchObject({ changed: true });
    expect(await call("plan_wait", { plan })).toMatchObject({ status: "succeeded" });
    const { facts } = await call("plan_history", { plan });
    const decided = facts.find((fact) => JSON.stringify(fact).includes('"note":"fine"'));
    expect(decided?.actor).toBe(carrier === "in memory" ? "os:tester" : "token:tester");
    const denied = await submit(ASKING, { waitSeconds: 30 });
    await call("plan_deny", {
      plan: denied,
      step: "review",
      hash: (await call("plan_approvals", { plan: denied })).approvals[0]?.hash,
    });
    expect(await call("plan_wait", { plan: denied })).toMatchObject({ status: "failed" });
  });

  it("an approval for a role that the principal does not have is refused", async () => {
    const plan = await submit(ASKING.replace("approve: {", "approve: { role: boss,"), { waitSeconds: 30 });
    const { approvals } = await call("plan_approvals", { plan });
    const answer = { plan, step: "review", hash: approvals[0]?.hash };
    await expect(call("plan_approve", answer)).rejects.toMatchObject({ code: "not-permitted" });
    await expect(call("plan_deny", answer)).rejects.toMatchObject({ code: "not-permitted" });
  });

  it("plan_signal, plan_pause, plan_resume and plan_cancel steer it", async () => {
    const plan = await submit("plan: signalled\nsteps:\n  paid: { signal: paid }\n");
    expect(await call("plan_pause", { plan })).toMatchObject({ status: "paused", changed: true });
    expect(await call("plan_status", { plan })).toMatchObject({ next: expect.stringContaining("plan_resume") });
    expect(await call("plan_resume", { plan })).toMatchObject({ plans: [{ plan, goesOn: true }] });
    expect(await call("plan_status", { plan })).toMatchObject({ next: expect.stringContaining("plan_signal") });
    await call("plan_signal", { plan, name: "paid", payload: { cents: 5 }, id: "one" });
    expect(await call("plan_wait", { plan })).toMatchObject({ status: "succeeded" });
    const other = await submit("plan: napping\nsteps:\n  nap: { wait: 1h }\n");
    expect(await call("plan_cancel", { plan: other })).toMatchObject({ changed: true });
    expect(await call("plan_wait", { plan: other })).toMatchObject({ status: "cancelled" });
  });

  it("plan_retry runs again what failed, and waits for it", async () => {
    it_.served.gates.fail("retried");
    const plan = await submit(GATED("retried"), { waitSeconds: 30 });
    expect(await call("plan_status", { plan })).toMatchObject({
      status: "failed",
      error: { code: expect.any(String) },
    });
    it_.served.gates.close("retried");
    it_.served.gates.open("retried");
    expect(await call("plan_retry", { plan, waitSeconds: 30 })).toMatchObject({ report: { status: "succeeded" } });
  });

  it("plan_rollback wants what stays accepted, as plan_rollback_preview shows it", async () => {
    it_.served.gates.open("final");
    const plan = await submit(GATED("final", "gate.final"), { waitSeconds: 30 });
    expect(await call("plan_rollback_preview", { plan })).toMatchObject({ irreversible: ["go"], layers: [] });
    await expect(call("plan_rollback", { plan })).rejects.toMatchObject({
      code: "irreversible-steps",
      next: expect.stringContaining("plan_rollback_preview"),
    });
    const rolled = await call("plan_rollback", { plan, acceptIrreversible: true, waitSeconds: 30 });
    expect(rolled).toMatchObject({ report: { status: "rolled-back" } });
  });

  it("plan_resolve answers only for what nobody knows", async () => {
    const plan = await submit(QUICK, { inputs: { n: 1 }, waitSeconds: 30 });
    const answer = { plan, step: "one", answer: { kind: "retry" } };
    await expect(call("plan_resolve", answer)).rejects.toMatchObject({ code: expect.any(String) });
  });

  it("plan_revise goes on with the definition that plan_revise_preview compared", async () => {
    const plan = await submit("plan: napping\nsteps:\n  nap: { wait: 1h }\n  last: { value: 1, needs: [nap] }\n");
    const source = "plan: napping\nsteps:\n  nap: { wait: 1h }\n  last: { value: 2, needs: [nap] }\n";
    const compared = await call("plan_revise_preview", { plan, source });
    expect(compared).toMatchObject({ ok: true, edition: 1, changes: [expect.objectContaining({ step: "last" })] });
    expect(await call("plan_revise", { plan, source, edition: 1 })).toMatchObject({ changed: true });
    await expect(call("plan_revise", { plan, source: source.replace("2", "3"), edition: 1 })).rejects.toMatchObject({
      code: "edition-outdated",
    });
    await call("plan_cancel", { plan });
  });

  it("tool_list finds tools by words, in pages, and tool_describe gives their schemas", async () => {
    const { tools, next } = await call("tool_list", { limit: 2 });
    expect(tools).toHaveLength(2);
    expect((await call("tool_list", { limit: 2, after: next })).tools[0]?.name).not.toBe(tools[0]?.name);
    const found = await call("tool_list", { text: "NOT RUN TWICE" });
    expect(found.tools).toMatchObject([{ name: "gate.once", sideEffects: "write" }]);
    expect(await call("tool_describe", { name: "gate.pass" })).toMatchObject({
      inputSchema: { properties: { gate: { type: "string" } } },
    });
    await expect(call("tool_describe", { name: "gate.pas" })).rejects.toMatchObject({ code: "unknown-tool" });
  });
});
