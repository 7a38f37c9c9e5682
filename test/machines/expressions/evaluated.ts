import type { Json, JsonObject } from "#events/json.ts";
import type { JsonSchema } from "#machines/expressions/json-schema.ts";
import { compileTemplate } from "#machines/expressions/template.ts";
import type { Template } from "#machines/expressions/template.ts";
import type { TemplateError } from "#machines/expressions/template-evaluation.ts";
import { typeScope } from "#machines/expressions/type-scope.ts";

/** Inputs, outputs of steps by id, variables. */
export interface Given {
  readonly inputs?: JsonObject;
  readonly outputs?: JsonObject;
  readonly variables?: JsonObject;
}

export function template(source: Json): Template {
  const result = compileTemplate(source);
  if (!result.ok) throw new Error(result.findings.map(({ code, caret }) => `${code}\n${caret}`).join("\n"));
  return result.template;
}

function evaluate(source: Json, { inputs = {}, outputs = {}, variables = {} }: Given = {}) {
  return template(source).evaluate({
    inputs,
    variables,
    steps: (id) => outputs[id],
  });
}

/** The value of a template that must have one. */
export function evaluated(source: Json, given?: Given): Json {
  const result = evaluate(source, given);
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
  return result.value;
}

/** The error of a template that must fail. */
export function failure(source: Json, given?: Given): TemplateError {
  const result = evaluate(source, given);
  if (result.ok) throw new Error(`it gives ${JSON.stringify(result.value)}`);
  return result.error;
}

/** Compiles against inputs of these properties, all required, and these outputs. */
export function checked(source: Json, properties: Record<string, JsonSchema>, steps: Record<string, JsonSchema> = {}) {
  const inputs = {
    type: "object",
    properties,
    required: Object.keys(properties),
    additionalProperties: false,
  };
  return compileTemplate(source, { scope: typeScope({ inputs, steps }) });
}

/** A value in so many lists within each other. */
export function nested(levels: number, innermost: Json = 1): Json {
  let value = innermost;
  for (let level = 0; level < levels; level++) value = [value];
  return value;
}
