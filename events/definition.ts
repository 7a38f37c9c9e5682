import { z } from "zod";
import { errorCategory } from "#events/errors.ts";
import { json, jsonObject } from "#events/json.ts";

// A plan as data, in the normal form that facts carry: every default that depends on a tool or on configuration is
// filled in when the plan is drafted, so that replay needs neither the registry nor today's defaults. Templates
// (`with`, `value`, `when`, `outputs`, `respond`) stay text; whoever runs the plan compiles them.

export const MAX_STEPS_PER_PLAN = 100_000;

export const DEFAULT_TIMEOUT_MS = 5 * 60_000;
export const DEFAULT_IDEMPOTENT_ATTEMPTS = 3;
export const DEFAULT_EACH_CONCURRENCY = 16;
export const MAX_ITERATIONS = 10_000;
export const MAX_PRIORITY = 1000;
/** How many people one question may want. */
export const MAX_APPROVERS = 20;
/** How deep blocks may stand inside each other, called plans included. */
export const MAX_DEPTH = 8;

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

/** Where a tool runs when it does not run in the executor's own loop. */
export const isolation = z.enum(["thread", "process"]);
export type Isolation = z.infer<typeof isolation>;

const toolCall = z.object({
  tool: z.string(),
  /** The tool's version when the plan was drafted. */
  version: z.string(),
  with: jsonObject.optional(),
  idempotent: z.boolean(),
  timeoutMs: z.number().positive(),
  isolate: isolation.optional(),
});
export type ToolCall = z.infer<typeof toolCall>;

/** Categories of the failure that it is for. Default: any. */
const on = z.array(errorCategory).min(1).optional();
const alternative = z.union([toolCall.extend({ on }), z.object({ value: json, on })]);
export type Alternative = z.infer<typeof alternative>;

/** `first`: satisfied by so many successes; what is then still under way, and needed by nothing else, is cancelled. */
const join = z.union([z.enum(["all", "any"]), z.object({ first: z.int().min(1) })]);
export type Join = z.infer<typeof join>;

const stepFields = {
  id: stepId,
  /** Ids of all steps that this one depends on: every reference in its templates, and what `needs` adds. */
  needs: z.array(stepId),
  join: join.default("all"),
  when: z.string().optional(),
  /** Bounds the step from the moment it is ready, with all attempts and waits. */
  deadlineMs: z.number().positive().optional(),
  fallback: z.array(alternative).default([]),
  estimateMs: z.number().min(0).optional(),
  description: z.string().optional(),
  /** Of ready steps the one with the higher number starts first, 0 by default; steps inside another one have its number or their own. */
  priority: z.int().min(-MAX_PRIORITY).max(MAX_PRIORITY).optional(),
};

/** Who answers for an outcome that is unknown: a person, another run, a tool that looks, or the call that takes it back. */
const unknownPolicy = z.union([
  z.enum(["ask", "retry", "undo"]),
  z.object({
    verify: toolCall,
    /** Condition over `output`, the verifying tool's: the effect has happened. */
    done: z.string(),
    /** Template over `output` that gives the step's output where it has happened. */
    output: json,
  }),
]);

const toolStep = z.object({
  kind: z.literal("tool"),
  ...stepFields,
  call: toolCall,
  retry: retryPolicy,
  unknown: unknownPolicy.default("ask"),
  /** Takes the step back. Its arguments may read `output`, which is null where the outcome is unknown. */
  undo: z.object({ call: toolCall, retry: retryPolicy }).optional(),
  /** Has effects that nothing takes back. */
  irreversible: z.boolean().optional(),
  /** Its output holds how the plan goes on (`restOfPlan`), and its success revises the plan. Only among a plan's own steps. */
  revises: z.boolean().optional(),
  pool: z.string().optional(),
  /** JSON Schema of what the step's own tool has to give: what does not fit it is a failure of the attempt. */
  returns: jsonObject.optional(),
  /**
   * JSON Schema of what the step gives, where a fallback may give something else: what reads the step was checked
   * against it, so that a fallback which does not fit it fails.
   */
  fits: jsonObject.optional(),
  /** Template of a concurrency key: attempts of equal keys count together against the key's limit. */
  key: z.string().optional(),
  /** Amounts of named resources that an attempt holds. */
  uses: z.record(z.string(), z.number().positive()).optional(),
});
const valueStep = z.object({ kind: z.literal("value"), ...stepFields, value: json });
const waitStep = z.object({
  kind: z.literal("wait"),
  ...stepFields,
  /** Milliseconds to wait, or a template that gives a timestamp (RFC 3339) or milliseconds since the epoch. */
  wait: z.union([z.object({ forMs: z.number().min(0) }), z.object({ until: z.string() })]),
});
/** Waits for a signal of this name; what the signal brings is the step's output. The name may be a template. */
const signalStep = z.object({ kind: z.literal("signal"), ...stepFields, signal: z.string() });
const approveStep = z.object({
  kind: z.literal("approve"),
  ...stepFields,
  role: z.string().optional(),
  /** How many different people have to approve; 1 where nothing is said. */
  approvers: z.int().min(1).max(MAX_APPROVERS).optional(),
  /** Template of what is put before whoever decides. */
  show: json.optional(),
  expiresMs: z.number().positive().optional(),
});

