import { describe, expect, it } from "vitest";
import { askModel, type Asking, type Question, type Reply } from "#src/model/ask.ts";
import { ModelBudget, type BudgetLimits } from "#src/model/budget.ts";
import type { ModelRecord } from "#src/model/recording.ts";
import { scriptedModel, type ModelScript, type ScriptedModel } from "#src/model/scripted.ts";
import type { AnswerForm, ModelFailure } from "#src/ports/model.ts";
import { VirtualClock } from "#src/testing/virtual-clock.ts";
import { modelContract } from "../contracts/model.ts";
import { systemClock } from "#src/ports/system/clock.ts";

const SCHEMA = {
  type: "object",
  properties: { name: { type: "string" }, age: { type: "integer", minimum: 0 } },
  required: ["name"],
  additionalProperties: false,
};
const QUESTION: Question = {
  messages: [
    { role: "system", text: "Take the person out of the text." },
    { role: "user", text: "Ada is 36." },
  ],
  schema: SCHEMA,
  maxOutputTokens: 1_000,
};
const LIMITS: BudgetLimits = { maxTokens: 100_000, maxTries: 4, maxTimeMs: 60_000 };

interface Around extends Partial<Omit<Asking, "budget">> {
  readonly form?: AnswerForm;
  readonly limits?: Partial<BudgetLimits>;
}

interface Asked {
  readonly reply: Reply;
  readonly model: ScriptedModel;
  readonly clock: VirtualClock;
  readonly budget: ModelBudget;
  readonly records: readonly ModelRecord[];
}

async function ask(script: ModelScript, question: Partial<Question> = {}, around: Around = {}): Promise<Asked> {
  const clock = new VirtualClock();
  const { form = "schema", limits = {}, ...rest } = around;
  const model = scriptedModel(script, { clock, form });
  const budget = new ModelBudget({ ...LIMITS, ...limits }, clock);
  const records: ModelRecord[] = [];
  const { signal } = new AbortController();
  const asking = {
    model,
    budget,
    clock,
    signal,
    timeoutMs: 10_000,
    recorder: { record: (one: ModelRecord) => records.push(one) },
  };
  const replying = askModel({ ...QUESTION, ...question }, { ...asking, ...rest });
  return { reply: await clock.answer(replying), model, clock, budget, records };
}

const limited = (retryAfterMs?: number): { readonly fails: ModelFailure } => ({
  fails: {
    category: "rate-limited",
    code: "model-rate-limited",
    message: "slow down",
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  },
});
const refusal = { fails: { category: "permission", code: "model-refused", message: "no" } } as const;
const formRefused = {
  fails: { category: "validation", code: "model-request-refused", message: "no such form" },
} as const;

describe("the scripted model", () => {
  modelContract((deed) => {
    const act = "says" in deed ? deed.says : "cuts" in deed ? { cut: deed.cuts } : deed;
    return scriptedModel([act], { clock: systemClock });
  });

  it("fails as a bug behind the end of its script", async () => {
    const { reply } = await ask([]);
    expect(reply).toMatchObject({ ok: false, failure: { category: "bug", code: "model-script-over" } });
  });
});

