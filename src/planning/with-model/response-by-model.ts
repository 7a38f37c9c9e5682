import { isJsonList, isJsonObject, type Json, type JsonObject } from "#events/json.ts";
import type { Spent } from "#src/model/budget.ts";
import { failed } from "#src/model/failures.ts";
import { closed } from "#src/planning/with-model/answer-schema.ts";
import { asked, type PlanAsking } from "#src/planning/with-model/asked.ts";
import { ABOUT_DATA, dataSection } from "#src/planning/with-model/prompt-data.ts";
import type { ModelFailure, ModelMessage } from "#src/ports/model.ts";
import { boundedText } from "#src/tools/bounded-text.ts";

// A language model as who writes the response: sentences, each with the steps that it stands on.
//
// R1. A sentence without a step that it was given is told back once, and then left out: what stands on nothing is not said.
// R2. Sentences are text. Nothing in them is an expression, also where it looks like one.

/** What a step gave, or that and why it gave nothing. */
export interface StepResult {
  readonly step: string;
  readonly tool?: string;
  readonly status: "succeeded" | "failed" | "skipped";
  readonly output?: Json;
  readonly error?: string;
}

interface Sentence {
  readonly text: string;
  /** Ids of the steps that it stands on; at least one. */
  readonly steps: readonly string[];
}

export type WrittenResponse = { readonly spent: Spent } & (
  | {
      readonly kind: "written";
      readonly sentences: readonly Sentence[];
      /** What the model wrote that stands on no step. */
      readonly dropped: readonly string[];
    }
  | { readonly kind: "failed"; readonly failure: ModelFailure }
);

export interface ResponseTask {
  readonly request: string;
  readonly results: readonly StepResult[];
}

const MAX_SENTENCES = 40;
const MAX_SENTENCE_BYTES = 2_000;
const MAX_REQUEST_BYTES = 32 * 1_024;
/** Of all outputs together; each has its share. */
const MAX_OUTPUT_BYTES = 64 * 1_024;
const MAX_RESULTS = 64;

const RULES = [
  "Steps of a plan have run for a request. Write the answer to it, in sentences, in the language of the request.",
  "- Each sentence names in steps the ids of the steps that it stands on. Say nothing that no step gives.",
  "- Where a step failed say so, and what is missing because of it. Do not say that something was done that no step did.",
  "- Write numbers, names and dates as the outputs have them. Plain text, no markup.",
].join("\n");

const SCHEMA = closed({
  sentences: {
    type: "array",
    items: closed({ text: { type: "string" }, steps: { type: "array", items: { type: "string" } } }),
  },
});

/** Rejects with the signal's reason alone. */
export async function responseByModel(task: ResponseTask, asking: PlanAsking): Promise<WrittenResponse> {
  const known = new Set(task.results.map(({ step }) => step));
  let told = 0;
  const check = (value: Json): readonly string[] => {
    const { good, bad, tooMany } = sentencesOf(value, known);
    if (tooMany) return [`there are more than ${MAX_SENTENCES} sentences: be shorter`];
    if (good.length === 0) return ["no sentence stands on a step that is there", ...bad.map(({ why }) => why)];
    if (bad.length === 0 || told > 0) return [];
    told += 1;
    return bad.map(({ why }) => why);
  };
  const { secrets, maxOutputTokens, budget } = asking;
  const reply = await asked({ messages: messagesFor(task, secrets), schema: SCHEMA, check, maxOutputTokens }, asking);
  if (!reply.ok) return { kind: "failed", failure: reply.failure, spent: budget.spent };
  const { good, bad } = sentencesOf(reply.value, known);
  if (good.length > 0) {
    return { kind: "written", sentences: good, dropped: bad.map(({ text }) => text), spent: budget.spent };
  }
  const failure = failed("validation", "model-answer-broken", "no sentence stands on a step");
  return { kind: "failed", failure, spent: budget.spent };
}

function messagesFor(
  { request, results }: ResponseTask,
  secrets: Iterable<string> | undefined,
): readonly ModelMessage[] {
  const told = results.slice(0, MAX_RESULTS);
  const maxBytes = Math.floor(MAX_OUTPUT_BYTES / Math.max(1, told.length));
  const sections = told.map((result) => dataSection("step", resultCard(result), { maxBytes, secrets }));
  const user = [dataSection("request", request, { maxBytes: MAX_REQUEST_BYTES, secrets }), ...sections];
  return [
    { role: "system", text: `${RULES}\n\n${ABOUT_DATA}` },
    { role: "user", text: user.join("\n\n") },
  ];
}

function resultCard({ step, tool, status, output, error }: StepResult): JsonObject {
  return {
    step,
    status,
    ...(tool === undefined ? {} : { tool }),
    ...(error === undefined ? {} : { error }),
    ...(output === undefined ? {} : { output }),
  };
}

interface Sorted {
  readonly good: readonly Sentence[];
  readonly bad: readonly { readonly text: string; readonly why: string }[];
  readonly tooMany: boolean;
}

/** R1. */
function sentencesOf(value: Json, known: ReadonlySet<string>): Sorted {
  const list = isJsonObject(value) && isJsonList(value["sentences"]) ? value["sentences"] : [];
  const good: Sentence[] = [];
  const bad: { readonly text: string; readonly why: string }[] = [];
  for (const { text, steps } of list.slice(0, MAX_SENTENCES).map(sentenceOf)) {
    if (text === "") continue;
    const strangers = steps.filter((step) => !known.has(step));
    if (steps.length > 0 && strangers.length === 0) good.push({ text, steps });
    else bad.push({ text, why: whyNot(text, strangers) });
  }
  return { good, bad, tooMany: list.length > MAX_SENTENCES };
}

function sentenceOf(value: Json): Sentence {
  const { text = "", steps = [] } = isJsonObject(value) ? value : {};
  const named = isJsonList(steps) ? steps.filter((step) => typeof step === "string") : [];
  return {
    text: typeof text === "string" ? boundedText(text.trim(), MAX_SENTENCE_BYTES) : "",
    steps: [...new Set(named)],
  };
}

const SHOWN_CHARS = 80;

function whyNot(text: string, strangers: readonly string[]): string {
  const which = `the sentence ${JSON.stringify(text.slice(0, SHOWN_CHARS))}`;
  return strangers.length === 0
    ? `${which} names no step`
    : `${which} names steps that are not there: ${strangers.join(", ")}`;
}
