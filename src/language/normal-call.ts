import { DEFAULT_IDEMPOTENT_ATTEMPTS, DEFAULT_REPLANS, DEFAULT_TIMEOUT_MS } from "#events/definition.ts";
import type { Alternative, Replan, RetryPolicy, ToolCall, ToolStep } from "#events/definition.ts";
import { canonicalJson, contentHash } from "#events/canonical.ts";
import { jsonObject } from "#events/json.ts";
import type { Tool } from "#src/tools/define.ts";
import type { ToolRegistry } from "#src/tools/registry.ts";
import type { ReplanSource } from "./plan-fields.ts";
import type { FallbackSource, RetrySource, ToolCallSource, ToolStepSource } from "./source-schema.ts";

// The normal form of calls of tools: bounds, retries and idempotence as the step says, else as the tool says, else the
// defaults of today.

const DEFAULT_DELAY_MS = 500;
const DEFAULT_MAX_DELAY_MS = 30_000;

type ToolPart = Pick<
  ToolStep,
  "call" | "retry" | "unknown" | "undo" | "irreversible" | "fits" | "pool" | "key" | "uses" | "revises" | "returns"
>;

/** Undefined where a tool is missing, which the checks report. */
export function toolPartOf(source: ToolStepSource, tool: Tool, tools: ToolRegistry): ToolPart | undefined {
  const call = callOf(source, tool);
  const undo = source.undo === undefined ? {} : undoOf(source.undo, tools);
  const unknown = unknownOf(source.unknown, tools);
  if (undo === undefined || unknown === undefined) return undefined;
  const { revises, returns } = source;
  return {
    call,
    retry: retryOf(source.retry ?? {}, call.idempotent),
    unknown,
    ...undo,
    ...(isIrreversible(source, tool) ? { irreversible: true } : {}),
    ...fitsOf(source, tool, tools),
    ...limitsOf(source),
    ...(revises === true ? { revises } : {}),
    ...(returns === undefined ? {} : { returns }),
  };
}

function limitsOf({ pool, key, uses }: ToolStepSource): Pick<ToolStep, "pool" | "key" | "uses"> {
  return {
    ...(pool === undefined ? {} : { pool }),
    ...(key === undefined ? {} : { key }),
    ...(uses === undefined ? {} : { uses }),
  };
}

/** As the step says; else as the tool does, where the step has no call that takes it back. */
function isIrreversible({ irreversible, undo }: ToolStepSource, { sideEffects }: Tool): boolean {
  return irreversible ?? (sideEffects === "irreversible" && undo === undefined);
}

/** Only where a fallback is not known to fit before it runs. */
function fitsOf(
  { fallback, returns }: ToolStepSource,
  { outputSchema }: Tool,
  tools: ToolRegistry,
): Pick<ToolStep, "fits"> {
  if (fallback.length === 0) return {};
  if (returns !== undefined) return { fits: returns };
  const own = jsonObject.parse(outputSchema);
  const { $schema: _, ...schema } = own;
  const isKnown = (alternative: FallbackSource): boolean =>
    "value" in alternative
      ? !canonicalJson(alternative.value).includes("${")
      : contentHash(jsonObject.parse(tools.get(alternative.tool)?.outputSchema ?? {})) === contentHash(own);
  return Object.keys(schema).length === 0 || fallback.every(isKnown) ? {} : { fits: schema };
}

function unknownOf(source: ToolStepSource["unknown"], tools: ToolRegistry): ToolStep["unknown"] | undefined {
  if (typeof source === "string") return source;
  const tool = tools.get(source.verify.tool);
  if (tool === undefined) return undefined;
  return { verify: callOf({ ...source.verify, idempotent: true }, tool), done: source.done, output: source.output };
}

/** Taking back twice is taking back once, unless somebody says otherwise. */
function undoOf(source: NonNullable<ToolStepSource["undo"]>, tools: ToolRegistry): Pick<ToolStep, "undo"> | undefined {
  const tool = tools.get(source.tool);
  if (tool === undefined) return undefined;
  const call = callOf({ ...source, idempotent: source.idempotent ?? true }, tool);
  return { undo: { call, retry: retryOf(source.retry ?? {}, call.idempotent) } };
}

/** Replanning reads what happened, and may be asked again. Undefined where the tool is missing, which the checks report. */
export function replanOf(source: ReplanSource, tools: ToolRegistry): { replan: Replan } | undefined {
  const tool = tools.get(source.tool);
  if (tool === undefined) return undefined;
  const call = callOf(source, tool);
  const max = source.max ?? DEFAULT_REPLANS;
  return { replan: { call, retry: retryOf(source.retry ?? {}, call.idempotent), max } };
}

function callOf(source: ToolCallSource, tool: Tool): ToolCall {
  const isolate = source.isolate ?? tool.isolate;
  return {
    tool: tool.name,
    version: tool.version,
    ...(source.with === undefined ? {} : { with: source.with }),
    idempotent: source.idempotent ?? tool.idempotent,
    timeoutMs: source.timeout ?? tool.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    ...(isolate === undefined ? {} : { isolate }),
  };
}

export function alternativeOf(source: FallbackSource, tools: ToolRegistry): Alternative | undefined {
  const after = source.on === undefined ? {} : { on: [...new Set(source.on)] };
  if ("value" in source) return { value: source.value, ...after };
  const tool = tools.get(source.tool);
  return tool === undefined ? undefined : { ...callOf(source, tool), ...after };
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
