import type { Json, JsonObject } from "#events/json.ts";
import { isDeeperThan, isJsonObject, MAX_JSON_DEPTH } from "#events/json.ts";
import { violationsOf } from "#machines/expressions/json-schema-check.ts";
import { nearestName } from "#machines/expressions/nearest-name.ts";
import type { Complaint, Remark } from "#src/language/finding.ts";
import type { InputDefinitions } from "#src/language/inputs-draft.ts";
import { MAX_PLAN_BYTES } from "#src/language/parse.ts";
import { filled } from "#src/templates/filled.ts";
import { planWithPolicies, stepWithPolicies } from "#src/templates/policies.ts";
import { keyOf, type WholeTemplate } from "#src/templates/template.ts";

// A template and values for its parameters become a plan, or a step, in the language of plans. Whether that is a plan that can run is
// found out by the ordinary check: here only the values are checked.
//
// I1. Values come from outside (a request, a model, a file): what is wrong with them is a value, and no message repeats one.

export type Instantiated =
  { readonly ok: true; readonly source: JsonObject } | { readonly ok: false; readonly findings: readonly Complaint[] };

/** Codes: missing-parameter, unknown-parameter, too-deep, template-too-large, nothing-to-instantiate, and those of schemas. */
export function instantiated(template: WholeTemplate, values: JsonObject): Instantiated {
  if (template.kind === "policies") {
    const message = `${keyOf(template)} has policies for other templates, and neither a plan nor a step`;
    return { ok: false, findings: [complaint([], { code: "nothing-to-instantiate", message })] };
  }
  const { findings, complete } = checkedParameters(template.parameters, values);
  if (findings.length > 0) return { ok: false, findings };
  const result = filled(writtenBody(template), complete);
  if (result.ok && isJsonObject(result.value)) return { ok: true, source: result.value };
  const message = `with these values the ${template.kind} is larger than ${MAX_PLAN_BYTES} bytes`;
  return { ok: false, findings: [complaint([], { code: "template-too-large", message })] };
}

/** With its policies and, of a plan, its name; parameters still stand for themselves. */
function writtenBody({ name, version, kind, description, body, policies }: WholeTemplate): JsonObject {
  if (kind !== "plan") return stepWithPolicies(body, policies.tool);
  const said = description === undefined ? {} : { description };
  return { plan: name, version, ...said, ...planWithPolicies(body, policies) };
}

interface CheckedParameters {
  readonly findings: readonly Complaint[];
  /** With the defaults. */
  readonly complete: JsonObject;
}

function checkedParameters(parameters: InputDefinitions, values: JsonObject): CheckedParameters {
  const findings: Complaint[] = [];
  const complete: [string, Json][] = [];
  for (const [name, { schema, default: preset }] of Object.entries(parameters)) {
    const value = Object.hasOwn(values, name) ? values[name] : preset;
    if (value === undefined) {
      findings.push(complaint([name], { code: "missing-parameter", message: `the parameter ${name} is missing` }));
    } else {
      complete.push([name, value]);
      findings.push(...misfits(name, value, schema));
    }
  }
  for (const name of Object.keys(values)) {
    if (Object.hasOwn(parameters, name)) continue;
    const message = `the template has no parameter ${JSON.stringify(name)}`;
    const suggestion = nearestName(name, Object.keys(parameters));
    findings.push(complaint([name], { code: "unknown-parameter", message, suggestion }));
  }
  return { findings, complete: Object.fromEntries(complete) };
}

function misfits(name: string, value: Json, schema: JsonObject): readonly Complaint[] {
  if (isDeeperThan(value, MAX_JSON_DEPTH)) {
    const message = `the parameter ${name} is nested deeper than ${MAX_JSON_DEPTH} levels`;
    return [complaint([name], { code: "too-deep", message })];
  }
  return violationsOf(schema, value).map(({ path, code, message, suggestion }) =>
    complaint([name, ...path], { code, message: `the parameter ${name} does not fit: ${message}`, suggestion }),
  );
}

function complaint(path: Complaint["path"], { code, message, suggestion }: Remark): Complaint {
  const named = suggestion === undefined ? {} : { suggestion };
  return { code, severity: "error", message, path: ["parameters", ...path], ...named };
}
