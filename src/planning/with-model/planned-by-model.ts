import type { JsonObject } from "#events/json.ts";
import type { Question } from "#src/model/ask.ts";
import type { Spent } from "#src/model/budget.ts";
import { failed } from "#src/model/failures.ts";
import type { Analysis } from "#src/planning/analysis/analyse.ts";
import type { ArgumentModel } from "#src/planning/binding/argument-model.ts";
import { spansOf } from "#src/planning/binding/spans.ts";
import type { CatalogEntry } from "#src/planning/catalog/entry.ts";
import type { CallsCheck } from "#src/planning/with-model/calls-check.ts";
import { AnswerReader, type Outcome } from "#src/planning/with-model/answer-reader.ts";
import { answerSchema } from "#src/planning/with-model/answer-schema.ts";
import { asked, type PlanAsking } from "#src/planning/with-model/asked.ts";
import { planMessages } from "#src/planning/with-model/plan-prompt.ts";
import { fittingTools } from "#src/planning/with-model/tool-card.ts";
import type { ModelFailure } from "#src/ports/model.ts";

// A language model as a planner: what it writes is data, mended where the catalog knows better, held against the same check as every plan,
// and given back with what is wrong until it can be used, the budget is spent, or the model fails.
//
// M1. Only tools that were offered are ever called, and the model is offered only what it is given here.
// M2. The plan is written by the planner's own writer: no text of a model becomes an expression, an id, a policy or an approval.
// M3. There is always an answer: a plan, questions, a refusal, or a failure that says what happened.
// M4. The same answers of the model give the same plan.

export interface PlanningTask {
  readonly request: string;
  readonly analysis: Analysis;
  readonly context?: JsonObject;
  /** Those that were found for the request, the best first; the first ones that the prompt has room for are offered. */
  readonly entries: readonly CatalogEntry[];
  readonly check: CallsCheck;
  /** Binds what the model leaves open. */
  readonly arguments: ArgumentModel;
}

export type ModelPlanning = (Outcome | { readonly kind: "failed"; readonly failure: ModelFailure }) & {
  /** Names of the tools that were offered. */
  readonly offered: readonly string[];
  /** What was mended without asking the model again. */
  readonly repairs: readonly string[];
  /** Of the budget, with what was spent before. */
  readonly spent: Spent;
};

/** Rejects with the signal's reason alone. */
export async function plannedByModel(task: PlanningTask, asking: PlanAsking): Promise<ModelPlanning> {
  const entries = fittingTools(task.entries);
  const offered = entries.map(({ name }) => name);
  const { budget } = asking;
  if (entries.length === 0) {
    const reason = "no tool has anything to do with the request";
    return { kind: "refused", reason, offered, repairs: [], spent: budget.spent };
  }
  const reader = new AnswerReader({ ...task, entries, spans: spansOf(task.analysis) });
  const reply = await asked(questionOf({ ...task, entries }, reader, asking), asking);
  const read = reply.ok ? reader.read(reply.value) : reader.incomplete;
  if (read?.ok === true) return { ...read.outcome, offered, repairs: read.repairs, spent: budget.spent };
  const failure = reply.ok
    ? failed("bug", "model-answer-broken", "the check of a plan said two things")
    : reply.failure;
  return { kind: "failed", failure, offered, repairs: [], spent: budget.spent };
}

function questionOf(task: PlanningTask, reader: AnswerReader, { secrets, maxOutputTokens }: PlanAsking): Question {
  return {
    messages: planMessages({ ...task, tools: task.entries, secrets }),
    schema: answerSchema(task.entries),
    // The catalog mends more than a schema allows.
    accepts: { type: "object" },
    check: (value) => {
      const read = reader.read(value);
      return read.ok ? [] : read.problems;
    },
    maxOutputTokens,
  };
}