/** Steps inside a step; they read what their surroundings read, and nothing outside reads them. */
const block = z.object({
  get steps(): z.ZodArray<z.ZodType<StepDefinition>> {
    return z.array(stepDefinition).min(1).max(MAX_STEPS_PER_PLAN);
  },
  /** Template of what the block gives; null without. */
  output: json.optional(),
});

const eachStep = z.object({
  kind: z.literal("each"),
  ...stepFields,
  /** A list, or the template of one. */
  items: json,
  /** What expressions inside call the item; they call its number, from 0, `index`. */
  as: z.string(),
  body: block,
  concurrency: z.int().min(1).default(DEFAULT_EACH_CONCURRENCY),
  /** Items that may fail: so many, or this share of all. */
  tolerate: z.union([z.object({ count: z.int().min(0) }), z.object({ share: z.number().min(0).max(1) })]),
});
/** The body again and again until the condition holds. Inside, `index` counts from 0 and `previous` is the last output. */
const repeatStep = z.object({
  kind: z.literal("repeat"),
  ...stepFields,
  body: block,
  /** Condition over `output`, the iteration's, and `index`. */
  until: z.string(),
  max: z.int().min(1).max(MAX_ITERATIONS),
});
/** Another plan inside this one. */
const callStep = z.object({
  kind: z.literal("call"),
  ...stepFields,
  /** Key of the plan's `calls`. */
  plan: z.string(),
  with: jsonObject.optional(),
});

const simpleStep = z.discriminatedUnion("kind", [toolStep, valueStep, waitStep, signalStep, approveStep]);
const stepDefinition: z.ZodType<StepDefinition> = z.discriminatedUnion("kind", [
  ...simpleStep.options,
  eachStep,
  repeatStep,
  callStep,
]);
export type ToolStep = z.infer<typeof toolStep>;
export type ValueStep = z.infer<typeof valueStep>;
export type WaitStep = z.infer<typeof waitStep>;
export type SignalStep = z.infer<typeof signalStep>;
export type ApproveStep = z.infer<typeof approveStep>;
export type EachStep = z.infer<typeof eachStep>;
export type RepeatStep = z.infer<typeof repeatStep>;
export type CallStep = z.infer<typeof callStep>;
export type StepDefinition = z.infer<typeof simpleStep> | EachStep | RepeatStep | CallStep;

const inputDefinition = z.object({
  /** JSON Schema of the value. */
  schema: jsonObject,
  default: json.optional(),
  description: z.string().optional(),
});

const planFields = {
  name: z.string().min(1).max(200),
  version: z.string().default("0.0.0"),
  description: z.string().optional(),
  inputs: z.record(z.string(), inputDefinition).default({}),
  steps: z.array(stepDefinition).min(1).max(MAX_STEPS_PER_PLAN),
  outputs: z.record(z.string(), json).optional(),
  /** JSON Schemas of outputs, by name: where one does not fit its schema, or is not there, the plan fails. */
  returns: z.record(z.string(), jsonObject).optional(),
  respond: json.optional(),
  onFailure: z.enum(["stop", "continue", "rollback"]).default("stop"),
  deadlineMs: z.number().positive().optional(),
  /** While the plan is paused, deadlines and waits stand still. */
  pauseStopsClock: z.boolean().optional(),
};

export const calledPlan = z.object(planFields);
/** A plan that another one calls, as it was when the caller was drafted. */
export type CalledPlan = z.infer<typeof calledPlan>;

/** How often a plan is replanned at most where it does not say otherwise, and may say. */
export const DEFAULT_REPLANS = 3;
export const MAX_REPLANS = 20;

const replan = z.object({
  call: toolCall,
  retry: retryPolicy,
  max: z.int().min(1).max(MAX_REPLANS).default(DEFAULT_REPLANS),
});
export type Replan = z.infer<typeof replan>;

export const planDefinition = z.object({
  ...planFields,
  /** What is called where steps failed for good, before the plan fails: its output says how the plan goes on instead. */
  replan: replan.optional(),
  /** Every plan that is called from here, also by those that are called, by `name@version`. */
  calls: z.record(z.string(), calledPlan).optional(),
});
export type PlanDefinition = z.infer<typeof planDefinition>;

/** How a plan goes on, as the output of a step that `revises` has it: what had not begun gives way to this. */
export const restOfPlan = z.object({
  steps: z.array(stepDefinition).max(MAX_STEPS_PER_PLAN),
  outputs: planFields.outputs,
  returns: planFields.returns,
  respond: planFields.respond,
  onFailure: planFields.onFailure.unwrap().optional(),
  /** From the plan's start. */
  deadlineMs: planFields.deadlineMs,
  calls: z.record(z.string(), calledPlan).optional(),
});
export type RestOfPlan = z.infer<typeof restOfPlan>;
