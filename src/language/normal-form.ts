import { DEFAULT_IDEMPOTENT_ATTEMPTS, DEFAULT_TIMEOUT_MS } from "#events/definition.ts";
import type { Alternative, PlanDefinition, RetryPolicy, StepDefinition, ToolCall } from "#events/definition.ts";
import type { Tool } from "#src/tools/define.ts";
import type { ToolRegistry } from "#src/tools/registry.ts";
import type { InputDefinitions } from "./inputs-draft.ts";
import type { CallSource, FallbackSource, PlanSourceFields, RetrySource, ToolStepSource } from "./source-schema.ts";
import type { StepDraft } from "./step-draft.ts";

// From a checked source to the definition that facts carry: every default is filled in here, once, so that replay needs
// neither the registry nor the defaults of another day.

const DEFAULT_DELAY_MS = 500;
const DEFAULT_MAX_DELAY_MS = 30_000;
const DEFAULT_VERSION = "0.0.0";

export interface CheckedSource {
  readonly plan: PlanSourceFields;
  readonly inputs: InputDefinitions;
  readonly drafts: readonly StepDraft[];
  readonly needs: ReadonlyMap<string, readonly string[]>;
}

/** Undefined only where something is missing that the checks report. */
export function normalForm(source: CheckedSource, tools: ToolRegistry): PlanDefinition | undefined {
  const { plan, inputs, drafts, needs } = source;
  const steps = drafts.map((draft) => stepOf(draft, needs.get(draft.id) ?? [], tools));
  if (!steps.every((step) => step !== undefined)) return undefined;
  const { description, outputs, respond, deadline } = plan;
  return {
    name: plan.plan,
    version: plan.version ?? DEFAULT_VERSION,
    ...(description === undefined ? {} : { description }),
    inputs,
    steps,
    ...(outputs === undefined ? {} : { outputs }),
    ...(respond === undefined ? {} : { respond }),
    onFailure: plan.onFailure,
    ...(deadline === undefined ? {} : { deadlineMs: deadline }),
  };
}

function stepOf(draft: StepDraft, needs: readonly string[], tools: ToolRegistry): StepDefinition | undefined {
  if (draft.kind === "opaque") return undefined;
  const fallback = draft.source.fallback.map((alternative) => alternativeOf(alternative, tools));
  if (!fallback.every((alternative) => alternative !== undefined)) return undefined;
  const fields = { id: draft.id, needs: [...needs], fallback, ...anyStepFields(draft.source) };
  switch (draft.kind) {
    case "value":
      return { kind: "value", ...fields, value: draft.source.value };
    case "wait":
      return { kind: "wait", ...fields, wait: draft.source.wait };
    case "tool": {
      const tool = tools.get(draft.source.tool);
      return tool === undefined ? undefined : { kind: "tool", ...fields, ...toolPartOf(draft.source, tool) };
    }
  }
}

type AnyStepSource = Exclude<StepDraft, { kind: "opaque" }>["source"];

function anyStepFields({ join, when, deadline, estimate, description }: AnyStepSource) {
  return {
    join,
    ...(when === undefined ? {} : { when }),
    ...(deadline === undefined ? {} : { deadlineMs: deadline }),
    ...(estimate === undefined ? {} : { estimateMs: estimate }),
    ...(description === undefined ? {} : { description }),
  };
}

function toolPartOf(
  source: ToolStepSource,
  tool: Tool,
): { call: ToolCall; retry: RetryPolicy; unknown: "ask" | "retry" } {
  const call = callOf(source, tool);
  return { call, retry: retryOf(source.retry ?? {}, call.idempotent), unknown: source.unknown };
}

function callOf(source: CallSource, tool: Tool): ToolCall {
  return {
    tool: tool.name,
    version: tool.version,
    ...(source.with === undefined ? {} : { with: source.with }),
    idempotent: source.idempotent ?? tool.idempotent,
    timeoutMs: source.timeout ?? tool.timeoutMs ?? DEFAULT_TIMEOUT_MS,
  };
}

function alternativeOf(source: FallbackSource, tools: ToolRegistry): Alternative | undefined {
  if ("value" in source) return { value: source.value };
  const tool = tools.get(source.tool);
  return tool === undefined ? undefined : callOf(source, tool);
}

function retryOf(source: RetrySource, idempotent: boolean): RetryPolicy {
  const delayMs = source.delay ?? DEFAULT_DELAY_MS;
  return {
    attempts: source.attempts ?? (idempotent ? DEFAULT_IDEMPOTENT_ATTEMPTS : 1),
    delayMs,
    backoff: source.backoff ?? "exponential",
    jitter: source.jitter ?? "full",
    maxDelayMs: source.maxDelay ?? Math.max(delayMs, DEFAULT_MAX_DELAY_MS),
    ...(source.budget === undefined ? {} : { budgetMs: source.budget }),
    ...(source.on === undefined ? {} : { on: overridesOf(source.on) }),
  };
}

function overridesOf(on: NonNullable<RetrySource["on"]>): NonNullable<RetryPolicy["on"]> {
  return Object.fromEntries(
    Object.entries(on).map(([category, { delay, maxDelay, ...fields }]) => [
      category,
      {
        ...fields,
        ...(delay === undefined ? {} : { delayMs: delay }),
        ...(maxDelay === undefined ? {} : { maxDelayMs: maxDelay }),
      },
    ]),
  );
}
