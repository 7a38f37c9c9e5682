import type { PlanDefinition } from "#events/definition.ts";
import type { Json, JsonObject } from "#events/json.ts";
import { isDeeperThan, isJsonObject, MAX_JSON_DEPTH } from "#events/json.ts";
import type { JsonSchema } from "#machines/expressions/json-schema.ts";
import { nearestName } from "#machines/expressions/nearest-name.ts";
import type { Complaint, Remark } from "./finding.ts";
import { violationsOf } from "#machines/expressions/json-schema-check.ts";

// The values that somebody gives for a plan's inputs when it is started. They come from a door, not from a source text, so
// what is wrong has a path but no line.
//
// I1. The inputs that come out hold every declared name: given, or its default.
// I2. JSON is not converted: only a door that has nothing but text reads text by the schema (`inputsFromText`).
// I3. No message repeats a value: it may be one that should have been a secret.

export type CheckedInputs =
  { readonly ok: true; readonly inputs: JsonObject } | { readonly ok: false; readonly findings: readonly Complaint[] };

/** Codes: missing-input, unknown-input, too-deep, and those of the schema's keywords (wrong-type, wrong-value, out-of-range …). */
export function checkInputs({ inputs }: Pick<PlanDefinition, "inputs">, values: JsonObject): CheckedInputs {
  const findings: Complaint[] = [];
  const complete: [string, Json][] = [];
  for (const [name, definition] of Object.entries(inputs)) {
    const value = Object.hasOwn(values, name) ? values[name] : definition.default;
    if (value === undefined) findings.push(complaint([name], missingInput(name, definition.schema)));
    else {
      complete.push([name, value]);
      findings.push(...misfits(name, definition.schema, value));
    }
  }
  for (const name of Object.keys(values)) {
    if (!Object.hasOwn(inputs, name)) findings.push(complaint([name], unknownInput(name, Object.keys(inputs))));
  }
  return findings.length > 0 ? { ok: false, findings } : { ok: true, inputs: Object.fromEntries(complete) };
}

/**
 * Reads texts, as a command line gives them, by the inputs' schemas: `3` for an integer is the number, for a string the text.
 * What cannot be read stays text, and `checkInputs` says what is wrong with it.
 */
export function inputsFromText(
  { inputs }: Pick<PlanDefinition, "inputs">,
  texts: Readonly<Record<string, string>>,
): JsonObject {
  return Object.fromEntries(
    Object.entries(texts).map(([name, text]) => {
      const schema = Object.hasOwn(inputs, name) ? inputs[name]?.schema : undefined;
      return [name, schema === undefined ? text : valueOf(text, schema)];
    }),
  );
}

function complaint(path: readonly string[], { code, message, suggestion }: Remark): Complaint {
  const named = suggestion === undefined ? {} : { suggestion };
  return { code, severity: "error", message, path: ["inputs", ...path], ...named };
}

function missingInput(name: string, schema: JsonSchema): Remark {
  const example = schema.secret === true ? `'${name}={"$secret":"NAME"}'` : `${name}=<${typeText(schema)}>`;
  return { code: "missing-input", message: `the input ${name} is missing; give it by --input ${example}` };
}

function typeText(schema: JsonSchema): string {
  const types = [schema.type].flat().filter((type) => typeof type === "string");
  return types.length === 0 ? "value" : types.join("|");
}

function unknownInput(name: string, known: readonly string[]): Remark {
  const list = known.length === 0 ? "it has none" : `it has ${known.join(", ")}`;
  const message = `this plan has no input ${JSON.stringify(name)}; ${list}`;
  return { code: "unknown-input", message, suggestion: nearestName(name, known) };
}

function misfits(name: string, schema: JsonSchema, value: Json): readonly Complaint[] {
  if (isDeeperThan(value, MAX_JSON_DEPTH)) {
    const message = `the input ${name} is nested deeper than ${MAX_JSON_DEPTH} levels`;
    return [{ code: "too-deep", severity: "error", message, path: ["inputs", name] }];
  }
  return violationsOf(schema, value).map(({ path, code, message, suggestion }) => {
    const named = suggestion === undefined ? {} : { suggestion };
    const said = `the input ${name} does not fit: ${message}`;
    return { code, severity: "error", message: said, path: ["inputs", name, ...path], ...named };
  });
}

function valueOf(text: string, schema: JsonSchema): Json {
  if (violationsOf(schema, text).length === 0) return text;
  const value = parsed(text);
  return value === undefined || acceptsText(schema) ? text : value;
}

/** A text that a string's schema refuses is a text that does not fit, not something else. */
function acceptsText({ type }: JsonSchema): boolean {
  return type === "string";
}

function parsed(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJson(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** What `JSON.parse` gives is JSON; this only says so to the compiler. */
function isJson(value: unknown): value is Json {
  return (
    value === null ||
    ["string", "number", "boolean"].includes(typeof value) ||
    Array.isArray(value) ||
    isJsonObject(value)
  );
}