describe("asking a model", () => {
  it("gives a value that fits the schema", async () => {
    const { reply, model } = await ask([{ json: { name: "Ada", age: 36 } }]);
    expect(reply).toMatchObject({ ok: true, value: { name: "Ada", age: 36 }, isCut: false });
    expect(model.requests[0]?.form).toEqual({ kind: "json", schema: SCHEMA });
  });

  it("gives text where no schema is asked for, also one that was cut", async () => {
    const clock = new VirtualClock();
    const model = scriptedModel([{ cut: "Ada is" }], { clock });
    const budget = new ModelBudget(LIMITS, clock);
    const { schema: _, ...question } = QUESTION;
    const { signal } = new AbortController();
    expect(await askModel(question, { model, budget, clock, signal, timeoutMs: 1_000 })).toMatchObject({
      ok: true,
      text: "Ada is",
      value: null,
      isCut: true,
    });
  });

  it("tells the model what is wrong with its answer, and takes the next one", async () => {
    const { reply, model, records } = await ask(['{"name":"Ada","age":-1,"size":2}', { json: { name: "Ada" } }]);
    expect(reply).toMatchObject({ ok: true, value: { name: "Ada" } });
    const [before, complaint] = model.requests[1]?.messages.slice(-2) ?? [];
    expect(before).toEqual({ role: "assistant", text: '{"name":"Ada","age":-1,"size":2}' });
    expect(complaint?.text).toContain("$.age: at least 0 is wanted");
    expect(complaint?.text).toContain('there is no property "size"');
    expect(records.map(({ number, problems }) => [number, problems?.length])).toEqual([
      [1, 2],
      [2, undefined],
    ]);
  });

  it("asks the asker what else is wrong", async () => {
    const check = (value: unknown) => (JSON.stringify(value).includes("Bob") ? ["$.name: Bob is not in the text"] : []);
    const { reply, model } = await ask([{ json: { name: "Bob" } }, { json: { name: "Ada" } }], { check });
    expect(reply).toMatchObject({ ok: true, value: { name: "Ada" } });
    expect(model.requests[1]?.messages.at(-1)?.text).toContain("Bob is not in the text");
  });

  it("gives back the last broken answer only, bounded", async () => {
    const long = "x".repeat(1_000_000);
    const { model } = await ask(
      [long, "also broken", { json: { name: "Ada" } }],
      {},
      { limits: { maxTokens: 1_000_000 } },
    );
    expect(model.requests.map(({ messages }) => messages.length)).toEqual([2, 4, 4]);
    expect(model.requests[1]?.messages[2]?.text.length).toBeLessThan(20_000);
    expect(model.requests[2]?.messages[2]?.text).toBe("also broken");
  });

  it("ends with what was wrong when the tries are over", async () => {
    const { reply, model } = await ask(() => "{ broken", {}, { limits: { maxTries: 3 } });
    expect(reply).toMatchObject({ ok: false, failure: { category: "validation", code: "model-answer-broken" } });
    expect(reply.ok ? "" : reply.failure.message).toMatch(/no JSON.*3 tries are over/);
    expect(model.requests).toHaveLength(3);
  });

  it("takes no answer that was cut for a value, though it parses", async () => {
    const { reply } = await ask([{ cut: '{"name":"Ada"}' }, { json: { name: "Ada L." } }]);
    expect(reply).toMatchObject({ ok: true, value: { name: "Ada L." } });
  });

  it("does not ask again what was refused", async () => {
    const { reply, model } = await ask([refusal]);
    expect(reply).toMatchObject({ ok: false, failure: { code: "model-refused" } });
    expect(model.requests).toHaveLength(1);
  });

  it("waits as long as the other side asks it to", async () => {
    const { reply, clock } = await ask([limited(20_000), { json: { name: "Ada" } }]);
    expect(reply.ok).toBe(true);
    expect(clock.elapsedMs).toBeGreaterThanOrEqual(20_000);
  });

  it("does not wait longer than there is time", async () => {
    const { reply, model } = await ask([limited(61_000)]);
    expect(reply).toMatchObject({ ok: false, failure: { code: "model-rate-limited", retryAfterMs: 61_000 } });
    expect(model.requests).toHaveLength(1);
  });

  it("waits longer from outage to outage where the other side does not say how long", async () => {
    const at: number[] = [];
    const clock = new VirtualClock();
    const model = scriptedModel(
      (_, number) => {
        at.push(clock.elapsedMs);
        return number < 4 ? limited() : { json: { name: "Ada" } };
      },
      { clock },
    );
    const budget = new ModelBudget(LIMITS, clock);
    const replying = askModel(QUESTION, {
      model,
      budget,
      clock,
      signal: new AbortController().signal,
      timeoutMs: 1_000,
    });
    expect((await clock.answer(replying)).ok).toBe(true);
    expect(at).toEqual([0, 500, 1_500, 3_500]);
  });

  it("leaves waiting to the asker who wants to do it", async () => {
    const { reply, model } = await ask([limited(10)], {}, { isPatient: false });
    expect(reply).toMatchObject({ ok: false, failure: { code: "model-rate-limited", retryAfterMs: 10 } });
    expect(model.requests).toHaveLength(1);
  });

  it("gives a model up that does not answer in time, whatever it does about it", async () => {
    const { reply, clock } = await ask(() => ({ hangs: true }), {}, { limits: { maxTries: 2 } });
    expect(reply).toMatchObject({ ok: false, failure: { category: "timeout", code: "model-timed-out" } });
    expect(clock.elapsedMs).toBeGreaterThanOrEqual(20_000);
    const deaf = { name: "deaf", form: "text", generate: () => new Promise<never>(() => undefined) } as const;
    const given = await ask([], {}, { model: deaf, limits: { maxTries: 1 } });
    expect(given.reply).toMatchObject({ ok: false, failure: { code: "model-timed-out" } });
  });

  it("ends when the time of the budget is over, in the middle of an exchange", async () => {
    const { reply, clock } = await ask(() => ({ hangs: true }), {}, { limits: { maxTimeMs: 15_000 } });
    expect(reply).toMatchObject({ ok: false, failure: { code: "model-timed-out" } });
    expect(clock.elapsedMs).toBeGreaterThanOrEqual(15_000);
  });

  it("rejects with the signal's reason while it waits", async () => {
    const clock = new VirtualClock();
    const stop = new AbortController();
    const model = scriptedModel([limited(20_000)], { clock });
    const budget = new ModelBudget(LIMITS, clock);
    const replying = askModel(QUESTION, { model, budget, clock, signal: stop.signal, timeoutMs: 1_000 });
    clock.after(5_000, () => stop.abort(new Error("no more wanted")));
    await expect(clock.answer(replying)).rejects.toThrow("no more wanted");
    expect(clock.elapsedMs).toBe(5_000);
  });

  it("asks in a plainer form where the server does not take one, and says the schema itself", async () => {
    const { reply, model, records } = await ask([formRefused, formRefused, '```json\n{"name":"Ada"}\n```']);
    expect(reply).toMatchObject({ ok: true, value: { name: "Ada" } });
    expect(model.requests.map(({ form }) => form)).toEqual([
      { kind: "json", schema: SCHEMA },
      { kind: "json" },
      undefined,
    ]);
    expect(records.map(({ form }) => form)).toEqual(["schema", "json", "text"]);
    const [, told] = model.requests[2]?.messages ?? [];
    expect(told).toMatchObject({ role: "system" });
    expect(told?.text).toContain(JSON.stringify(SCHEMA));
  });

  it("begins with the form that the model can be asked for", async () => {
    const { model } = await ask(['Sure! {"name":"Ada"}'], {}, { form: "text" });
    expect(model.requests[0]?.form).toBeUndefined();
  });

  it("tells the pieces of each exchange with its number", async () => {
    const told: [string, number][] = [];
    const onText = (piece: string, number: number): void => void told.push([piece, number]);
    await ask(["broken", { json: { name: "Ada" } }], {}, { onText });
    expect(told).toEqual([
      ["broken", 1],
      ['{"name":"Ada"}', 2],
    ]);
  });
});

