// Planning with a scripted model, over the small catalog of travel.ts and a tool that nothing takes back.
import { onTestFinished } from "vitest";
import type { JsonObject } from "#events/json.ts";
import { ModelBudget, type BudgetLimits } from "#src/model/budget.ts";
import type { ModelRecord } from "#src/model/recording.ts";
import { scriptedModel, type ModelScript, type ScriptedModel } from "#src/model/scripted.ts";
import { analysed, type Analysis } from "#src/planning/analysis/analyse.ts";
import { argumentModel } from "#src/planning/binding/argument-model.ts";
import { catalogEntry, type CatalogEntry } from "#src/planning/catalog/entry.ts";
import { withApprovals } from "#src/planning/request/approvals.ts";
import { planSource } from "#src/planning/writing/plan-source.ts";
import type { Granted } from "#src/planning/validation/grounds.ts";
import { callsCheck, type CallsCheck } from "#src/planning/with-model/calls-check.ts";
import type { PlanAsking } from "#src/planning/with-model/asked.ts";
import { plannedByModel, type ModelPlanning, type PlanningTask } from "#src/planning/with-model/planned-by-model.ts";
import type { Model } from "#src/ports/model.ts";
import { schemaTool } from "#src/sources/schema-tool.ts";
import { VirtualClock } from "#src/testing/virtual-clock.ts";
import type { Tool } from "#src/tools/define.ts";
import { registry } from "#src/tools/registry.ts";
import { CATALOG, NOW } from "../travel.ts";

const text = { type: "string" };

export const MAIL = catalogEntry({
  name: "mail.send",
  version: "1.0.0",
  description: "Sends a mail to somebody.",
  sideEffects: "irreversible",
  inputSchema: {
    type: "object",
    properties: { to: { ...text, format: "email" }, subject: text, body: text, copies: { type: "integer" } },
    required: ["to", "body"],
  },
  outputSchema: { type: "object", properties: { id: text }, required: ["id"] },
});

export const ENTRIES: readonly CatalogEntry[] = [...CATALOG, MAIL];

function toolOf({ name, description, inputSchema, outputSchema, sideEffects }: CatalogEntry): Tool {
  const described = { name, description, inputSchema, outputSchema, sideEffects };
  const run = () => Promise.reject(new Error("a plan that is only checked runs nothing"));
  return schemaTool({ ...described, source: "test", sourceVersion: "1.0.0", theirName: name, run });
}

export function checkOf(entries: readonly CatalogEntry[] = ENTRIES, granted: Granted = {}): CallsCheck {
  return callsCheck(entries, { tools: registry(entries.map(toolOf)), granted, done: {} });
}

function analysisOf(request: string): Analysis {
  const result = analysed(request, { now: NOW });
  if (result.kind === "unreadable") throw new Error(result.why.message);
  return result.analysis;
}

export const LIMITS: BudgetLimits = { maxTokens: 1_000_000, maxTries: 3, maxTimeMs: 60_000 };

export interface Scripted {
  readonly asking: PlanAsking;
  readonly model: ScriptedModel;
  readonly clock: VirtualClock;
  readonly records: readonly ModelRecord[];
}

export function scripted(
  script: ModelScript,
  around: Partial<PlanAsking> & { limits?: Partial<BudgetLimits> } = {},
): Scripted {
  const clock = new VirtualClock();
  const model = scriptedModel(script, { clock });
  const { limits, ...rest } = around;
  const budget = new ModelBudget({ ...LIMITS, ...limits }, clock);
  const records: ModelRecord[] = [];
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const recorder = { record: (one: ModelRecord) => void records.push(one) };
  const asking = { model, budget, clock, signal: stop.signal, timeoutMs: 10_000, recorder, maxOutputTokens: 4_000 };
  return { asking: { ...asking, ...rest }, model, clock, records };
}

export interface Planned extends Scripted {
  readonly planning: ModelPlanning;
  /** All that the model was told in its first prompt. */
  readonly prompt: string;
}

interface PlanAround extends Partial<PlanningTask> {
  readonly limits?: Partial<BudgetLimits>;
  readonly secrets?: readonly string[];
  readonly other?: Model;
}

export function taskFor(request: string): PlanningTask {
  const binder = argumentModel(ENTRIES, [], NOW);
  return { request, analysis: analysisOf(request), entries: ENTRIES, check: checkOf(), arguments: binder };
}

export async function plan(request: string, script: ModelScript, around: PlanAround = {}): Promise<Planned> {
  const { limits = {}, secrets = [], other, ...given } = around;
  const made = scripted(script, { limits, secrets, ...(other === undefined ? {} : { model: other }) });
  const planning = await made.clock.answer(plannedByModel({ ...taskFor(request), ...given }, made.asking));
  const prompt = (made.model.requests[0]?.messages ?? []).map((message) => message.text).join("\n");
  return { ...made, planning, prompt };
}

/** The steps of a plan that was made, as it would be written; a test that expects one fails with what there is instead. */
export function stepsOf({ planning }: Pick<Planned, "planning">): JsonObject {
  if (planning.kind !== "planned") throw new Error(JSON.stringify(planning));
  const { steps } = planSource({ name: "test" }, planning.calls, ENTRIES);
  return withApprovals(steps, TOOLS);
}

const TOOLS = registry(ENTRIES.map(toolOf));

/** An answer with these steps, in the form of the schema. */
export function answer(...steps: JsonObject[]): { readonly json: JsonObject } {
  return { json: { refusal: null, steps: steps.map((step) => ({ after: [], ...step })) } };
}

export function step(id: string, tool: string, given: JsonObject): JsonObject {
  return { id, tool, arguments: given };
}

export const value = (given: JsonObject[string]): JsonObject => ({ value: given });
export const output = (from: string, ...path: readonly (string | number)[]): JsonObject => ({
  output: { step: from, path },
});
