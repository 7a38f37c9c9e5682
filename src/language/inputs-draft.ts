import type { PlanDefinition } from "#events/definition.ts";
import type { Json, JsonObject } from "#events/json.ts";
import { isJsonObject } from "#events/json.ts";
import type { Path } from "./finding.ts";
import { violationsOf } from "#machines/expressions/json-schema-check.ts";
import type { Report } from "./report.ts";
import { idFrom } from "./step-draft.ts";
import { checkInputSchema, SCHEMA_TYPES } from "./schema-words.ts";
import { describeJson } from "#machines/expressions/describe-json.ts";

// The inputs of a plan: `{ type: string, default: . }` is a JSON Schema with `default`, `description` and `secret` beside
// it. The schema is checked here, because a keyword that is misspelled or of the wrong type would silently check nothing.

export type InputDefinitions = PlanDefinition["inputs"];

/** What a secret input and a secret argument hold: the name of the secret, never its value. */
const SECRET_SCHEMA: JsonObject = {
  type: "object",
  properties: { $secret: { type: "string", minLength: 1 } },
  required: ["$secret"],
  additionalProperties: false,
  secret: true,
};

export const INPUT_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** `place` is the word that they stand behind: what a template takes is written as inputs are. */
export function readInputs(inputs: JsonObject, report: Report, place = "inputs"): InputDefinitions {
  const read = Object.entries(inputs).map(([name, value]) => {
    const path = [place, name];
    if (!INPUT_NAME.test(name)) {
      const message = `${JSON.stringify(name)} is no input name, which is letters, digits and _: expressions read it`;
      report.error(path, { code: "bad-input-name", message, suggestion: idFrom(name) }, { key: true });
    }
    return [name, readInput(value, path, report)] as const;
  });
  return Object.fromEntries(read);
}

function readInput(value: Json, path: Path, report: Report): InputDefinitions[string] {
  if (!isJsonObject(value)) {
    const message = `an input is a mapping such as { type: string }; this is ${describeJson(value)}`;
    const type = SCHEMA_TYPES.find((known) => known === value);
    report.error(path, {
      code: "wrong-type",
      message,
      suggestion: type === undefined ? undefined : `{ type: ${type} }`,
    });
    return { schema: {} };
  }
  const { default: preset, description, secret, ...schema } = value;
  checkInputSchema(value, path, report);
  const checked = secret === true ? SECRET_SCHEMA : schema;
  if (preset !== undefined) checkDefault(checked, preset, { path: [...path, "default"], report });
  return {
    schema: checked,
    ...(preset === undefined ? {} : { default: preset }),
    ...(typeof description === "string" ? { description } : {}),
  };
}

function checkDefault(schema: JsonObject, preset: Json, { path, report }: { path: Path; report: Report }): void {
  if (schema.secret === true) report.hide(path);
  for (const violation of violationsOf(schema, preset)) {
    const { message, suggestion } = violation;
    const remark = { code: "bad-default", message: `the default does not fit: ${message}`, suggestion };
    report.error([...path, ...violation.path], remark);
  }
}
