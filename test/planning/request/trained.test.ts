import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { openPlanwright } from "#src/compose.ts";
import { writeModel } from "#src/planning/prediction/model-file.ts";
import { trained } from "#src/planning/prediction/predictor.ts";
import { TrainedFile } from "#src/planning/request/trained-file.ts";
import { defineTool, type Tool } from "#src/tools/define.ts";

// A model of `planwright planner train`, used by requests in words over the real engine.

const folder = mkdtempSync(path.join(tmpdir(), "planwright-trained-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const city = { input: z.strictObject({ city: z.string().describe("name of the city") }), sideEffects: "read" as const };
const weather = defineTool({
  ...city,
  name: "sky.get_weather",
  version: "1.0.0",
  description: "Gets the weather forecast of a city.",
  output: z.object({ summary: z.string() }),
  run: ({ city: place }) => ({ summary: `sunny in ${place}` }),
});
const news = defineTool({
  ...city,
  name: "paper.get_headlines",
  version: "1.0.0",
  description: "Gets the headlines of a city.",
  output: z.object({ headlines: z.array(z.string()) }),
  run: ({ city: place }) => ({ headlines: [`${place} wins`] }),
});

const REQUEST = "Will I need an umbrella in Oslo?";
const PLACES = ["Rome", "Lima", "Cairo", "Quito", "Delhi", "Tunis", "Porto", "Hanoi"];
const examples = PLACES.flatMap((place) => [
  { request: `Will I need an umbrella in ${place}?`, chain: ["sky.get_weather"] },
  { request: `What do people talk about in ${place}?`, chain: ["paper.get_headlines"] },
]);

async function modelOf(name: string, rename: (tool: string) => string = (tool) => tool): Promise<string> {
  const file = path.join(folder, name);
  const renamed = examples.map(({ request, chain }) => ({ request, chain: chain.map(rename) }));
  const origin = { trainedAt: "2026-01-01T00:00:00.000Z", program: "test", examples: 16, fingerprint: "0".repeat(64) };
  await writeModel(file, { origin, predictor: trained(renamed) });
  return file;
}

let model = "";
beforeAll(async () => {
  model = await modelOf("planner.model");
});

const LONG_MS = 20_000;

async function asked(planner: string | undefined, request: string, tools: readonly Tool[] = [weather, news]) {
  await using planwright = await openPlanwright({
    ...{ store: mkdtempSync(path.join(folder, "store-")), root: folder, socket: false, tools },
    ...(planner === undefined ? {} : { planner }),
  });
  const { plan } = await planwright.client.ask({ request });
  const { status } = await planwright.client.wait({ plan, timeoutMs: LONG_MS });
  let thoughts = "";
  for await (const { type, data } of planwright.client.events({ plan })) {
    if (type === "StepSucceeded") thoughts += JSON.stringify(data);
    if (type === "PlanSucceeded" || type === "PlanFailed") break;
  }
  return { status, thoughts };
}

describe("a model that was taught", () => {
  it("knows tools by words that their descriptions do not have, and the record says so", async () => {
    const without = await asked(undefined, REQUEST);
    expect(without.status).toBe("failed");
    const { status, thoughts } = await asked(model, REQUEST);
    expect(status).toBe("succeeded");
    expect(thoughts).toContain("% likely by planner.model, learned from 16 requests");
    expect(thoughts).toContain("sky.get_weather");
  });

  it.each([
    { what: "is cut off", code: "planner-model-damaged", spoil: (file: string) => truncateSync(file, 2_000) },
    { what: "is something else", code: "planner-model-foreign", spoil: (file: string) => writeFileSync(file, "{}") },
    { what: "is not there", code: "planner-model-unreadable", spoil: (file: string) => rmSync(file) },
  ])("that $what is told of, and planning goes on without it", async ({ code, spoil }) => {
    const file = await modelOf(`${code}.model`);
    spoil(file);
    const { status, thoughts } = await asked(file, "Get the weather forecast of Oslo");
    expect(status).toBe("succeeded");
    expect(thoughts).toContain(code);
    expect(thoughts).not.toContain("% likely by");
  });

  it("of other tools is not used, and one of some others says which are not here", async () => {
    const other = await modelOf("other.model", (tool) => `elsewhere.${tool}`);
    const unrelated = await asked(other, "Get the weather forecast of Oslo");
    expect(unrelated).toMatchObject({
      status: "succeeded",
      thoughts: expect.stringContaining("planner-model-unrelated"),
    });
    const partial = await asked(model, REQUEST, [weather]);
    expect(partial).toMatchObject({ status: "succeeded", thoughts: expect.stringContaining("planner-model-partial") });
    expect(partial.thoughts).toContain("paper.get_headlines");
  });

  it("has nothing to say of what is unlike all that it knows", async () => {
    const { status } = await asked(model, "Translate the sonnets of Shakespeare");
    expect(status).toBe("failed");
  });

  it("is read once, and again where the file has become another one", async () => {
    const file = await modelOf("changing.model");
    const reader = new TrainedFile(file);
    const first = await reader.read();
    expect(await reader.read()).toBe(first);
    writeFileSync(file, "something else");
    expect(await reader.read()).toMatchObject({ findings: [{ code: "planner-model-foreign" }] });
  });
});
