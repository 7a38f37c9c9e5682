import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { openPlanwright } from "#src/compose.ts";
import { defineTool, ToolFailure, type Tool } from "#src/tools/define.ts";

// Several outputs of one request as one answer, and outputs that are not what their tool says, over the real engine.

const folder = mkdtempSync(path.join(tmpdir(), "planwright-combined-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const weather = defineTool({
  name: "sky.get_weather",
  version: "1.0.0",
  description: "Gets the weather forecast of a city.",
  input: z.strictObject({ city: z.string().describe("name of the city") }),
  output: z.object({ summary: z.string(), celsius: z.number() }),
  sideEffects: "read",
  run: ({ city }) => {
    if (city === "Atlantis") throw new ToolFailure("validation", "there is no such city");
    return { summary: `sunny | in ${city}`, celsius: city.length };
  },
});
const LONG_MS = 20_000;

async function answered(request: string, tools: readonly Tool[], answer?: string) {
  await using planwright = await openPlanwright({
    store: mkdtempSync(path.join(folder, "store-")),
    root: folder,
    socket: false,
    tools,
  });
  const { plan } = await planwright.client.ask({ request });
  if (answer !== undefined) {
    await expect.poll(async () => (await planwright.client.get({ plan })).awaited.length, { timeout: LONG_MS }).toBe(1);
    await planwright.client.signal({ plan, name: "answer", payload: answer });
  }
  const ended = await planwright.client.wait({ plan, timeoutMs: LONG_MS });
  const { facts } = await planwright.client.history({ plan });
  return { ...ended, facts };
}

describe("a request about several things", () => {
  it("is answered by one table, whose sentences stand on all that gave it", async () => {
    const ended = await answered("Get the weather forecast for Oslo, Rome and Paris", [weather]);
    expect(ended).toMatchObject({ status: "succeeded" });
    expect(ended.outputs).toEqual({
      skyGetWeather_all: ["Oslo", "Rome", "Paris"].map((city) => ({
        ...{ city, summary: `sunny | in ${city}`, celsius: city.length },
      })),
    });
    const lines = (ended.response as string).split("\n");
    expect(lines[0]).toBe("Weather forecast: 3 in all.");
    expect(lines[3]).toBe("| Oslo  | sunny \\| in Oslo  | 4       |");
    const steps = new Set(ended.provenance?.sentences.flatMap((sentence) => sentence.steps));
    expect([...steps].toSorted()).toEqual(["skyGetWeather", "skyGetWeather_2", "skyGetWeather_3", "skyGetWeather_all"]);
    const revised = ended.facts.find(({ type }) => type === "PlanRevised");
    expect(JSON.stringify(revised?.data)).toContain('"returns":{"skyGetWeather_all":{"type":"array"');
  });

  it("says what each gave where not all is there", async () => {
    const ended = await answered("Get the weather forecast for Oslo and Atlantis", [weather], "stop");
    expect(ended.status).toBe("failed");
    expect(ended.response).toContain("sunny | in Oslo");
    expect(ended.response).not.toContain("in all");
    const without = await answered("Get the weather forecast for Oslo and Atlantis", [weather], "skip");
    expect(without.status).toBe("succeeded");
    expect(without.response).toMatch(/^Left out: skyGetWeather_2, [^]*sunny \| in Oslo/);
  });
});
