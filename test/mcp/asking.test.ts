import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ElicitRequestFormParams, ElicitResult } from "@modelcontextprotocol/sdk/types.js";
import { speaking, type Carrier, type Speaking } from "./speaking.ts";

// Requests in words by a client of the SDK, with and without a person behind it who is shown forms.

const CARRIERS: readonly Carrier[] = ["in memory", "over HTTP"];

describe.each(CARRIERS)("plan_ask, %s", (carrier) => {
  let it_: Speaking;
  const call: Speaking["call"] = (...args) => it_.call(...args);

  beforeAll(async () => void (it_ = await speaking(carrier)));
  afterAll(() => it_[Symbol.asyncDispose]());

  it("goes from a sentence to its answer, with progress", async () => {
    const told: (string | undefined)[] = [];
    const args = { request: "count the words", context: { text: "one two three" } };
    const { report } = await call("plan_ask", args, { onprogress: ({ message }) => told.push(message) });
    expect(report).toMatchObject({ status: "succeeded", response: expect.stringContaining("words 3") });
    expect(told.length).toBeGreaterThan(0);
  });

  it("goes on in the conversation of its connection, and in one that is named", async () => {
    const texts = { text: "one two three" };
    await call("plan_ask", { request: "count the words", context: texts });
    const again = await call("plan_ask", { request: "do it again", context: texts });
    expect(again.report).toMatchObject({ status: "succeeded", response: expect.stringContaining("words 3") });
    const elsewhere = await call("plan_ask", { request: "do it again", session: "new", waitSeconds: 5 });
    expect(elsewhere.report).not.toMatchObject({ status: "succeeded" });
  });

  it("gives back what is asked, with the type of its answer, and plan_answer goes on with it", async () => {
    const asked = await call("plan_ask", { request: "count the words" });
    expect(asked.report).toMatchObject({
      settled: false,
      status: "running",
      next: expect.stringContaining("plan_answer"),
      awaited: [{ signal: "answer", questions: [{ id: "text.count.text", schema: { type: "string" } }] }],
    });
    // It does not wait for what nobody brings: the question is there at once.
    expect(await call("plan_wait", { plan: asked.plan, waitSeconds: 300 })).toMatchObject({ status: "running" });
    const answered = await call("plan_answer", { plan: asked.plan, answer: "one two" });
    expect(answered.report).toMatchObject({ status: "succeeded", response: expect.stringContaining("words 2") });
    const other = await call("plan_ask", { request: "count the words" });
    const named = await call("plan_answer", { plan: other.plan, answer: { "text.count.text": "one" }, id: "a" });
    expect(named.report).toMatchObject({ status: "succeeded", response: expect.stringContaining("words 1") });
    await expect(call("plan_answer", { plan: named.plan, answer: "late" })).rejects.toMatchObject({
      code: "plan-ended",
    });
  });

  it("starts once with a key, and refuses what no tool can do with those that come nearest", async () => {
    const args = { request: "count the words", context: { text: "one" }, key: "once" };
    const first = await call("plan_ask", args);
    expect(await call("plan_ask", args)).toMatchObject({ plan: first.plan, attached: true });
    const refused = await call("plan_ask", { request: "translate the Iliad into Klingon" });
    expect(refused.report).toMatchObject({ status: "failed", response: expect.stringContaining("nearest: ") });
    await expect(call("plan_ask", { request: 7 })).rejects.toMatchObject({ code: "invalid-input" });
  });
});

describe.each(CARRIERS)("a person behind the client, %s", (carrier) => {
  async function asked(person: (form: ElicitRequestFormParams) => ElicitResult) {
    const forms: ElicitRequestFormParams[] = [];
    await using place = await speaking(carrier, (form) => {
      forms.push(form);
      return person(form);
    });
    return { forms, ...(await place.call("plan_ask", { request: "count the words" })) };
  }

  it("is shown the questions as a form, and the plan goes on with the answers", async () => {
    const { forms, report } = await asked(() => ({ action: "accept", content: { "text.count.text": "one two" } }));
    expect(forms).toMatchObject([
      {
        message: expect.stringMatching(/^Which text/),
        requestedSchema: { properties: { "text.count.text": { type: "string" } }, required: ["text.count.text"] },
      },
    ]);
    expect(report).toMatchObject({ status: "succeeded", response: expect.stringContaining("words 2") });
  });

  it.each<[string, ElicitResult]>([
    ["declines", { action: "decline" }],
    ["closes the form", { action: "cancel" }],
    ["answers what is no answer to the form", { action: "accept", content: { other: "x" } }],
  ])("who %s leaves the question to the agent", async (_, result) => {
    const { forms, report } = await asked(() => result);
    expect(forms).toHaveLength(1);
    expect(report).toMatchObject({ status: "running", awaited: [{ questions: [{ id: "text.count.text" }] }] });
  });
});
