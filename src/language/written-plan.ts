import type { CalledPlan, PlanDefinition, StepDefinition } from "#events/definition.ts";
import type { Json, JsonObject } from "#events/json.ts";
import { writtenAlternative, writtenCall, writtenDuration, writtenRetry } from "./written-call.ts";

// From a definition back to a source that has it: what a plan is now can be shown, changed and checked again as a person would.
//
// B1. Checked with the tools it was made for, the source has the definition that it was written from. Every default is written out.
// B2. A step whose tool is irreversible by itself, and that says that it is not, becomes one that is: the safe side.

/** Without the plans that it calls, which are named with their versions. */
export function writtenPlan(definition: PlanDefinition | CalledPlan): JsonObject {
  const { name, version, description, outputs, returns, respond, onFailure, deadlineMs, pauseStopsClock } = definition;
  return {
    plan: name,
    version,
    ...given("description", description),
    ...(Object.keys(definition.inputs).length === 0 ? {} : { inputs: writtenInputs(definition.inputs) }),
    steps: writtenSteps(definition.steps),
    ...given("outputs", outputs),
    ...given("returns", returns),
    ...given("respond", respond),
    onFailure,
    ...duration("deadline", deadlineMs),
    ...given("pauseStopsClock", pauseStopsClock),
    ...("replan" in definition ? writtenReplan(definition) : {}),
  };
}

function writtenReplan({ replan }: Pick<PlanDefinition, "replan">): JsonObject {
  if (replan === undefined) return {};
  const { call, retry, max } = replan;
  return { replan: { ...writtenCall(call), retry: writtenRetry(retry), max } };
}

function writtenInputs(inputs: PlanDefinition["inputs"]): JsonObject {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, { schema, default: preset, description }]): [string, JsonObject] => {
      const shape = schema["secret"] === true ? { secret: true } : schema;
      return [name, { ...shape, ...given("default", preset), ...given("description", description) }];
    }),
  );
}

/** By id. */
function writtenSteps(steps: readonly StepDefinition[]): JsonObject {
  return Object.fromEntries(steps.map((step) => [step.id, { ...kindOf(step), ...wordsOf(step) }]));
}

/** The words of any step. */
function wordsOf(step: StepDefinition): JsonObject {
  const { needs, join, when, deadlineMs, fallback, estimateMs, description, priority } = step;
  return {
    ...given("description", description),
    ...(needs.length === 0 ? {} : { needs: [...needs] }),
    ...(join === "all" ? {} : { join }),
    ...given("when", when),
    ...duration("deadline", deadlineMs),
    ...(fallback.length === 0 ? {} : { fallback: fallback.map(writtenAlternative) }),
    ...duration("estimate", estimateMs),
    ...given("priority", priority),
  };
}

type StepOf<K> = Extract<StepDefinition, { kind: K }>;

function kindOf<K extends StepDefinition["kind"]>(step: StepOf<K> & { kind: K }): JsonObject {
  return KINDS[step.kind](step);
}

const KINDS: { readonly [K in StepDefinition["kind"]]: (step: StepOf<K>) => JsonObject } = {
  tool: writtenToolStep,
  value: ({ value }) => ({ value }),
  wait: ({ wait }) => ({ wait: "forMs" in wait ? writtenDuration(wait.forMs) : wait }),
  signal: ({ signal }) => ({ signal }),
  approve: ({ role, approvers, show, expiresMs }) => ({
    approve: {
      ...given("role", role),
      ...given("approvers", approvers),
      ...given("show", show),
      ...duration("expires", expiresMs),
    },
  }),
  each: ({ items, as, body, concurrency, tolerate }) => ({
    each: items,
    as,
    do: writtenBlock(body),
    concurrency,
    tolerate: "share" in tolerate ? `${Number((tolerate.share * 100).toPrecision(SHARE_DIGITS))}%` : tolerate.count,
  }),
  repeat: ({ body, until, max }) => ({ repeat: writtenBlock(body), until, max }),
  call: ({ plan, with: args }) => ({ call: plan, ...given("with", args) }),
};

/** What a double holds of a percentage without the dust of multiplying. */
const SHARE_DIGITS = 12;

function writtenBlock({ steps, output }: StepOf<"each">["body"]): JsonObject {
  return { steps: writtenSteps(steps), ...given("output", output) };
}

function writtenToolStep(step: StepOf<"tool">): JsonObject {
  const { call, retry, unknown, undo, irreversible, revises, returns, pool, key, uses } = step;
  return {
    ...writtenCall(call),
    retry: writtenRetry(retry),
    unknown: typeof unknown === "string" ? unknown : writtenVerification(unknown),
    ...(undo === undefined ? {} : { undo: { ...writtenCall(undo.call), retry: writtenRetry(undo.retry) } }),
    ...given("irreversible", irreversible),
    ...given("revises", revises),
    ...given("returns", returns),
    ...given("pool", pool),
    ...given("key", key),
    ...given("uses", uses),
  };
}

function writtenVerification({ verify, done, output }: Exclude<StepOf<"tool">["unknown"], string>): JsonObject {
  const { idempotent: _, ...looks } = writtenCall(verify);
  return { verify: looks, done, output };
}

function given(word: string, value: Json | undefined): JsonObject {
  return value === undefined ? {} : { [word]: value };
}

function duration(word: string, ms: number | undefined): JsonObject {
  return ms === undefined ? {} : { [word]: writtenDuration(ms) };
}
