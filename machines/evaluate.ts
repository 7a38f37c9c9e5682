import { errorOf, type ErrorInfo } from "#events/errors.ts";
import { isJsonObject, type Json } from "#events/json.ts";
import { valueOf, type Payload } from "#events/payload.ts";
import { compileTemplate, type Template } from "#machines/expressions/template.ts";
import type { Blobs } from "#machines/blobs.ts";
import type { CompiledTemplate } from "#machines/prepared.ts";
import { draftedOf, type PlanState } from "#machines/state.ts";

// Templates of a plan against its state: which outputs an expression reads, whether they are at hand, and its value.
// The definition was checked when it was drafted; here it is compiled without types, once a template.

export type Evaluated<T = Json> =
  | { readonly kind: "value"; readonly value: T }
  | { readonly kind: "needs-blobs"; readonly refs: readonly string[] }
  | { readonly kind: "error"; readonly error: ErrorInfo };

export interface TemplateSource {
  /** Names the template within its plan, so that it is compiled once. */
  readonly key: string;
  readonly source: Json;
}

export function evaluate(state: PlanState, { key, source }: TemplateSource, blobs: Blobs): Evaluated {
  if (!mentionsExpression(source)) return { kind: "value", value: source };
  const template = templateOf(state, { key, source });
  return "error" in template
    ? { kind: "error", error: template.error }
    : evaluateTemplate(state, template.compiled, blobs);
}

/** A condition: an expression with or without `${ }` around it, whose value must be true or false. */
export function evaluateCondition(state: PlanState, { key, source }: TemplateSource, blobs: Blobs): Evaluated<boolean> {
  const text = typeof source === "string" && !mentionsExpression(source) ? `\${${source}}` : source;
  const result = evaluate(state, { key, source: text }, blobs);
  if (result.kind !== "value") return result;
  if (typeof result.value === "boolean") return { kind: "value", value: result.value };
  const message = `a condition is true or false, not ${JSON.stringify(result.value).slice(0, 100)}`;
  return { kind: "error", error: errorOf("validation", "not-a-condition", message) };
}

interface Values {
  readonly inputs: Json;
  readonly outputs: ReadonlyMap<string, Json>;
}

function evaluateTemplate(state: PlanState, template: Template, blobs: Blobs): Evaluated {
  const values = gather(state, template, blobs);
  if ("kind" in values) return values;
  const { inputs, outputs } = values;
  const result = template.evaluate({ inputs: isJsonObject(inputs) ? inputs : {}, steps: (id) => outputs.get(id) });
  if (result.ok) return { kind: "value", value: result.value };
  const { code, message, path } = result.error;
  const place = path.length === 0 ? "" : `${path.join(".")}: `;
  return { kind: "error", error: errorOf("validation", code, `${place}${message}`) };
}

/** Only what the template reads; an output that is a blob and not loaded is asked for. */
function gather(state: PlanState, template: Template, blobs: Blobs): Values | Exclude<Evaluated, { kind: "value" }> {
  const missing: string[] = [];
  const read = (source: Payload): Json => {
    const value = valueOf(source, blobs);
    if (value === undefined && "blob" in source) missing.push(source.blob);
    return value ?? null;
  };
  const inputs = state.inputs === undefined || template.references.inputs.length === 0 ? {} : read(state.inputs);
  const outputs = new Map<string, Json>();
  for (const id of template.references.steps) {
    const output = state.steps[draftedOf(state).graph.indexOf.get(id) ?? -1]?.output;
    if (output !== undefined) outputs.set(id, read(output));
  }
  if (missing.length === 0) return { inputs, outputs };
  const problem = missing.map((ref) => blobs.problem?.(ref)).find((text) => text !== undefined);
  if (problem !== undefined) return { kind: "error", error: errorOf("not-found", "blob-missing", problem) };
  return { kind: "needs-blobs", refs: missing };
}

/** A plan keeps its compiled templates: a step that is tried again, and every walk over ready steps, finds them. */
function templateOf(state: PlanState, { key, source }: TemplateSource): CompiledTemplate {
  const { templates } = draftedOf(state);
  const known = templates.get(key);
  if (known !== undefined) return known;
  const result = compileTemplate(source);
  const compiled = result.ok
    ? { compiled: result.template }
    : { error: errorOf("validation", result.findings[0]?.code ?? "bad-expression", result.findings[0]?.message ?? "") };
  templates.set(key, compiled);
  return compiled;
}

/** `$${` is a literal and needs the template compiler as well. */
function mentionsExpression(source: Json): boolean {
  if (typeof source === "string") return source.includes("${");
  if (typeof source !== "object" || source === null) return false;
  return Object.entries(source).some(([key, value]) => key.includes("${") || mentionsExpression(value));
}
