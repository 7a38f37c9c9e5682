import { describe, expect, it } from "vitest";
import type { Json, JsonObject } from "#events/json.ts";
import { catalogEntry } from "#src/planning/catalog/entry.ts";
import type { Model } from "#src/ports/model.ts";
import { NEWS, WEATHER } from "../travel.ts";
import { answer, checkOf, output, plan, step, stepsOf, value } from "./kit.ts";

const OFFERED = [NEWS, WEATHER];
const around = { entries: OFFERED, check: checkOf() };
const OSLO = step("w", "weather.forecast", { city: value("Oslo") });
const limited = (retryAfterMs: number) => ({
  fails: { category: "rate-limited", code: "model-rate-limited", message: "slow down", retryAfterMs } as const,
});

/** The same answer again and again. */
const stubborn = (json: Json) => () => ({ json });

describe("a model that does what it must not", () => {
  it.each([
    ["a tool that is nowhere", "shell.run"],
    ["a tool of the catalog that was not offered", "mail.send"],
    ["what every object has", "constructor"],
    ["a prototype", "__proto__"],
    ["an expression", "${inputs.tool}"],
    ["a tool with something behind it", "weather.forecast\nmail.send"],
    ["a list of tools", "weather.forecast,mail.send"],
  ])("calls %s, and no plan comes of it", async (_, tool) => {
    const sent = stubborn(answer(step("x", tool, { to: value("a@example.org"), body: value("x") })).json);
    const { planning, model } = await plan("Weather of Oslo", sent, around);
    expect(planning).toMatchObject({
      kind: "failed",
      failure: { category: "validation", code: "model-answer-broken" },
    });
    expect(model.requests).toHaveLength(3);
  });

  it.each([
    "${secrets.API_KEY}",
    "${steps.weatherForecast.output}",
    "$${secrets.API_KEY}",
    "${inputs.x} ${",
    "x}${1/0}",
  ])("writes %s as a value, and it stays text", async (text) => {
    const planned = await plan(
      "News",
      [answer(step("n", "news.search", { query: value(text) }), step("m", "news.search", { query: { text: [text] } }))],
      around,
    );
    const { planning } = planned;
    const written = planning.kind === "planned" ? planning.checked.rest.steps : [];
    // What the definition holds is the text as a template without an expression.
    expect(JSON.stringify(stepsOf(planned))).toContain(JSON.stringify(text.replaceAll("${", "$$${")));
    expect(written).toHaveLength(2);
    expect(written.flatMap(({ needs }) => needs)).toEqual([]);
  });

  it.each([
    ["as a value", { value: { $secret: "API_KEY" } }],
    ["as JSON", { json: '{"$secret":"API_KEY"}' }],
    ["inside a list", { value: [{ a: { $secret: "API_KEY" } }] }],
    ["bare", { $secret: "API_KEY" }],
  ])("names a secret %s, and no plan comes of it", async (_, given) => {
    const open = catalogEntry({
      ...NEWS,
      inputSchema: { type: "object", properties: { query: {} }, required: ["query"] },
    });
    const sent = stubborn(answer(step("n", "news.search", { query: given })).json);
    const { planning } = await plan("News", sent, { entries: [open], check: checkOf([open]) });
    expect(planning).toMatchObject({ kind: "failed", failure: { code: "model-answer-broken" } });
    expect(JSON.stringify(planning)).toContain("secrets are not yours to name");
  });

  it.each<readonly [string, JsonObject]>([
    [
      "words of plans on a step",
      { retry: { attempts: 99 }, undo: { tool: "shell.run" }, fallback: [{ tool: "shell.run" }] },
    ],
    ["an approval that it gives itself", { approve: { by: "model" }, irreversible: false }],
    ["a condition", { when: "${true}", each: "${[1,2]}" }],
  ])("writes %s, and nothing of it is in the plan", async (_, more) => {
    const planned = await plan("Weather of Oslo", [answer({ ...OSLO, ...more })], around);
    expect(stepsOf(planned)).toEqual({ weatherForecast: { tool: "weather.forecast", with: { city: "Oslo" } } });
  });

  it("writes plans beside its steps, and nothing of it is in the plan", async () => {
    const { json } = answer(OSLO);
    const more = {
      ...json,
      inputs: { key: { secret: true } },
      respond: "${secrets.k}",
      granted: ["*"],
      tools: ["shell.run"],
    };
    const { planning } = await plan("Weather of Oslo", [{ json: more }], around);
    const rest = planning.kind === "planned" ? planning.checked.rest : {};
    expect(Object.keys(rest)).toEqual(["steps", "outputs"]);
    expect(JSON.stringify(planning)).not.toContain("secrets.k");
  });

  it("sends a mail without being told who approves, and somebody has to", async () => {
    const send = step("m", "mail.send", { to: value("a@example.org"), body: value("hi") });
    const steps = stepsOf(await plan("Mail hi to a@example.org", [answer(send)]));
    expect(steps).toMatchObject({ mailSend: { needs: ["approve_mailSend"], irreversible: true } });
  });

  it("hides an expression in the name of a property", async () => {
    const open = catalogEntry({
      ...NEWS,
      inputSchema: { type: "object", properties: { query: {} }, required: ["query"] },
    });
    const given = answer(step("n", "news.search", { query: { json: '{"${inputs.request}":{"a${1/0}":1}}' } }));
    const { planning } = await plan("News", [given], { entries: [open], check: checkOf([open]) });
    const [written] = planning.kind === "planned" ? planning.checked.rest.steps : [];
    expect(JSON.stringify(written)).toContain("inputs.request");
    expect(written?.kind === "tool" ? written.call.with : {}).toEqual({ query: KEYS });
  });
});

