import { fact } from "#events/catalog.ts";
import type { CallStep, EachStep, PlanDefinition } from "#events/definition.ts";
import { errorOf } from "#events/errors.ts";
import { isJsonList, isJsonObject, type Json, type JsonObject } from "#events/json.ts";
import { inline, LIST_RUN_BYTES, type Payload } from "#events/payload.ts";
import { windowEnd } from "#machines/decide/windows.ts";
import { facts, refused, type Starting, type StartOutcome } from "#machines/decide/starting.ts";
import { evaluate, singleOutput, visibleStep, type Evaluated } from "#machines/evaluate.ts";
import { draftedOf } from "#machines/state.ts";

// Opens a step with steps inside: the list of an `each` and the inputs of a called plan are resolved here, once, and
// recorded in the fact. What happens to the members afterwards is decided in settle.ts.

/** Items of one list: each is a scope while its window is open. */
const MAX_ITEMS = 2_000_000;

export function openEach(starting: Starting, step: EachStep): StartOutcome {
  const items = itemsOf(starting, step);
  if (items.kind === "needs-blobs") return items;
  if (items.kind === "error") return refused(starting, items.error);
  const { list, total } = items.value;
  if (total > MAX_ITEMS) {
    const message = `each goes over at most ${MAX_ITEMS} items, these are ${total}`;
    return refused(starting, errorOf("resource-exhausted", "too-many-items", message));
  }
  const { path } = starting;
  if (total === 0) return facts(fact("StepSucceeded", { step: path, attempt: 0, output: inline([]) }));
  return facts(fact("StepExpanded", { step: path, from: 0, to: windowEnd(step, 0, total), total, items: list }));
}

interface Items {
  readonly list: Payload;
  readonly total: number;
}

/** A list that is kept in parts is opened on without reading it. */
function itemsOf(starting: Starting, step: EachStep): Evaluated<Items> {
  const { state, scope, around } = starting;
  const given = payloadOf(starting, step.items);
  if (given !== undefined && "count" in given) return { kind: "value", value: { list: given, total: given.count } };
  const items = evaluate(state, { scope, key: `${step.id}/items`, source: step.items }, around.blobs);
  if (items.kind !== "value") return items;
  const { value } = items;
  if (!isJsonList(value)) {
    const message = `each goes over a list, not over ${JSON.stringify(value).slice(0, 100)}`;
    return { kind: "error", error: errorOf("validation", "each-over-non-list", message) };
  }
  // A longer one is kept again, in parts that are read one by one.
  const isKept = given !== undefined && "blob" in given && given.bytes <= LIST_RUN_BYTES;
  return { kind: "value", value: { list: isKept ? given : inline(value), total: value.length } };
}

export function openCall(starting: Starting, step: CallStep): StartOutcome {
  const { state, scope, path, around } = starting;
  const given = evaluate(state, { scope, key: `${step.id}/with`, source: step.with ?? {} }, around.blobs);
  if (given.kind === "needs-blobs") return given;
  if (given.kind === "error") return refused(starting, given.error);
  const called = draftedOf(state).definition.calls?.[step.plan]?.inputs ?? {};
  const inputs = inputsOf(called, isJsonObject(given.value) ? given.value : {});
  if (typeof inputs === "string") {
    const message = `${step.plan} wants the input ${inputs}, which has no default`;
    return refused(starting, errorOf("validation", "missing-input", message));
  }
  return facts(fact("StepExpanded", { step: path, from: 0, to: 1, total: 1, inputs: inline(inputs) }));
}

/** Values by name, completed with defaults; the name of one that is missing. */
function inputsOf(declared: PlanDefinition["inputs"], given: JsonObject): JsonObject | string {
  const inputs: Record<string, Json> = {};
  for (const [name, { default: preset }] of Object.entries(declared)) {
    const value = given[name] ?? preset;
    if (value === undefined) return name;
    inputs[name] = value;
  }
  return inputs;
}

/** Of a template that is nothing but one step's output: the payload as it is, so that a long list is not kept twice. */
function payloadOf({ state, scope }: Starting, source: Json): Payload | undefined {
  const id = singleOutput(source);
  return id === undefined ? undefined : visibleStep(state, scope, id)?.output;
}
