import type { JsonObject } from "#events/json.ts";
import { json } from "#events/json.ts";
import type { Spent } from "#src/model/budget.ts";
import type { RankedDraft } from "#src/planning/drafting/compared-drafts.ts";
import type { DraftsWithModel } from "#src/planning/with-model/drafts-with-model.ts";
import type { ModelPlanning } from "#src/planning/with-model/planned-by-model.ts";
import { boundedText } from "#src/tools/bounded-text.ts";

// What became of the language model when a request was planned, as it is kept with the plan: what it was offered, what it gave or why it
// gave nothing, which plan goes on and why, and where the prompts are.
//
// N1. Plain data, bounded: lists are cut at MOST entries, texts at MAX_TEXT_BYTES, and calls are left out where they are large.

export type ModelNote = {
  /** What it is: `openai-compatible/qwen3`. */
  readonly model: string;
  readonly outcome: ModelPlanning["kind"] | "not-asked";
  /** Whether its plan, or its question, is what goes on. */
  readonly isChosen: boolean;
  /** Why, in words. */
  readonly why: string;
  /** Of a model that gave no answer. */
  readonly failure?: { readonly category: string; readonly code: string; readonly message: string };
  /** What it wants to know. */
  readonly questions?: readonly string[];
  readonly offered?: readonly string[];
  readonly repairs?: readonly string[];
  readonly spent?: Spent;
  /** Whose exchanges these are, in the records. */
  readonly record?: string;
  /** The best first: offline and of the model. */
  readonly ranked?: readonly JsonObject[];
};

const MOST = 20;
const MAX_TEXT_BYTES = 1_024;
/** Of the arguments of all ranked drafts together. */
const MAX_CALLS_CHARS = 32 * 1_024;

interface Verdict {
  readonly model: string;
  readonly isChosen: boolean;
  readonly why: string;
  readonly record?: string | undefined;
}

export function modelNote({ ranked, model: said }: DraftsWithModel, { record, ...verdict }: Verdict): ModelNote {
  const { offered, repairs, spent } = said;
  return {
    ...verdict,
    outcome: said.kind,
    why: boundedText(verdict.why, MAX_TEXT_BYTES),
    ...(said.kind === "failed" ? { failure: failureOf(said.failure) } : {}),
    ...(said.kind === "asks"
      ? { questions: said.questions.slice(0, MOST).map(({ question }) => boundedText(question, MAX_TEXT_BYTES)) }
      : {}),
    offered: offered.slice(0, MOST),
    repairs: repairs.slice(0, MOST).map((repair) => boundedText(repair, MAX_TEXT_BYTES)),
    spent,
    ...(record === undefined ? {} : { record }),
    ranked: rankedRows(ranked.slice(0, MOST)),
  };
}

/** Of a model that nobody asked. */
export function notAsked(model: string, why: string): ModelNote {
  return { model, outcome: "not-asked", isChosen: false, why };
}

function failureOf({ category, code, message }: Extract<ModelPlanning, { kind: "failed" }>["failure"]) {
  return { category, code, message: boundedText(message, MAX_TEXT_BYTES) };
}

function rankedRows(ranked: readonly RankedDraft[]): readonly JsonObject[] {
  const calls = ranked.map((one) =>
    json.parse(one.calls.map(({ tool, arguments: given, missing }) => ({ tool, arguments: given, missing }))),
  );
  const isSmall = JSON.stringify(calls).length <= MAX_CALLS_CHARS;
  return ranked.map(({ origin, calls: made, score, parts, durationMs, costs, reasons }, at) => ({
    ...{ origin, score, durationMs },
    tools: made.map(({ tool }) => tool),
    parts: { ...parts },
    costs: { ...costs },
    reasons: reasons.slice(0, MOST).map((reason) => boundedText(reason, MAX_TEXT_BYTES)),
    ...(isSmall ? { calls: calls[at] ?? [] } : {}),
  }));
}
