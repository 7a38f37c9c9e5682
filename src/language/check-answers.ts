import { isJsonObject, type Json, type JsonObject } from "#events/json.ts";
import type { JsonSchema } from "#machines/expressions/json-schema.ts";
import { nearestName } from "#machines/expressions/nearest-name.ts";
import { answerForms, ENDING_SCHEMAS, isAnswerForms } from "#machines/response/answer-forms.ts";
import type { CheckContext } from "./check-context.ts";
import { withVariables } from "./scopes.ts";
import { checkReturned } from "./schema-words.ts";
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

export function checkAnswers({ outputs, returns, respond }: JsonObject, context: CheckContext): Answers {
  const given = isJsonObject(outputs) ? outputs : undefined;
  const type = checkOutputs(given, isJsonObject(returns) ? returns : {}, context);
  const templates = [
    ...(given === undefined ? [] : [{ value: given, path: ["outputs"] }]),
    ...checkResponse(respond, context),
  ];
  const answers = templates.flatMap((template) => readTemplate(template, context.report)?.references.inputs ?? []);
  return { answers, outputs: type };
}

/** Each output against what the plan says that it is; gives the type of all of them, which whoever calls the plan reads. */
function checkOutputs(outputs: JsonObject | undefined, returns: JsonObject, context: CheckContext): JsonSchema {
  const { report } = context;
  for (const [name, schema] of Object.entries(returns)) {
    checkReturned(schema, ["returns", name], report);
    if (!Object.hasOwn(outputs ?? {}, name)) refuseName(name, Object.keys(outputs ?? {}), context);
  }
  if (outputs === undefined) return { type: "null" };
  const declared = Object.entries(outputs).filter(([name]) => Object.hasOwn(returns, name));
  for (const [name, value] of declared) {
    const schema = returns[name];
    checkFits({ value, path: ["outputs", name] }, isJsonObject(schema) ? schema : {}, context);
  }
  const others = Object.entries(outputs).filter(([name]) => !Object.hasOwn(returns, name));
  const fit = checkFits({ value: Object.fromEntries(others), path: ["outputs"] }, {}, context);
  return fit === undefined
    ? {}
    : withDeclared(fit.type, Object.fromEntries(declared.map(([name]) => [name, returns[name] ?? {}])));
}

function withDeclared(type: JsonSchema, declared: JsonObject): JsonSchema {
  const names = Object.keys(declared);
  const { properties, required } = type;
  if (names.length === 0 || !isJsonObject(properties)) return type;
  const known: readonly unknown[] = Array.isArray(required) ? required : [];
  return { ...type, properties: { ...properties, ...declared }, required: [...known, ...names] };
}

function refuseName(name: string, outputs: readonly string[], { report }: CheckContext): void {
  const suggestion = nearestName(name, outputs);
  const message = `the plan returns ${JSON.stringify(name)}, and its outputs have no such name`;
  report.error(["returns", name], { code: "missing-property", message, suggestion }, { key: true });
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
