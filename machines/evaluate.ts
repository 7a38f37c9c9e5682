import { errorOf, type ErrorInfo } from "#events/errors.ts";
import { isJsonObject, type Json, type JsonObject } from "#events/json.ts";
import { refsOf, valueOf, type Payload } from "#events/payload.ts";
import type { CompiledTemplate } from "#machines/block.ts";
import type { References } from "#machines/expressions/expression-tree.ts";
import { compileTemplate, type Template } from "#machines/expressions/template.ts";
import type { Blobs } from "#machines/blobs.ts";
import { entryOf } from "#machines/list-entry.ts";
import type { Scope } from "#machines/scope.ts";
import { definitionAt, recordAt, type PlanView } from "#machines/state.ts";
import type { StepRecord } from "#machines/step-record.ts";

// Templates of a plan against its state: what an expression reads, whether it is at hand, and the expression's value.
// The definition was checked when it was drafted; here it is compiled without types, once a template.
//
// E1. A template reads the steps and variables of its own scope and of those around it, up to the inputs and steps of the
//     plan that it stands in; what calls that plan is out of sight.

export type Evaluated<T = Json> =
  | { readonly kind: "value"; readonly value: T }
  | { readonly kind: "needs-blobs"; readonly refs: readonly string[] }
  | { readonly kind: "error"; readonly error: ErrorInfo };

export interface TemplateSource {
  readonly scope: Scope;
  /** Names the template within its block, so that it is compiled once. */
  readonly key: string;
  readonly source: Json;
  /** Variables of this template beside those of its scope. */
  readonly variables?: JsonObject;
}

export function evaluate(state: PlanView, template: TemplateSource, blobs: Blobs): Evaluated {
  if (!mentionsExpression(template.source)) return { kind: "value", value: template.source };
  const known = templateOf(template);
  return "error" in known
    ? { kind: "error", error: known.error }
    : evaluateTemplate(known.compiled, template, { state, blobs });
}

/** A condition: an expression with or without `${ }` around it, whose value must be true or false. */
export function evaluateCondition(state: PlanView, template: TemplateSource, blobs: Blobs): Evaluated<boolean> {
  const { source } = template;
  const text = typeof source === "string" && !mentionsExpression(source) ? `\${${source}}` : source;
  const result = evaluate(state, { ...template, source: text }, blobs);
  if (result.kind !== "value") return result;
  if (typeof result.value === "boolean") return { kind: "value", value: result.value };
  const message = `a condition is true or false, not ${JSON.stringify(result.value).slice(0, 100)}`;
  return { kind: "error", error: errorOf("validation", "not-a-condition", message) };
}

const ONE_OUTPUT = /^\$\{\s*steps\.([a-z][A-Za-z0-9_]*)\.output\s*\}$/;

/** The step of a template that is nothing but one step's output: its payload can be handed on without reading it. */
export function singleOutput(source: Json): string | undefined {
  return typeof source === "string" ? ONE_OUTPUT.exec(source)?.[1] : undefined;
}

/** The step that a template of this scope sees under this id. */
export function visibleStep(state: PlanView, from: Scope, id: string): Readonly<StepRecord> | undefined {
  for (const scope of around(state, from)) {
    const local = scope.block.graph.indexOf.get(id);
    if (local !== undefined) return state.steps[scope.base + local];
  }
  return undefined;
}

interface At {
  readonly state: PlanView;
  readonly blobs: Blobs;
}

interface Values {
  readonly inputs: JsonObject;
  readonly outputs: ReadonlyMap<string, Json>;
  readonly errors: ReadonlyMap<string, Json>;
  readonly variables: JsonObject;
}

function evaluateTemplate(template: Template, source: TemplateSource, at: At): Evaluated {
  const values = gather(template, source, at);
  if ("kind" in values) return values;
  const { inputs, outputs, errors, variables } = values;
  const result = template.evaluate({
    inputs,
    steps: (id) => outputs.get(id),
    errors: (id) => errors.get(id),
    variables,
  });
  if (result.ok) return { kind: "value", value: result.value };
  const { code, message, path } = result.error;
  const place = path.length === 0 ? "" : `${path.join(".")}: `;
  return { kind: "error", error: errorOf("validation", code, `${place}${message}`) };
}