describe("the budget of a model", () => {
  it("counts tokens of prompts and answers over all exchanges", async () => {
    const { budget, records } = await ask(["broken", { json: { name: "Ada" } }]);
    const sum = records.reduce((all, { usage }) => all + usage.inputTokens + usage.outputTokens, 0);
    expect(budget.spent.inputTokens + budget.spent.outputTokens).toBe(sum);
    expect(budget.spent.tries).toBe(2);
  });

  it("asks for no longer an answer than it has tokens left", async () => {
    const { model } = await ask([{ json: { name: "Ada" } }], {}, { limits: { maxTokens: 200 } });
    expect(model.requests[0]?.maxOutputTokens).toBeLessThan(200);
  });

  it("asks nothing that it cannot pay for", async () => {
    const { reply, model } = await ask([{ json: { name: "Ada" } }], {}, { limits: { maxTokens: 20 } });
    expect(reply).toMatchObject({ ok: false, failure: { category: "quota", code: "model-budget-spent" } });
    expect(model.requests).toEqual([]);
  });

  it("is shared by those who share it", async () => {
    const clock = new VirtualClock();
    const budget = new ModelBudget({ ...LIMITS, maxTries: 2 }, clock);
    const asking = { budget, clock, signal: new AbortController().signal, timeoutMs: 1_000 };
    const model = scriptedModel(() => ({ json: { name: "Ada" } }), { clock });
    const replies = [];
    for (let times = 0; times < 3; times++) replies.push(await askModel(QUESTION, { ...asking, model }));
    expect(replies.map(({ ok }) => ok)).toEqual([true, true, false]);
  });
});

describe("what is recorded of an exchange", () => {
  it("has no secret in it, and is bounded", async () => {
    const secret = "hunter2-hunter2";
    const messages = [{ role: "user", text: `${"a".repeat(100_000)} ${secret}` } as const];
    const { records } = await ask(
      [`the password is ${secret}`, { json: { name: "Ada" } }],
      { messages },
      { secrets: [secret] },
    );
    expect(records).toHaveLength(2);
    expect(JSON.stringify(records)).not.toContain(secret);
    expect(records[0]?.answer).toBe("the password is [secret]");
    expect(JSON.stringify(records[0]).length).toBeLessThan(150_000);
    expect(records[1]).toMatchObject({ model: "scripted", number: 2, form: "schema" });
  });
});
