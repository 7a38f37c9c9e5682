import { isJsonObject, type Json, type JsonObject } from "#events/json.ts";
import type { JsonSchema } from "#machines/expressions/json-schema.ts";
import { nearestName } from "#machines/expressions/nearest-name.ts";
import { answerForms, ENDING_SCHEMAS, isAnswerForms } from "#machines/response/answer-forms.ts";
import type { CheckContext } from "./check-context.ts";
import { withVariables } from "./scopes.ts";
import { readTemplate, type TemplateAt } from "./templates.ts";
import { checkFits } from "./type-fit.ts";
import { ANSWERS } from "./vocabulary.ts";

// What a plan gives at its end: its outputs, and its response for each way to end. How far the plan has come is read only where a
// response is for a plan that did not succeed.

interface Answers {
  /** Names of the inputs that they read. */
  readonly answers: readonly string[];
  readonly outputs: JsonSchema;
}

export function checkAnswers({ outputs, respond }: JsonObject, context: CheckContext): Answers {
  const given = isJsonObject(outputs) ? outputs : undefined;
  const fit = given === undefined ? undefined : checkFits({ value: given, path: ["outputs"] }, {}, context);
  const templates = [
    ...(given === undefined ? [] : [{ value: given, path: ["outputs"] }]),
    ...checkResponse(respond, context),
  ];
  const answers = templates.flatMap((template) => readTemplate(template, context.report)?.references.inputs ?? []);
  return { answers, outputs: given === undefined ? { type: "null" } : (fit?.type ?? {}) };
}

/** Gives the templates that it is made of. */
function checkResponse(respond: Json | undefined, context: CheckContext): readonly TemplateAt[] {
  if (respond === undefined) return [];
  if (!isAnswerForms(respond)) return checked({ value: respond, path: ["respond"] }, context);
  for (const word of Object.keys(respond)) if (!ANSWERS.words.includes(word)) refuseWord(word, context);
  const { $done, ...others } = answerForms(respond);
  const ending = { ...context, scope: withVariables(context.scope, ENDING_SCHEMAS) };
  return [
    ...($done === undefined ? [] : checked({ value: $done, path: ["respond", "$done"] }, context)),
    ...Object.entries(others).flatMap(([word, value]) => checked({ value, path: ["respond", word] }, ending)),
  ];
}

function checked(template: TemplateAt, context: CheckContext): readonly TemplateAt[] {
  checkFits(template, {}, context);
  return [template];
}

function refuseWord(word: string, { report }: CheckContext): void {
  const suggestion = nearestName(word, ANSWERS.words);
  const message = `a response by how the plan ends has no word ${JSON.stringify(word)}`;
  report.error(["respond", word], { code: "unknown-word", message, suggestion }, { key: true });
}
