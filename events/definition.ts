import { z } from "zod";
import { errorCategory } from "#events/errors.ts";
import { json, jsonObject } from "#events/json.ts";

// A plan as data, in the normal form that facts carry: every default that depends on a tool or on configuration is
// filled in when the plan is drafted, so that replay needs neither the registry nor today's defaults. Templates
// (`with`, `value`, `when`, `outputs`, `respond`) stay text; whoever runs the plan compiles them.

export const MAX_STEPS_PER_PLAN = 100_000;

export const DEFAULT_TIMEOUT_MS = 5 * 60_000;
export const DEFAULT_IDEMPOTENT_ATTEMPTS = 3;

export const stepId = z.string().regex(/^[a-z][A-Za-z0-9_]*$/);

export const backoff = z.enum(["fixed", "exponential"]);
export const jitter = z.enum(["none", "full", "decorrelated"]);

const retryFields = {
  /** Counts the first attempt. */
  attempts: z.int().min(1).max(1000),
  delayMs: z.number().min(0),
  backoff,
  jitter,
  maxDelayMs: z.number().min(0),
};

const retryPolicy = z.object({
  ...retryFields,
  /** The sum of all delays of one step may not exceed this; the next failure is then the last. */
  budgetMs: z.number().min(0).optional(),
  /** Fields that differ for failures of one category. */
  on: z.partialRecord(errorCategory, z.object(retryFields).partial()).optional(),
});
export type RetryPolicy = z.infer<typeof retryPolicy>;

const toolCall = z.object({
  tool: z.string(),
  /** The tool's version when the plan was drafted. */
  version: z.string(),
  with: jsonObject.optional(),
  idempotent: z.boolean(),
  timeoutMs: z.number().positive(),
});
export type ToolCall = z.infer<typeof toolCall>;

const alternative = z.union([toolCall, z.object({ value: json })]);
export type Alternative = z.infer<typeof alternative>;

const stepFields = {
  id: stepId,
  /** Ids of all steps that this one depends on: every reference in its templates, and what `needs` adds. */
  needs: z.array(stepId),
  join: z.enum(["all", "any"]).default("all"),
  when: z.string().optional(),
  /** Bounds the step from the moment it is ready, with all attempts and waits. */
  deadlineMs: z.number().positive().optional(),
  fallback: z.array(alternative).default([]),
  estimateMs: z.number().min(0).optional(),
  description: z.string().optional(),
};

const toolStep = z.object({
  kind: z.literal("tool"),
  ...stepFields,
  call: toolCall,
  retry: retryPolicy,
  unknown: z.enum(["ask", "retry"]).default("ask"),
});
const valueStep = z.object({ kind: z.literal("value"), ...stepFields, value: json });
const waitStep = z.object({
  kind: z.literal("wait"),
  ...stepFields,
  /** Milliseconds to wait, or a template that gives a timestamp (RFC 3339) or milliseconds since the epoch. */
  wait: z.union([z.object({ forMs: z.number().min(0) }), z.object({ until: z.string() })]),
});

const stepDefinition = z.discriminatedUnion("kind", [toolStep, valueStep, waitStep]);
export type StepDefinition = z.infer<typeof stepDefinition>;
export type ToolStep = z.infer<typeof toolStep>;
export type ValueStep = z.infer<typeof valueStep>;
export type WaitStep = z.infer<typeof waitStep>;

const inputDefinition = z.object({
  /** JSON Schema of the value. */
  schema: jsonObject,
  default: json.optional(),
  description: z.string().optional(),
});

export const planDefinition = z.object({
  name: z.string().min(1).max(200),
  version: z.string().default("0.0.0"),
  description: z.string().optional(),
  inputs: z.record(z.string(), inputDefinition).default({}),
  steps: z.array(stepDefinition).min(1).max(MAX_STEPS_PER_PLAN),
  outputs: z.record(z.string(), json).optional(),
  respond: json.optional(),
  onFailure: z.enum(["stop", "continue"]).default("stop"),
  deadlineMs: z.number().positive().optional(),
});
export type PlanDefinition = z.infer<typeof planDefinition>;
