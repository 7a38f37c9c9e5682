// Requests over the real engine, with a language model that plans: one that a test scripts, or a server that speaks a provider's protocol.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { onTestFinished } from "vitest";
import { z } from "zod";
import { isJsonList, isJsonObject, type Json, type JsonObject } from "#events/json.ts";
import { openPlanwright, type Planwright, type PlanwrightOptions } from "#src/compose.ts";
import { limitsOf, type ModelLimits } from "#src/model/settings.ts";
import { planningTools } from "#src/planning/request/planning-tools.ts";
import type { Model } from "#src/ports/model.ts";
import { defineTool } from "#src/tools/define.ts";
import { registry, type ToolRegistry } from "#src/tools/registry.ts";

const weather = defineTool({
  name: "sky.get_weather",
  version: "1.0.0",
  description: "Gets the weather forecast of a city.",
  input: z.strictObject({ city: z.string().describe("name of the city") }),
  output: z.object({ summary: z.string() }),
  sideEffects: "read",
  run: ({ city }) => ({ summary: `sunny in ${city}` }),
});

export const sent: string[] = [];
const mail = defineTool({
  name: "mail.send",
  version: "1.0.0",
  description: "Sends an email message to a recipient.",
  input: z.strictObject({
    to: z.email().describe("email address of the recipient"),
    subject: z.string().describe("subject of the message"),
  }),
  output: z.object({ id: z.string() }),
  sideEffects: "irreversible",
  run: ({ to }) => {
    sent.push(to);
    return { id: "m1" };
  },
});

/** Ends with the test. */
export async function opened(options: Partial<PlanwrightOptions> & { readonly model?: Model } = {}) {
  const folder = mkdtempSync(path.join(tmpdir(), "planwright-model-"));
  const { model, tools = [weather, mail], ...others } = options;
  let all: ToolRegistry = registry([]);
  const own = model === undefined ? tools : [...tools, ...planningTools({ tools: () => all, model: used(model) })];
  const planwright = await openPlanwright({
    ...{ store: path.join(folder, "store"), root: folder, socket: false, tools: own },
    ...others,
  });
  all = planwright.tools;
  onTestFinished(async () => {
    await planwright[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });
  return planwright;
}

function used(model: Model, limits: Partial<ModelLimits> = {}) {
  return { model, limits: { ...limitsOf(), maxTries: 2, ...limits } };
}

export const LONG_MS = 20_000;

export async function answered({ client }: Planwright, request: string, more: object = {}) {
  const { plan } = await client.ask({ request, ...more });
  return client.wait({ plan, timeoutMs: LONG_MS });
}

/** Until it asks, or has ended. */
export async function untilAsked({ client }: Planwright, request: string, more: object = {}) {
  const { plan } = await client.ask({ request, ...more });
  for await (const event of client.events({ plan })) {
    if (event.type === "StepWaitStarted" || event.type.startsWith("PlanSucc") || event.type === "PlanFailed") break;
  }
  const { awaited } = await client.get({ plan });
  return { plan, awaited };
}

/** What the planning step has kept of the model. */
export async function noteOf({ client }: Planwright, plan: string): Promise<JsonObject> {
  const { facts } = await client.history({ plan });
  for (const { type, data } of facts) {
    const given: Json = JSON.parse(JSON.stringify(data));
    if (!isJsonObject(given)) continue;
    const found = type === "StepSucceeded" ? memberOf(memberOf(given["output"], "inline"), "model") : undefined;
    const failed = type === "StepFailed" ? memberOf(memberOf(given["error"], "details"), "model") : undefined;
    const [note] = listOf(found ?? failed);
    if (note !== undefined && isJsonObject(note)) return note;
  }
  return {};
}

function listOf(value: Json | undefined): readonly Json[] {
  return value !== undefined && isJsonList(value) ? value : [];
}

function memberOf(value: Json | undefined, name: string): Json | undefined {
  return value !== undefined && isJsonObject(value) ? value[name] : undefined;
}

/** An answer of a model in the form that it is asked for. */
export function steps(...written: readonly { readonly tool: string; readonly arguments: JsonObject }[]): string {
  return JSON.stringify({ refusal: null, steps: written.map((one, at) => ({ id: `s${at}`, after: [], ...one })) });
}

export const OSLO = steps({ tool: "sky.get_weather", arguments: { city: { value: "Oslo" } } });
export const ASKED = "Get the weather forecast";
export const HOME = { context: { note: "the family lives in Oslo" } };