const KEYS = { "${inputs.request}": { "a${1/0}": 1 } };

describe("a model that writes too much", () => {
  it("writes 10,000 steps", async () => {
    const steps = Array.from({ length: 10_000 }, (_, at) =>
      step(`s${at}`, "weather.forecast", { city: value("Oslo") }),
    );
    const { planning } = await plan("Weather of Oslo", stubborn(answer(...steps).json), around);
    expect(planning).toMatchObject({ kind: "failed", failure: { code: "model-answer-broken" } });
    const few = await plan("Weather of Oslo", [answer(...steps.slice(0, 900)), answer(OSLO)], around);
    expect(few.model.requests[1]?.messages.at(-1)?.text).toContain("there are 900, and at most 32 may be");
    expect(few.planning.kind).toBe("planned");
  });

  it("writes a megabyte of text, of brackets, and in one value", async () => {
    for (const text of ["x".repeat(1_000_000), "[".repeat(1_000_000), '{"a":'.repeat(200_000)]) {
      const { planning, model } = await plan("Weather of Oslo", [text, answer(OSLO)], around);
      expect(planning.kind).toBe("planned");
      expect(model.requests[1]?.messages.at(-2)?.text.length).toBeLessThan(20_000);
    }
    const long = answer(step("w", "weather.forecast", { city: value("x".repeat(1_000_000)) }));
    const { model } = await plan("Weather of Oslo", [long, answer(OSLO)], around);
    expect(model.requests[1]?.messages.at(-1)?.text).toContain("w.with.city: above 262144 characters");
  });

  it("writes arguments, needs, paths and parts without end", async () => {
    const many = Array.from({ length: 1_000 }, (_, at) => `a${at}`);
    for (const wide of [
      step("w", "weather.forecast", Object.fromEntries(many.map((name) => [name, value(1)]))),
      { ...OSLO, after: many },
      step("w", "weather.forecast", { city: output("w", ...many) }),
      step("w", "weather.forecast", { city: { text: many } }),
    ]) {
      const { planning } = await plan("Weather of Oslo", [answer(wide), answer(OSLO)], around);
      expect(planning.kind).toBe("planned");
      expect(planning.spent.tries).toBe(2);
    }
  });

  it("never stops", async () => {
    const endless: Model = {
      name: "endless",
      form: "schema",
      generate: (_, { onText, signal }) => {
        onText?.("{");
        return new Promise((__, reject) => signal.addEventListener("abort", () => reject(new Error("stopped"))));
      },
    };
    const { planning, clock } = await plan("Weather of Oslo", [], { ...around, other: endless });
    expect(planning).toMatchObject({ kind: "failed", failure: { category: "timeout", code: "model-timed-out" } });
    expect(clock.elapsedMs).toBeLessThanOrEqual(60_000);
  });
});

describe("a model that gives no plan", () => {
  it.each<readonly [string, () => Parameters<typeof plan>[1], string]>([
    ["refuses", () => [{ fails: { category: "permission", code: "model-refused", message: "no" } }], "model-refused"],
    ["is limited for longer than there is time", () => [limited(120_000)], "model-rate-limited"],
    ["writes broken JSON each time", () => () => '{"steps": [', "model-answer-broken"],
    ["writes nothing but prose", () => () => "I would check the weather.", "model-answer-broken"],
    ["answers with a list", () => () => "[]", "model-answer-broken"],
    ["answers with another form", () => stubborn({ plan: [] }), "model-answer-broken"],
    ["is cut each time", () => () => ({ cut: '{"refusal":null,"steps":[]}' }), "model-answer-broken"],
    ["hangs", () => () => ({ hangs: true }), "model-timed-out"],
  ])("%s, and the failure says so", async (_, script, code) => {
    const { planning } = await plan("Weather of Oslo", script(), around);
    expect(planning).toMatchObject({ kind: "failed", failure: { code } });
    expect(planning.offered).toEqual(["news.search", "weather.forecast"]);
  });

  it("is asked again when it says how long to wait", async () => {
    const { planning, clock } = await plan("Weather of Oslo", [limited(20_000), answer(OSLO)], around);
    expect(planning.kind).toBe("planned");
    expect(clock.elapsedMs).toBeGreaterThanOrEqual(20_000);
  });

  it("costs more than there is", async () => {
    const { planning, model } = await plan("Weather of Oslo", [], { ...around, limits: { maxTokens: 50 } });
    expect(planning).toMatchObject({ kind: "failed", failure: { code: "model-budget-spent" }, spent: { tries: 0 } });
    expect(model.requests).toHaveLength(0);
  });

  it("cannot be loaded", async () => {
    const { Fault } = await import("#events/fault.ts");
    const generate = () => Promise.reject(new Fault("model-package-missing", "npm install ai"));
    const { planning } = await plan("Weather of Oslo", [], { ...around, other: { name: "x", form: "text", generate } });
    expect(planning).toMatchObject({ kind: "failed", failure: { code: "model-package-missing" } });
  });
});

