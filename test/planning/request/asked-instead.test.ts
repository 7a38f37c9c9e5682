import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { z } from "zod";
import type { Json } from "#events/json.ts";
import { openPlanwright, type Planwright } from "#src/compose.ts";
import { planningTools } from "#src/planning/request/planning-tools.ts";
import { REQUEST_SOURCE } from "#src/planning/request/request-plan.ts";
import { runPlan } from "#src/testing/run-plan.ts";
import { defineTool, ToolFailure, type Tool } from "#src/tools/define.ts";
import { registry } from "#src/tools/registry.ts";

// A person as the last resort, over the real engine: a step of a request's plan fails, nothing else helps, and somebody says what to do.

const folder = mkdtempSync(path.join(tmpdir(), "planwright-instead-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(path.join(folder, "notes.txt"), "hello big world\n");

type Run = (city: string) => string;

function weather(run: Run, sideEffects: "read" | "irreversible" = "read"): Tool<{ city: string }> {
  return defineTool({
    name: "meteo.get_weather",
    version: "1.0.0",
    description: "Gets the weather forecast of a city.",
    input: z.strictObject({ city: z.string().describe("name of the city") }),
    output: z.object({ summary: z.string() }),
    sideEffects,
    run: ({ city }) => ({ summary: run(city) }),
  });
}

const refuses: Run = () => {
  throw new ToolFailure("permission", "the forecast is locked");
};

async function within<T>(tools: readonly Tool[], use: (client: Client) => Promise<T>): Promise<T> {
  await using planwright = await openPlanwright({
    store: mkdtempSync(path.join(folder, "store-")),
    root: folder,
    socket: false,
    tools,
  });
  return await use(planwright.client);
}

type Client = Planwright["client"];

const LONG_MS = 20_000;

async function asked(client: Client, request: string) {
  const { plan } = await client.ask({ request });
  return { plan, question: await nextQuestion(client, plan) };
}

/** The text of the question that the plan waits with, behind the facts that are known. */
async function nextQuestion(client: Client, plan: string, after = -1) {
  for await (const event of client.events({ plan, after })) {
    if (event.type !== "StepWaitStarted") continue;
    const { awaited, revision } = await client.get({ plan });
    if (awaited[0] !== undefined) return { ...awaited[0], revision };
  }
  throw new Error("the plan ended without a question");
}

async function answered(client: Client, plan: string, payload: Json) {
  await client.signal({ plan, name: "answer", payload });
  return client.wait({ plan, timeoutMs: LONG_MS });
}

const succeeded = z.object({ step: z.string(), output: z.object({ inline: z.unknown() }) });

const WEATHER = "Get the weather forecast for Oslo";
const BOTH = "Count the words in notes.txt. Get the weather forecast for Oslo.";

describe("a step that fails where nothing else helps", () => {
  it("is asked about, with what can be said, in words and as a schema", () =>
    within([weather(refuses)], async (client) => {
      const { plan, question } = await asked(client, WEATHER);
      expect(question).toMatchObject({ step: "ask_replan_1", signal: "answer" });
      expect(question.text).toBe(
        "meteoGetWeather failed (permission: the forecast is locked). Somebody has to allow it, or say what to do instead. " +
          'Answer "retry" to try it again, "stop" to end here, or value=… for what it should have given (summary).',
      );
      const { facts } = await client.history({ plan });
      const output = facts
        .map(({ data }) => succeeded.safeParse(data).data)
        .find((one) => one?.step === "replan_1")?.output;
      expect(output?.inline).toMatchObject({
        kind: "question",
        questions: [
          {
            id: "meteoGetWeather",
            schema: { anyOf: [{ enum: ["retry", "stop"] }, { properties: { value: { required: ["summary"] } } }] },
          },
        ],
      });
    }));

  it.each([
    ["a text", "rainy"],
    ["a field by its name", { summary: "rainy" }],
    ["a value", { value: { summary: "rainy" } }],
    ["a text that writes it", '{"summary": "rainy"}'],
  ])("gives what is answered instead: %s", (_, payload) =>
    within([weather(refuses)], async (client) => {
      const { plan } = await asked(client, WEATHER);
      const ended = await answered(client, plan, payload);
      expect(ended).toMatchObject({ status: "succeeded", response: "Weather forecast: summary rainy." });
      expect(ended.provenance?.sentences).toMatchObject([{ steps: ["meteoGetWeather_2"] }]);
      const { facts } = await client.history({ plan });
      expect(facts.filter(({ type }) => type === "PlanRevised")).toMatchObject([
        { data: { cause: { kind: "rest", step: "plan" } } },
        { data: { cause: { kind: "failure", failed: ["meteoGetWeather"] } } },
        { data: { cause: { kind: "rest", step: "replan_1" } } },
        { data: { cause: { kind: "rest", step: "answered_replan_1" } } },
      ]);
    }),
  );

  it("takes an answer as data, whatever it looks like", () =>
    within([weather(refuses)], async (client) => {
      const { plan } = await asked(client, WEATHER);
      const ended = await answered(client, plan, "${inputs.request} $${x}");
      expect(ended.outputs).toEqual({ meteoGetWeather: { summary: "${inputs.request} $${x}" } });
    }));

  it("is tried again where that is answered", () => {
    let isLocked = true;
    const tool = weather((city) => (isLocked ? refuses(city) : `fine in ${city}`));
    return within([tool], async (client) => {
      const { plan } = await asked(client, WEATHER);
      isLocked = false;
      expect(await answered(client, plan, "try again")).toMatchObject({
        status: "succeeded",
        response: "Weather forecast: summary fine in Oslo.",
      });
    });
  });

  it("is left out where that is answered, and the answer says so", () =>
    within([weather(refuses)], async (client) => {
      const { plan, question } = await asked(client, BOTH);
      expect(question.text).toContain('"skip" to go on without it,');
      const ended = await answered(client, plan, "skip");
      expect(ended.status).toBe("succeeded");
      expect(ended.response).toMatch(
        /^Left out: meteoGetWeather, because meteoGetWeather failed \(permission: the forecast is locked\)\.\n.*words 3/,
      );
      expect(Object.keys(ended.outputs ?? {})).toEqual(["textCount"]);
    }));

  it("ends the plan where that is answered", () =>
    within([weather(refuses)], async (client) => {
      const { plan } = await asked(client, WEATHER);
      const ended = await answered(client, plan, { do: "stop" });
      expect(ended).toMatchObject({ status: "failed", error: { category: "cancelled" } });
      expect(ended.response).toContain("Somebody has said that it ends here");
    }));

  it("is asked with another argument where the failure speaks of one", () => {
    const tool = weather((city) => {
      if (city === "Oslo") throw new ToolFailure("validation", "city is not known here");
      return `fine in ${city}`;
    });
    return within([tool], async (client) => {
      const { plan, question } = await asked(client, WEATHER);
      expect(question.text).toContain("What should city be?");
      expect(await answered(client, plan, "Bergen")).toMatchObject({
        status: "succeeded",
        response: "Weather forecast: summary fine in Bergen.",
      });
    });
  });

  it("is asked about again where the answer is none, and then given up", () =>
    within([weather(refuses)], async (client) => {
      const { plan, question } = await asked(client, WEATHER);
      await client.signal({ plan, name: "answer", payload: [1] });
      const again = await nextQuestion(client, plan, question.revision);
      expect(again).toMatchObject({ step: "ask_replan_1_2", text: question.text });
      const ended = await answered(client, plan, null);
      expect(ended).toMatchObject({ status: "failed", response: expect.stringContaining("Nobody could say") });
    }));

  it("is asked about so often as the plan is replanned, and no more", () =>
    within([weather(refuses)], async (client) => {
      const { plan, question } = await asked(client, WEATHER);
      let { revision } = question;
      for (const number of [2, 3]) {
        await client.signal({ plan, name: "answer", payload: "retry" });
        const next = await nextQuestion(client, plan, revision);
        expect(next.step).toBe(`ask_replan_${number}`);
        ({ revision } = next);
      }
      const ended = await answered(client, plan, "retry");
      expect(ended).toMatchObject({ status: "failed", response: expect.stringContaining("the forecast is locked") });
    }));

  it("is not agreed to by an answer: what nothing takes back asks for its approval again", () => {
    let runs = 0;
    const tool = weather((city) => (runs++ === 0 ? refuses(city) : `fine in ${city}`), "irreversible");
    return within([tool], async (client) => {
      const { plan } = await client.ask({ request: WEATHER });
      await approveNext(client, plan);
      const { revision } = await nextQuestion(client, plan);
      await client.signal({ plan, name: "answer", payload: "retry" });
      await approveNext(client, plan, revision);
      expect(await client.wait({ plan, timeoutMs: LONG_MS })).toMatchObject({ status: "succeeded" });
      expect(runs).toBe(2);
    });
  });
});

describe("a question that nobody answers", () => {
  it("ends the plan when its time is over, and says what was asked", async () => {
    const tools: Tool[] = [weather(refuses)];
    const planning = planningTools({ tools: () => registry([...tools, ...planning]) });
    const run = await runPlan(JSON.stringify(REQUEST_SOURCE), {
      tools: [...tools, ...planning],
      inputs: { request: WEATHER },
    });
    expect(run.outcome).toBe("failed");
    expect(run.response).toContain("nobody has answered: meteoGetWeather failed");
  });
});

/** Agrees to what the plan asks for next. */
async function approveNext(client: Client, plan: string, after = -1) {
  for await (const event of client.events({ plan, after })) {
    if (event.type !== "StepWaitStarted") continue;
    const [approval] = (await client.approvals({ plan })).approvals;
    if (approval === undefined) continue;
    await client.approve({ plan, step: approval.step, hash: approval.hash });
    return;
  }
}
