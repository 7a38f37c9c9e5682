import type {
  ApproveStep,
  Alternative,
  EachStep,
  PlanDefinition,
  RetryPolicy,
  StepDefinition,
  ToolCall,
  ToolStep,
  WaitStep,
} from "#events/definition.ts";
import type { Json, JsonObject } from "#events/json.ts";

// A definition, with every default filled in, written in the language of plans again: a plan of the past as a person would start from it.
//
// W1. What comes out means the same: checked again with the same tools, it is the same definition but for the versions of tools.
// W2. Of what a tool decides by itself nothing is left out: a tool may have changed since.

export function writtenPlan(definition: PlanDefinition): JsonObject {
  const { name, version, description, inputs, steps, outputs, respond, onFailure, deadlineMs, pauseStopsClock } =
    definition;
  const { replan, returns } = definition;
  const written = Object.entries(inputs).map(([input, { schema, default: preset, description: about }]) => {
    const { secret, ...shape } = schema;
    return [
      input,
      defined({ ...(secret === true ? { secret } : shape), default: preset, description: about }),
    ] as const;
  });
  return defined({
    plan: name,
    version,
    description,
    inputs: written.length === 0 ? undefined : Object.fromEntries(written),
    steps: stepsOf(steps),
    outputs,
    returns,
    respond,
    onFailure,
    deadline: duration(deadlineMs),
    pauseStopsClock,
    replan: replan && { ...callOf(replan.call), retry: retryOf(replan.retry), max: replan.max },
  });
}

function stepsOf(steps: readonly StepDefinition[]): JsonObject {
  return Object.fromEntries(steps.map((step) => [step.id, stepOf(step)]));
}

function stepOf(step: StepDefinition): JsonObject {
  const { description, needs, join, when, deadlineMs, fallback, estimateMs, priority } = step;
  return defined({
    ...kindOf(step),
    description,
    needs: needs.length === 0 ? undefined : needs,
    join: join === "all" ? undefined : join,
    when,
    deadline: duration(deadlineMs),
    fallback: fallback.length === 0 ? undefined : fallback.map(alternativeOf),
    estimate: duration(estimateMs),
    priority,
  });
}

function kindOf(step: StepDefinition): Written {
  switch (step.kind) {
    case "tool":
      return toolStepOf(step);
    case "value":
      return { value: step.value };
    case "wait":
      return { wait: waitOf(step.wait) };
    case "signal":
      return { signal: step.signal };
    case "approve":
      return { approve: questionOf(step) };
    case "call":
      return { call: step.plan, with: step.with };
    case "repeat":
      return { repeat: blockOf(step.body), until: step.until, max: step.max };
    case "each":
      return eachOf(step);
  }
}

function questionOf({ role, approvers, show, expiresMs }: ApproveStep): JsonObject {
  return defined({ role, approvers, show, expires: duration(expiresMs) });
}

function waitOf(wait: WaitStep["wait"]): Json {
  return "forMs" in wait ? `${wait.forMs}ms` : wait;
}

function eachOf({ items, as, body, concurrency, tolerate }: EachStep): Written {
  const share = "count" in tolerate ? tolerate.count : `${tolerate.share * PERCENT}%`;
  return { each: items, as, do: blockOf(body), concurrency, tolerate: share };
}

const PERCENT = 100;

type Block = Extract<StepDefinition, { kind: "repeat" }>["body"];

function blockOf({ steps, output }: Block): JsonObject {
  return defined({ steps: stepsOf(steps), output });
}

function toolStepOf({
  call,
  retry,
  unknown,
  undo,
  irreversible,
  revises,
  returns,
  pool,
  key,
  uses,
}: ToolStep): Written {
  return {
    ...callOf(call),
    retry: retryOf(retry),
    unknown: typeof unknown === "string" ? unknown : { ...unknown, verify: withoutIdempotent(callOf(unknown.verify)) },
    undo: undo && { ...callOf(undo.call), retry: retryOf(undo.retry) },
    irreversible,
    revises,
    returns,
    pool,
    key,
    uses,
  };
}

function callOf({ tool, with: given, idempotent, timeoutMs, isolate }: ToolCall): JsonObject {
  return defined({ tool, with: given, idempotent, timeout: duration(timeoutMs), isolate });
}

function withoutIdempotent({ idempotent: _, ...call }: JsonObject): JsonObject {
  return call;
}

function alternativeOf(alternative: Alternative): JsonObject {
  const { on } = alternative;
  const call = "value" in alternative ? { value: alternative.value } : callOf(alternative);
  return on === undefined ? call : { ...call, on };
}

function retryOf({ attempts, delayMs, backoff, jitter, maxDelayMs, budgetMs, on }: RetryPolicy): JsonObject {
  const byCategory = Object.entries(on ?? {}).map(([category, part]) => [category, retryPartOf(part)] as const);
  return defined({
    ...retryPartOf({ attempts, delayMs, backoff, jitter, maxDelayMs }),
    budget: duration(budgetMs),
    on: byCategory.length === 0 ? undefined : Object.fromEntries(byCategory),
  });
}

type RetryPart = NonNullable<NonNullable<RetryPolicy["on"]>["timeout"]>;

function retryPartOf({ attempts, delayMs, backoff, jitter, maxDelayMs }: RetryPart): JsonObject {
  return defined({ attempts, delay: duration(delayMs), backoff, jitter, maxDelay: duration(maxDelayMs) });
}

function duration(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : `${ms}ms`;
}

type Written = Readonly<Record<string, Json | undefined>>;

function defined(parts: Written): JsonObject {
  const entries: [string, Json][] = [];
  for (const [word, value] of Object.entries(parts)) if (value !== undefined) entries.push([word, value]);
  return Object.fromEntries(entries);
}