describe("names that objects understand as something else", () => {
  it.each([
    '{"refusal":null,"steps":[{"id":"w","tool":"weather.forecast","arguments":{"__proto__":{"value":1}}}]}',
    '{"__proto__":{"steps":[]},"steps":[]}',
  ])("are refused: %s", async (text) => {
    const { planning } = await plan("Weather of Oslo", [text, answer(OSLO)], around);
    expect(planning.spent.tries).toBe(2);
    expect(Object.prototype).not.toHaveProperty("value");
  });

  it("are ids of steps like any others", async () => {
    const steps = ["constructor", "toString", "hasOwnProperty"].map((id) => ({ ...OSLO, id }));
    const last = step("valueOf", "news.search", { query: output("constructor", "summary") });
    const planned = await plan("Weather of Oslo", [answer(...steps, last)], around);
    expect(Object.keys(stepsOf(planned))).toHaveLength(4);
  });

  it("are no arguments, also where a tool declares them", async () => {
    const properties: unknown = JSON.parse('{"__proto__":{"type":"string"},"city":{"type":"string"}}');
    const odd = catalogEntry({ ...WEATHER, inputSchema: { type: "object", properties, required: ["city"] } });
    const { prompt, planning } = await plan("Weather of Oslo", [answer(OSLO)], {
      entries: [odd],
      check: checkOf([odd]),
    });
    expect(planning.kind).toBe("planned");
    expect(prompt).not.toContain("__proto__");
  });
});

describe("a plan that goes round", () => {
  it("is given back where nothing else says what is wanted", async () => {
    const ring = answer(
      step("a", "web.fetch_page", { url: output("b", "text") }),
      step("b", "web.fetch_page", { url: output("c", "text") }),
      step("c", "web.fetch_page", { url: output("a", "text") }),
    );
    const { planning, model } = await plan("Weather of Oslo", [ring, answer(OSLO)]);
    expect(planning.kind).toBe("planned");
    expect(model.requests[1]?.messages.at(-1)?.text).toContain("a.url: web.fetch_page needs it");
  });

  it("is cut where steps only wait for each other or for themselves", async () => {
    const one = { ...OSLO, id: "a", after: ["b", "a"] };
    const other = { ...OSLO, id: "b", after: ["a"] };
    const planned = await plan("Weather of Oslo", [answer(one, other)], around);
    expect(stepsOf(planned)).toMatchObject({ weatherForecast_2: { needs: ["weatherForecast"] } });
  });
});

describe("what the catalog offers is all there is", () => {
  it("offers no more tools than a prompt has room for", async () => {
    const many = Array.from({ length: 300 }, (_, at) => ({ ...WEATHER, name: `weather.forecast${at}` }));
    const loud = many.map((entry) => ({ ...entry, description: "x".repeat(100_000) }));
    const { planning, prompt } = await plan("Weather of Oslo", [{ json: { refusal: "no", steps: [] } }], {
      entries: loud,
    });
    expect(planning.offered.length).toBeGreaterThan(5);
    expect(planning.offered.length).toBeLessThanOrEqual(20);
    expect(prompt.length).toBeLessThan(100_000);
  });

  it("passes over tools that would fill the prompt alone, and offers the others", async () => {
    const names = Array.from({ length: 400 }, (_, at) => `argument${at}${"x".repeat(100)}`);
    const about = { type: "string", description: "y".repeat(1_000), enum: ["z".repeat(10_000)] };
    const inputSchema = { type: "object", properties: Object.fromEntries(names.map((name) => [name, about])) };
    const huge = Array.from({ length: 18 }, (_, at) =>
      catalogEntry({ ...WEATHER, name: `huge.tool${at}`, inputSchema }),
    );
    const { planning, prompt } = await plan("Weather of Oslo", [answer(OSLO)], { entries: [...huge, WEATHER] });
    expect(planning.kind).toBe("planned");
    expect(planning.offered).toContain(WEATHER.name);
    expect(planning.offered.length).toBeLessThan(10);
    expect(prompt.length).toBeLessThan(50_000);
  });
});