/** Only what the template reads; a payload that is not loaded is asked for. */
function gather(
  { references }: Template,
  { scope, variables }: TemplateSource,
  { state, blobs }: At,
): Values | Exclude<Evaluated, { kind: "value" }> {
  const missing: string[] = [];
  const read = (source: Payload): Json => {
    const value = valueOf(source, blobs);
    if (value === undefined) missing.push(...refsOf(source));
    return value ?? null;
  };
  const readEntry = (list: Payload, index: number): Json => {
    const entry = entryOf(list, index, blobs);
    if (entry.kind === "missing") missing.push(...entry.refs);
    return entry.kind === "value" ? entry.value : null;
  };
  const given = references.inputs.length === 0 ? undefined : inputsOf(state, scope);
  const inputs = given === undefined ? {} : read(given);
  const { outputs, errors } = stepsRead(references, (id) => visibleStep(state, scope, id), read);
  const named = references.variables.map((name): [string, Json] => [
    name,
    variables?.[name] ?? variable(state, { scope, name, read, readEntry }),
  ]);
  if (missing.length > 0) return notAtHand(missing, blobs);
  return { inputs: isJsonObject(inputs) ? inputs : {}, outputs, errors, variables: Object.fromEntries(named) };
}

/** What the steps gave that a template names. */
function stepsRead(
  { steps, measured: onlyMeasured }: References,
  find: (id: string) => Readonly<StepRecord> | undefined,
  read: (source: Payload) => Json,
): Pick<Values, "outputs" | "errors"> {
  const outputs = new Map<string, Json>();
  const errors = new Map<string, Json>();
  for (const id of steps) {
    const record = find(id);
    const readStep = onlyMeasured.includes(id) ? measured(read) : read;
    if (record?.output !== undefined) outputs.set(id, readStep(record.output));
    if (record?.errors !== undefined) errors.set(id, readStep(record.errors));
  }
  return { outputs, errors };
}

/** Of a list that is kept in parts nothing is read: only its size will be asked for, which is known. */
function measured(read: (source: Payload) => Json): (source: Payload) => Json {
  return (source) => ("count" in source ? new Array<Json>(source.count) : read(source));
}

/** What is not loaded is asked for; what cannot be had is an error. */
export function notAtHand(missing: readonly string[], blobs: Blobs): Exclude<Evaluated, { kind: "value" }> {
  const problem = missing.map((ref) => blobs.problem?.(ref)).find((text) => text !== undefined);
  if (problem !== undefined) return { kind: "error", error: errorOf("not-found", "blob-missing", problem) };
  return { kind: "needs-blobs", refs: missing };
}

function inputsOf(state: PlanView, from: Scope): Payload | undefined {
  return [...around(state, from)].at(-1)?.inputs;
}

/** The scope, and those around it up to the plan that it stands in: a plan's block is closed. */
function* around(state: PlanView, from: Scope): Generator<Scope> {
  for (let scope = from; ; scope = recordAt(state, scope.parent).scope) {
    yield scope;
    if (scope.block.isClosed) return;
  }
}

interface Asked {
  readonly scope: Scope;
  readonly name: string;
  readonly read: (source: Payload) => Json;
  readonly readEntry: (list: Payload, index: number) => Json;
}

/** The variables of the steps that the scope is inside of; the nearest one that has the name counts. */
function variable(state: PlanView, { scope: from, name, read, readEntry }: Asked): Json {
  for (const scope of around(state, from)) {
    if (scope.block.isClosed) break;
    const definition = definitionAt(state, scope.parent);
    if (definition.kind === "tool") {
      // What answers for an unknown outcome: nobody knows what the step gave.
      if (name === "output") return null;
      continue;
    }
    if (name === "index") return scope.member;
    if (definition.kind === "repeat" && name === "previous") return valueIn(scope.previous, read);
    if (definition.kind === "each" && definition.as === name) return itemAt(state, scope, readEntry);
  }
  return null;
}

/** Of a long list nothing else is read than the part that has the item. */
function itemAt(state: PlanView, { parent, member }: Scope, readEntry: Asked["readEntry"]): Json {
  const items = recordAt(state, parent).expansion?.items;
  return items === undefined ? null : readEntry(items, member);
}

function valueIn(source: Payload | undefined, read: Asked["read"]): Json {
  return source === undefined ? null : read(source);
}

/** A block keeps its compiled templates: a step that is tried again, and every walk over ready steps, finds them. */
function templateOf({ scope, key, source }: TemplateSource): CompiledTemplate {
  const { templates } = scope.block;
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
