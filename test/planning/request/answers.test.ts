import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { z } from "zod";
import type { Json } from "#events/json.ts";
import { openPlanwright, type Planwright } from "#src/compose.ts";
import { defineTool, type Tool } from "#src/tools/define.ts";

// What is answered to the questions of a request, over the real engine: about arguments, and about the request itself.

const folder = mkdtempSync(path.join(tmpdir(), "planwright-answers-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(path.join(folder, "notes.txt"), "hello big world\n");

const forecast = (name: string): Tool =>
  defineTool({
    name,
    version: "1.0.0",
    description: "Gets the weather forecast of a city.",
    input: z.strictObject({ city: z.string().describe("name of the city") }),
    output: z.object({ summary: z.string() }),
    sideEffects: "read",
    run: ({ city }) => ({ summary: `${name} says sunny in ${city}` }),
  });
const flights = defineTool({
  name: "flights.search",
  version: "1.0.0",
  description: "Searches flights between two cities on a date.",
  input: z.strictObject({
    origin: z.string().describe("city of departure"),
    destination: z.string().describe("city of arrival"),
    date: z.iso.date().describe("date of departure"),
    passengers: z.int().describe("number of passengers"),
    cabin: z.enum(["economy", "business"]).default("economy").describe("class of the cabin"),
    bags: z.int().describe("pieces of luggage"),
  }),
  output: z.object({ found: z.string() }),
  sideEffects: "read",
  run: (asked) => ({ found: JSON.stringify(asked) }),
});

const LONG_MS = 20_000;

/** The plan after all these answers, one after the other, and what was asked before each. */
async function talked(
  request: string,
  answers: readonly Json[],
  tools: readonly Tool[] = [forecast("meteo.get_weather")],
) {
  await using planwright = await openPlanwright({
    ...{ store: mkdtempSync(path.join(folder, "store-")), root: folder, socket: false, tools },
  });
  const { client } = planwright;
  const { plan } = await client.ask({ request });
  const asked: string[] = [];
  for (const payload of answers) {
    const step = `ask_${asked.length + 1}`;
    asked.push(await questionAt(planwright, plan, step));
    await client.signal({ plan, name: "answer", payload });
  }
  const ended = await client.wait({ plan, timeoutMs: LONG_MS });
  const { definition } = await client.definition({ plan });
  return { ended, asked, definition };
}

async function questionAt({ client }: Planwright, plan: string, step: string): Promise<string> {
  for await (const event of client.events({ plan }, { signal: AbortSignal.timeout(LONG_MS) })) {
    if (event.type !== "StepWaitStarted") continue;
    const { awaited } = await client.get({ plan });
    const found = awaited.find((one) => one.step === step);
    if (found !== undefined) return found.text ?? "";
  }
  throw new Error("nothing was asked");
}

describe("an answer about an argument", () => {
  it("is read as its type wants it", async () => {
    const { asked, ended } = await talked(
      "Search flights from Oslo to Rome on 2026-12-24",
      [{ bags: 1 }, "two"],
      [flights],
    );
    expect(asked[1]).toMatch(/^Which number is the passengers/);
    expect(ended).toMatchObject({ status: "succeeded", response: expect.stringContaining('"passengers":2') });
  });

  it("answers several questions by their names, in words or as values", async () => {
    const { ended } = await talked(
      "Search flights from Oslo to Rome on 2026-12-24",
      [{ passengers: "two", "flights.search.bags": 3, cabin: "business" }],
      [flights],
    );
    expect(ended.response).toContain('"passengers":2,"cabin":"business","bags":3');
  });

  it("changes neither what is asked nor what the request is about", async () => {
    const { ended } = await talked("Get the weather forecast", ["Xyzzyx and send_sms the Klingon Iliad"]);
    expect(ended).toMatchObject({
      status: "succeeded",
      response: expect.stringContaining("sunny in Xyzzyx and send_sms the Klingon Iliad"),
    });
  });

  it("that cannot be one is read with the request, and what is still missing is asked again", async () => {
    const { asked, ended } = await talked(
      "Search flights from Oslo to Rome on 2026-12-24",
      ["as many as fit", { passengers: 4, bags: 1 }],
      [flights],
    );
    expect(asked).toHaveLength(2);
    expect(ended).toMatchObject({ status: "succeeded", response: expect.stringContaining('"passengers":4') });
  });
});

describe("an answer about the request itself", () => {
  const two = "Get the weather forecast for Oslo. I need it within 2 hours. I need it within 3 hours.";

  it.each([
    ["the words of one", "within 3 hours"],
    ["which one it is", "the second"],
    ["a value by its name", { deadline: "2" }],
  ])("says which deadline holds: %s", async (_, answer) => {
    const { asked, definition, ended } = await talked(two, [answer]);
    expect(asked[0]).toContain("two deadlines");
    expect(ended.status).toBe("succeeded");
    const { deadlineMs } = z.object({ deadlineMs: z.number() }).parse(definition);
    expect(Math.round(deadlineMs / 3_600_000)).toBe(3);
  });

  it("that is none of the choices is no answer: it is asked again", async () => {
    const { asked, definition } = await talked(two, ["whenever you like", "1"]);
    expect(asked).toEqual([asked[0], asked[0]]);
    const { deadlineMs } = z.object({ deadlineMs: z.number() }).parse(definition);
    expect(Math.round(deadlineMs / 3_600_000)).toBe(2);
  });

  it("says which budget holds", async () => {
    const { asked, ended } = await talked("Get the weather forecast for Oslo. Spend at most $5. Spend at most $9.", [
      "$9",
    ]);
    expect(asked[0]).toContain("two budgets");
    expect(ended.status).toBe("succeeded");
  });

  it("says what a prohibition means, and what it means is not called, nor fallen back to", async () => {
    const tools = [forecast("meteo.get_weather"), forecast("sky.get_weather")];
    const request = "Get the weather forecast for Oslo without the flubber";
    const open = await talked(request, ["none"], tools);
    expect(open.asked[0]).toContain("forbids something");
    expect(open.ended.status).toBe("succeeded");
    const called = /(meteo|sky)\.get_weather/.exec(JSON.stringify(open.ended.response))?.[0] ?? "";
    const forbidden = await talked(request, [called], tools);
    expect(forbidden.ended.status).toBe("succeeded");
    expect(JSON.stringify(forbidden.definition)).not.toContain(called);
  });

  it("cannot forbid by a name that is no tool", async () => {
    const { asked } = await talked("Get the weather forecast for Oslo without the flubber", ["everything", "none"]);
    expect(asked).toHaveLength(2);
  });
});
