import type { JsonObject } from "#events/json.ts";
import type { Analysis } from "#src/planning/analysis/analyse.ts";
import { comparedDrafts, type Comparison, type RankedDraft } from "#src/planning/drafting/compared-drafts.ts";
import { drafts, type Draft, type Planner } from "#src/planning/drafting/planner.ts";
import type { PlanAsking } from "#src/planning/with-model/asked.ts";
import type { CallsCheck } from "#src/planning/with-model/calls-check.ts";
import { plannedByModel, type ModelPlanning } from "#src/planning/with-model/planned-by-model.ts";
import { retrievedTools } from "#src/planning/with-model/retrieved-tools.ts";

// Both planners on one request: the offline one always, the model where there is one, and what they made ranked together. Where the model
// gives no plan there are the drafts that there would have been without it, and what happened.

export interface DraftingTask {
  readonly request: string;
  readonly analysis: Analysis;
  readonly context?: JsonObject;
  readonly check: CallsCheck;
  /** Of the offline planner, with what came along. Default: as it makes them of the request alone. */
  readonly offline?: readonly Draft[];
  /** Tools that the model is not offered. */
  readonly forbidden?: readonly string[];
  /** How the model's plans have done so far. */
  readonly standing?: Comparison["standing"];
  /** In ms since the epoch. */
  readonly now: number;
}

export interface DraftsWithModel {
  /** The best first. */
  readonly ranked: readonly RankedDraft[];
  /** What the model said; its questions, refusals and failures too. */
  readonly model: ModelPlanning;
}

/** Rejects with the signal's reason alone. */
export async function draftsWithModel(
  planner: Planner,
  { standing, now, offline: given, forbidden = [], ...task }: DraftingTask,
  asking: PlanAsking,
): Promise<DraftsWithModel> {
  const entries = retrievedTools(planner.relevance, task.request).filter(({ name }) => !forbidden.includes(name));
  const offline = given ?? drafts(planner, task.request, now);
  const model = await plannedByModel({ ...task, entries, arguments: planner.arguments }, asking);
  const made = model.kind === "planned" || model.kind === "asks" ? model : undefined;
  const around = { entries: planner.entries, ...(standing === undefined ? {} : { standing }) };
  return { ranked: comparedDrafts(offline, made, around), model };
}
