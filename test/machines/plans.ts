import { expect } from "vitest";
// Plans and facts for tests, short where a test does not care: a plan is parsed by the schema that every plan passes,
// a fact has everything that its schema wants, and a test names only what it is about.
import { contentHash } from "#events/canonical.ts";
import { fact, type Fact, type FactData } from "#events/catalog.ts";
import {
  DEFAULT_TIMEOUT_MS,
  type ApproveStep,
  type CallStep,
  type EachStep,
  type RepeatStep,
  planDefinition,
  type PlanDefinition,
  type RetryPolicy,
  type SignalStep,
  type StepDefinition,
  type ToolStep,
  type ValueStep,
  type WaitStep,
} from "#events/definition.ts";
import { errorOf, type ErrorInfo } from "#events/errors.ts";
import { executorId } from "#events/ids.ts";
import type { Json } from "#events/json.ts";
import { inline } from "#events/payload.ts";
import { SCENARIO, startedFacts } from "#src/testing/scenario.ts";

export const PLAN = SCENARIO.plan;
export const WORKER = SCENARIO.worker;
export const OTHER_WORKER = executorId.parse("worker-2");

/** When the given facts of a scenario were recorded, and when its command arrives, in ms since the epoch. */
export const GIVEN_AT = SCENARIO.givenAt;
export const NOW = SCENARIO.now;
export const EPOCH = SCENARIO.epoch;

export const ONCE: RetryPolicy = { attempts: 1, delayMs: 100, maxDelayMs: 10_000, backoff: "fixed", jitter: "none" };
export const THRICE: RetryPolicy = { ...ONCE, attempts: 3 };

export const UNAVAILABLE = errorOf("unavailable", "connection-refused", "nobody answers");
export const INVALID = errorOf("validation", "bad-arguments", "not what the tool wants");

const TOOL = "test.tool";
const TOOL_VERSION = "1.0.0";

type Call = ToolStep["call"];

/** A call of the test tool: idempotent unless said otherwise. */
export function call(fields: Partial<Call> = {}): Call {
  return { tool: TOOL, version: TOOL_VERSION, idempotent: true, timeoutMs: DEFAULT_TIMEOUT_MS, ...fields };
}

type Extra<S> = Partial<Omit<S, "kind" | "id" | "call">>;
type Common = Pick<StepDefinition, "id" | "needs" | "join" | "fallback">;

export function tool(id: string, fields: Extra<ToolStep> = {}, calls: Partial<Call> = {}): ToolStep {
  return { kind: "tool", ...common(id), call: call(calls), retry: ONCE, unknown: "ask", ...fields };
}

export function value(id: string, source: Json, fields: Extra<ValueStep> = {}): ValueStep {
  return { kind: "value", ...common(id), value: source, ...fields };
}

export function wait(id: string, until: number | string, fields: Extra<WaitStep> = {}): WaitStep {
  return { kind: "wait", ...common(id), wait: typeof until === "number" ? { forMs: until } : { until }, ...fields };
}

export function signal(id: string, name: string, fields: Extra<SignalStep> = {}): SignalStep {
  return { kind: "signal", ...common(id), signal: name, ...fields };
}

export function approve(id: string, fields: Extra<ApproveStep> = {}): ApproveStep {
  return { kind: "approve", ...common(id), ...fields };
}

type Inside<S> = Extra<S> & { readonly steps: readonly StepDefinition[] };

/** An `each` over a list or a template of one, whose item is called `item`. */
export function each(id: string, items: Json, { steps, ...fields }: Inside<EachStep>): EachStep {
  const defaults = { as: "item", body: block(steps), concurrency: 2, tolerate: { count: 0 } };
  return { kind: "each", ...common(id), items, ...defaults, ...fields };
}

export function repeat(id: string, until: string, { steps, ...fields }: Inside<RepeatStep>): RepeatStep {
  return { kind: "repeat", ...common(id), until, max: 5, body: block(steps), ...fields };
}

export function calling(id: string, plan: string, fields: Extra<CallStep> = {}): CallStep {
  return { kind: "call", ...common(id), plan, ...fields };
}

/** Steps inside of another, which give what the last of them gives. */
function block(steps: readonly StepDefinition[]): EachStep["body"] {
  return { steps: [...steps], output: `\${steps.${steps.at(-1)?.id ?? ""}.output}` };
}

export function planOf(
  steps: readonly StepDefinition[],
  fields: Partial<Omit<PlanDefinition, "steps">> = {},
): PlanDefinition {
  return planDefinition.parse({ name: "test-plan", steps, ...fields });
}

export const started = startedFacts;

export function dispatched(step: string, fields: Partial<FactData<"StepDispatched">> = {}): Fact {
  return fact("StepDispatched", {
    step,
    attempt: 1,
    alternative: -1,
    tool: TOOL,
    toolVersion: TOOL_VERSION,
    executor: WORKER,
    args: inline({}),
    argsHash: contentHash({ tool: TOOL, version: TOOL_VERSION, args: {} }),
    idempotent: true,
    timeoutMs: DEFAULT_TIMEOUT_MS,
    epoch: EPOCH,
    edition: 1,
    ...fields,
  });
}

export function succeeded(step: string, fields: Partial<FactData<"StepSucceeded">> = {}): Fact {
  return fact("StepSucceeded", { step, attempt: 1, output: inline("done"), ...fields });
}

export function failed(step: string, fields: Partial<FactData<"StepFailed">> = {}): Fact {
  return fact("StepFailed", { step, attempt: 1, error: UNAVAILABLE, next: { kind: "final" }, ...fields });
}

export function timedOut(step: string, fields: Partial<FactData<"StepTimedOut">> = {}): Fact {
  return fact("StepTimedOut", { step, attempt: 1, bound: "attempt", next: { kind: "final" }, ...fields });
}

export function lost(step: string, fields: Partial<FactData<"StepLost">> = {}): Fact {
  return fact("StepLost", { step, attempt: 1, executor: WORKER, next: { kind: "final" }, ...fields });
}

export function late(step: string, fields: Partial<FactData<"StepLateReported">> = {}): Fact {
  const outcome = { kind: "succeeded" as const, output: inline("late") };
  return fact("StepLateReported", {
    step,
    attempt: 1,
    executor: WORKER,
    outcome,
    adopted: false,
    undoDue: false,
    ...fields,
  });
}

export function cancelRequested(fields: Partial<FactData<"PlanCancelRequested">> = {}): Fact {
  return fact("PlanCancelRequested", { epoch: EPOCH, cause: "requested", ...fields });
}

/** What a plan says that ended without success, whatever it is: test/machines/response looks at the words. */
export const ANSWERED = { response: expect.anything(), provenance: expect.any(Array) };

export function planFailed(error: ErrorInfo, ...names: readonly string[]): Fact {
  return fact("PlanFailed", { epoch: EPOCH, error, failed: [...names], ...ANSWERED });
}

function common(id: string): Common {
  return { id, needs: [], join: "all", fallback: [] };
}
