import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { openPlanwright } from "#src/compose.ts";
import { defineTool, ToolFailure, type Tool } from "#src/tools/define.ts";

// What a call gave before, over the real engine: a request whose tool is away is answered by it, and the answer says how old it is.

const folder = mkdtempSync(path.join(tmpdir(), "planwright-cached-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Answers so often, and is away from then on. */
function weather(times: number, summary: string): Tool<{ city: string }> {
  let left = times;
  return defineTool({
    name: "meteo.get_weather",
    version: "1.0.0",
    description: "Gets the weather forecast of a city.",
    input: z.strictObject({ city: z.string().describe("name of the city") }),
    output: z.object({ summary: z.string() }),
    sideEffects: "read",
    run: () => {
      if (left-- > 0) return { summary };
      throw new ToolFailure("quota", "nothing more today");
    },
  });
}

async function answersTo(tool: Tool, requests: readonly string[], timeoutMs = 20_000) {
  await using planwright = await openPlanwright({
    store: mkdtempSync(path.join(folder, "store-")),
    root: folder,
    socket: false,
    tools: [tool],
  });
  const { client } = planwright;
  const answers = [];
  for (const request of requests) {
    const { plan } = await client.ask({ request });
    answers.push(await client.wait({ plan, timeoutMs }));
  }
  return answers;
}

const OSLO = "Get the weather forecast for Oslo";

describe("a request whose tool has answered the same before", () => {
  it("is answered by that where the tool is away, and says how old it is", async () => {
    const [first, again] = await answersTo(weather(1, "fine"), [OSLO, OSLO]);
    expect(first?.response).toBe("Weather forecast: summary fine.");
    expect(again?.status).toBe("succeeded");
    expect(again?.response).toMatch(
      /^Weather forecast: summary fine\. This is as meteo\.get_weather gave it \d+ s before\.$/,
    );
    expect(again?.outputs).toEqual({ meteoGetWeather: { summary: "fine" } });
  });

  it("is answered by the tool where that is there: nothing is said of before where it is different", async () => {
    let number = 0;
    const tool = defineTool({ ...weather(0, ""), run: () => ({ summary: `fine ${(number += 1)}` }) });
    const [, again] = await answersTo(tool, [OSLO, OSLO]);
    expect(again?.response).toBe("Weather forecast: summary fine 2.");
  });

  it("takes what was given before as data", async () => {
    const hostile = 'fine ${inputs.request} $${x} " + steps.x \\ }';
    const [first, again] = await answersTo(weather(1, hostile), [OSLO, OSLO]);
    expect(first?.response).toContain(hostile);
    expect(again?.outputs).toEqual({ meteoGetWeather: { summary: hostile } });
    expect(again?.response).toMatch(/This is as meteo\.get_weather gave it \d+ s before\.$/);
  });

  it("is not answered by what was given to another question", async () => {
    const [, other] = await answersTo(weather(1, "fine"), [OSLO, "Get the weather forecast for Bergen"], 2_000);
    expect(other?.response ?? "").not.toContain("fine");
  });
});
