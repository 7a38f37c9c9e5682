import { isJsonObject, type Json, type JsonObject } from "#events/json.ts";

import { literal } from "#src/language/literal.ts";
import { writtenDuration } from "#src/language/written-call.ts";

// The step that has a language model say in words what the others gave, at the end of a request's plan. What the plan would say without it
// stays beside it: a model that gives no answer takes nothing away.
//
// A1. The plan does not fail because of it: where the model gives nothing, a value that says so takes its place.

export const ANSWER_TOOL = "model.answer";

export interface AnsweringModel {
  /** As the configuration names it. */
  readonly model: string;
  /** How long it is waited for. */
  readonly maxTimeMs: number;
}

interface Answerable {
  readonly steps: JsonObject;
  /** By step, what nobody else takes. */
  readonly outputs?: JsonObject | undefined;
  /** With a form for each way to end. */
  readonly respond?: Json | undefined;
}

interface Around {
  readonly request: string;
  /** Ids that are not for the step. */
  readonly taken: readonly string[];
  readonly answering: AnsweringModel;
}

/** Results that the model is told. */
const MAX_RESULTS = 16;

const NO_ANSWER = "No language model has put this into words.";

/** The same with the step; undefined where there is nothing to put into words. */
export function withAnswerStep(
  { steps, outputs = {}, respond }: Answerable,
  { request, taken, answering }: Around,
): Answerable | undefined {
  const told = Object.entries(outputs).slice(0, MAX_RESULTS);
  const done = isJsonObject(respond) ? respond["$done"] : undefined;
  if (!isJsonObject(respond) || typeof done !== "string" || told.length === 0) return undefined;
  const id = freeId([...taken, ...Object.keys(steps)]);
  const results = told.map(([step, output]) => ({ step, ...toolOf(steps[step]), output }));
  const step: JsonObject = {
    tool: ANSWER_TOOL,
    description: "says in words what the steps gave",
    with: { request: literal(request), results, model: literal(answering.model) },
    timeout: writtenDuration(answering.maxTimeMs),
    retry: { attempts: 1 },
    fallback: [{ value: { text: NO_ANSWER, sentences: [], dropped: [], model: "", usage: NO_USAGE } }],
  };
  const text = `\${steps.${id}.output.text}\n${done}`;
  return { steps: { ...steps, [id]: step }, outputs, respond: { ...respond, $done: text } };
}

const NO_USAGE: JsonObject = { inputTokens: 0, outputTokens: 0, tries: 0, estimated: false };

function toolOf(step: Json | undefined): JsonObject {
  const tool = step !== undefined && isJsonObject(step) ? step["tool"] : undefined;
  return typeof tool === "string" ? { tool } : {};
}

function freeId(taken: readonly string[]): string {
  const known = new Set(taken);
  let id = "answer";
  for (let number = 2; known.has(id); number += 1) id = `answer_${number}`;
  return id;
}
