import type { JsonObject } from "#events/json.ts";
import { TokenFeed } from "#src/model/token-feed.ts";
import { toolAsking, type ToolAsking, type UsedModel } from "#src/model/tool-asking.ts";
import { decidedOn } from "#src/planning/answering/decision.ts";
import { prohibitionsOf } from "#src/planning/answering/prohibitions.ts";
import type { Draft } from "#src/planning/drafting/planner.ts";
import { stepsBefore } from "#src/planning/request/asking.ts";
import { likelierByModel, reasonNotToAsk } from "#src/planning/request/likelier-plan.ts";
import type { Asked, Planned, PlanningGrounds } from "#src/planning/request/planned.ts";
import {
  concluded,
  considered,
  decidedOutcome,
  type Considered,
  type Outcome,
  type Thought,
} from "#src/planning/request/planning.ts";
import { decisionOn, filledDrafts, withChosen } from "#src/planning/request/thinking.ts";
import { callsCheck } from "#src/planning/with-model/calls-check.ts";
import { draftsWithModel, type DraftsWithModel } from "#src/planning/with-model/drafts-with-model.ts";
import { modelNote, notAsked, type ModelNote } from "#src/planning/with-model/model-note.ts";
import type { ToolContext } from "#src/tools/define.ts";

// A request planned by both planners: the offline one always, the language model beside it, and the likelier plan goes on.
//
// M1. What planning comes to without the model is known before the model is asked, and stands where it gives nothing that is better:
//     it is down, slow, limited, refuses, or writes what cannot be used. What happened is in the note.
// M2. The model's plan goes the same way as one of the offline planner: bounds, prohibitions, approvals, check, response.
// M3. What only a person can say stays a question, and what a person has forbidden stays forbidden.
// M4. Of several requests each is asked about by itself, and has tries of its own; tokens and time are those of one plan.

export interface WithModel {
  readonly planned: Planned;
  /** One for each request that was thought about. */
  readonly notes: readonly ModelNote[];
}

/** Within an attempt: it ends with it, and the model's words go out on the live channel. Rejects with the signal's reason alone. */
export async function plannedInTool(
  asked: Asked,
  grounds: PlanningGrounds,
  { model, around }: { readonly model: UsedModel; readonly around: ToolContext },
): Promise<WithModel> {
  using feed = new TokenFeed(around.clock, around.progress);
  const without = considered(asked, grounds);
  const { limits } = model;
  const maxTries = limits.maxTries * without.outcomes.length;
  return await plannedWithModel(without, toolAsking({ ...model, limits: { ...limits, maxTries } }, around, feed));
}

async function plannedWithModel(without: Considered, asking: ToolAsking): Promise<WithModel> {
  const planned = concluded(without);
  // Then even a poor plan of the model is more.
  const isInvalid = planned.kind === "refusal" && planned.code === "plan-not-valid";
  const opinions: Opinion[] = [];
  for (const outcome of without.outcomes) opinions.push(await opinionOn(outcome, isInvalid, asking));
  const notes = opinions.flatMap(({ note }) => note ?? []);
  if (!notes.some(({ isChosen }) => isChosen)) return { planned, notes };
  const together = concluded({ ...without, outcomes: opinions.map(({ outcome }) => outcome) });
  if (together.kind !== "refusal") return { planned: together, notes };
  const why = `the plan with it cannot be: ${together.message}`;
  return { planned, notes: notes.map((note) => (note.isChosen ? { ...note, isChosen: false, why } : note)) };
}

interface Opinion {
  /** The model's where that is better. */
  readonly outcome: Outcome;
  readonly note?: ModelNote;
}

async function opinionOn(outcome: Outcome, isInvalid: boolean, asking: ToolAsking): Promise<Opinion> {
  const { thought } = outcome;
  const { model, record } = asking;
  if (thought === undefined) return { outcome };
  const reason = reasonNotToAsk(thought);
  if (reason !== undefined) return { outcome, note: notAsked(model.name, reason) };
  const both = await draftsOfBoth(thought, asking);
  const { draft, why } = likelierByModel(both, isInvalid ? undefined : thought.decision);
  const taken = draft === undefined ? { against: why } : takenFrom(thought, draft);
  const isChosen = "outcome" in taken;
  const note = modelNote(both, { model: model.name, isChosen, why: isChosen ? why : taken.against, record });
  return { outcome: isChosen ? taken.outcome : outcome, note };
}

type Taken = { readonly outcome: Outcome } | { readonly against: string };

/** What the model's plan comes to under the bounds of the request. */
function takenFrom(thought: Thought, draft: Draft): Taken {
  const { thinking, answers } = thought;
  const { scores = [], known = [], drafts = [] } = thinking.drafted ?? {};
  const decision = decisionOn({ ...thinking, drafted: { scores, known, drafts: [draft] } }, answers, decidedOn);
  if (decision.kind === "refusal") return { against: `the model's plan cannot be: ${decision.message}` };
  const both = { ...thinking, drafted: { scores, known, drafts: [draft, ...drafts] } };
  return { outcome: decidedOutcome({ ...thought, thinking: both, decision }) };
}

async function draftsOfBoth(thought: Thought, asking: ToolAsking): Promise<DraftsWithModel> {
  const { thinking, analysis, decision, answers } = thought;
  const { planner, entries, asked, grounds, text } = thinking;
  const forbidden = prohibitionsOf(analysis.constraints, entries).flatMap(({ tools }) => tools);
  const { tools, granted, now } = grounds;
  const kept = { ...granted, forbidden: [...(granted.forbidden ?? []), ...forbidden] };
  const check = callsCheck(entries, { tools, granted: kept, done: stepsBefore(asked.number) });
  const context: JsonObject = Object.keys(answers).length === 0 ? asked.context : { ...asked.context, answers };
  const filled = filledDrafts(thinking, answers)?.drafts ?? [];
  const task = {
    ...{ request: text, analysis, check, now, forbidden },
    offline: decision.kind === "refusal" ? filled : withChosen(filled, decision.draft),
    ...(Object.keys(context).length === 0 ? {} : { context }),
  };
  return draftsWithModel(planner, task, asking);
}
