import { DEFAULT_IDEMPOTENT_ATTEMPTS, DEFAULT_TIMEOUT_MS } from "#events/definition.ts";
import type {
  Alternative,
  PlanDefinition,
  RetryPolicy,
  StepDefinition,
  ToolCall,
  ToolStep,
} from "#events/definition.ts";
import type { Tool } from "#src/tools/define.ts";
import type { ToolRegistry } from "#src/tools/registry.ts";
import type { Calls } from "./check-context.ts";
import type { Dependencies } from "./dependencies.ts";
import type { InputDefinitions } from "./inputs-draft.ts";
import type { FallbackSource, PlanSourceFields, RetrySource, ToolCallSource, ToolStepSource } from "./source-schema.ts";
import type { BlockDraft, StepDraft } from "./step-draft.ts";

// From a checked source to the definition that facts carry: every default is filled in here, once, so that replay needs
// neither the registry nor the defaults of another day.

const DEFAULT_DELAY_MS = 500;
const DEFAULT_MAX_DELAY_MS = 30_000;
const DEFAULT_VERSION = "0.0.0";

export interface CheckedSource {
  readonly plan: PlanSourceFields;
  readonly inputs: InputDefinitions;
  readonly drafts: readonly StepDraft[];
  readonly dependencies: Dependencies;
}

interface Around {
  readonly tools: ToolRegistry;
  readonly calls: Calls;
}

/** Undefined only where something is missing that the checks report. */
export function normalForm(source: CheckedSource, around: Around): PlanDefinition | undefined {
  const { plan, inputs, drafts, dependencies } = source;
  const steps = stepsOf(drafts, { ...around, dependencies, priority: undefined });
  if (steps === undefined) return undefined;
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

interface Level extends Around {
  /** Of the steps of this block. */
  readonly dependencies: Dependencies;
  /** Of the step around; a step inside has it where it has none of its own. */
  readonly priority: number | undefined;
}

function stepsOf(drafts: readonly StepDraft[], level: Level): StepDefinition[] | undefined {
  const steps = drafts.map((draft) => stepOf(draft, level));
  return steps.every((step) => step !== undefined) ? steps : undefined;
}

function stepOf(draft: StepDraft, level: Level): StepDefinition | undefined {
  if (draft.kind === "opaque") return undefined;
  const { tools, calls, dependencies } = level;
  const fallback = draft.source.fallback.map((alternative) => alternativeOf(alternative, tools));
  if (!fallback.every((alternative) => alternative !== undefined)) return undefined;
  const priority = draft.source.priority ?? level.priority;
  const needs = [...(dependencies.needs.get(draft.id) ?? [])];
  const own = { ...anyStepFields(draft.source), ...(priority === undefined ? {} : { priority }) };
  const fields = { id: draft.id, needs, fallback, ...own };
  switch (draft.kind) {
    case "each": {
      const { each: items, as, concurrency, tolerate } = draft.source;
      const body = bodyOf(draft, { ...level, priority });
      return body && { kind: "each", ...fields, items, as, body, concurrency, tolerate };
    }
    case "repeat": {
      const { until, max } = draft.source;
      const body = bodyOf(draft, { ...level, priority });
      return body && { kind: "repeat", ...fields, body, until, max };
    }
    case "call": {
      const called = calls.find(draft.source.call);
      const { with: given } = draft.source;
      if (!("key" in called)) return undefined;
      return { kind: "call", ...fields, plan: called.key, ...(given === undefined ? {} : { with: given }) };
    }
    case "value":
      return { kind: "value", ...fields, value: draft.source.value };
    case "wait":
      return { kind: "wait", ...fields, wait: draft.source.wait };
    case "tool": {
      const tool = tools.get(draft.source.tool);
      const part = tool && toolPartOf(draft.source, tool, tools);
      return part && { kind: "tool", ...fields, ...part };
    }
  }
}

function bodyOf({ id, block }: { readonly id: string; readonly block: BlockDraft }, level: Level) {
  const dependencies = level.dependencies.inside.get(id);
  const steps = dependencies === undefined ? undefined : stepsOf(block.drafts, { ...level, dependencies });
  return steps && { steps, output: block.output };
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

type ToolPart = Pick<ToolStep, "call" | "retry" | "unknown" | "undo" | "irreversible">;

function toolPartOf(source: ToolStepSource, tool: Tool, tools: ToolRegistry): ToolPart | undefined {
  const call = callOf(source, tool);
  const undo = source.undo === undefined ? {} : undoOf(source.undo, tools);
  if (undo === undefined) return undefined;
  const irreversible = source.irreversible ? { irreversible: true } : {};
  return {
    call,
    retry: retryOf(source.retry ?? {}, call.idempotent),
    unknown: source.unknown,
    ...undo,
    ...irreversible,
  };
}

/** Taking back twice is taking back once, unless somebody says otherwise. */
function undoOf(source: NonNullable<ToolStepSource["undo"]>, tools: ToolRegistry): Pick<ToolStep, "undo"> | undefined {
  const tool = tools.get(source.tool);
  if (tool === undefined) return undefined;
  const call = callOf({ ...source, idempotent: source.idempotent ?? true }, tool);
  return { undo: { call, retry: retryOf(source.retry ?? {}, call.idempotent) } };
}

function callOf(source: ToolCallSource, tool: Tool): ToolCall {
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
