import { z } from "zod";
import {
  backoff,
  DEFAULT_EACH_CONCURRENCY,
  isolation,
  jitter,
  MAX_APPROVERS,
  MAX_ITERATIONS,
  MAX_PRIORITY,
} from "#events/definition.ts";
import type { Isolation } from "#events/definition.ts";
import { ERROR_CATEGORIES, errorCategory, type ErrorCategory } from "#events/errors.ts";
import { isJsonObject, json, jsonObject } from "#events/json.ts";
import type { Json, JsonObject } from "#events/json.ts";
import { nearestName } from "#machines/expressions/nearest-name.ts";
import { parseDuration, DURATION } from "./duration.ts";
import type { Remark } from "./finding.ts";

// The shape of a plan as it is written, with its abbreviations; the normal form that facts carry is another one
// (events/definition.ts). What a default depends on a tool for is left open here.
//
// W1. Each schema gives the value that is meant (milliseconds for `10s`), so that no rule reads an abbreviation again.
// W2. A refusal has its code and suggestion in the issue's `params`; the words and types have theirs in structure.ts.
// W3. What zod cannot say as JSON Schema is said beside it, as metadata; plan-schema.ts makes the shipped schema of both.

/** Refuses with a code of its own; `shape` is the JSON Schema of what it accepts. */
function custom<T>(read: (value: unknown) => { value: T } | Remark, shape: JsonObject) {
  const schema = z.unknown().transform((value, context): T => {
    const result = read(value);
    if ("value" in result) return result.value;
    // Where a value may have one of several forms most refusals are of forms that are not meant, and nobody reads them.
    const params = {
      code: result.code,
      get suggestion() {
        return result.suggestion;
      },
    };
    context.issues.push({ code: "custom", input: value, message: result.message, params });
    return z.NEVER;
  });
  return schema.meta({ ...shape });
}

export const mapping = jsonObject.meta({ type: "object" });
export const defined = (name: string) => jsonObject.meta({ $ref: `#/$defs/${name}` });

function readDuration(value: unknown): { value: number } | Remark {
  const ms = typeof value === "string" ? parseDuration(value) : undefined;
  if (ms !== undefined) return { value: ms };
  const message = "a duration is a number and a unit (ms, s, m, h or d), such as 500ms, 10s or 2d";
  const suggestion = typeof value === "number" && value > 0 ? `${value}s` : undefined;
  return { code: "bad-duration", message, suggestion };
}

const DURATION_SHAPE = { type: "string", pattern: DURATION.source };
const duration = custom(readDuration, DURATION_SHAPE);

export const bound = custom(
  (value) => {
    const read = readDuration(value);
    return "value" in read && read.value <= 0 ? { code: "bad-duration", message: "this must be above 0" } : read;
  },
  { ...DURATION_SHAPE, not: { pattern: "^[0.]+[a-z]+$" } },
);

/** One of the words. */
export function choice<const Words extends readonly string[]>(words: Words) {
  return custom<Words[number]>(
    (value) => {
      const named = isJsonObject(value) ? (Object.keys(value)[0] ?? "") : String(value);
      const word = words.find((candidate) => candidate === value);
      if (word !== undefined) return { value: word };
      return {
        code: "bad-word",
        message: `${words.join(" or ")} is wanted here`,
        get suggestion() {
          return nearestName(named, words);
        },
      };
    },
    { enum: words },
  );
}

const retryFields = {
  delay: duration.exactOptional(),
  backoff: choice(backoff.options).exactOptional(),
  jitter: choice(jitter.options).exactOptional(),
  maxDelay: duration.exactOptional(),
};
const attempts = z.int().min(1).max(1000);

const retryOn = z.strictObject({ attempts: attempts.exactOptional(), ...retryFields }).meta({ id: "retryOn" });
export const retry = z
  .preprocess(
    (value) => (typeof value === "number" ? { attempts: value } : value),
    z.strictObject({
      attempts: attempts.exactOptional(),
      ...retryFields,
      budget: duration.exactOptional(),
      on: z.partialRecord(errorCategory, retryOn).exactOptional(),
    }),
  )
  .meta({ id: "retry", abbreviation: { type: "integer", minimum: 1, maximum: 1000 } });
export type RetrySource = z.infer<typeof retry>;

/** A word that does not exist has been refused by now, and explains why the form is not right. */
function malformed(context: z.core.ParsePayload, { code, message }: Remark): never {
  if (context.issues.length === 0) {
    context.issues.push({ code: "custom", input: context.value, message, params: { code } });
  }
  return z.NEVER;
}

export const toolFields = {
  tool: z.string(),
  with: mapping.exactOptional(),
  timeout: bound.exactOptional(),
  idempotent: z.boolean().exactOptional(),
  isolate: choice(isolation.options).exactOptional(),
};

export type FallbackSource = (ToolCallSource | { readonly value: Json }) & { readonly on?: readonly ErrorCategory[] };
export interface ToolCallSource {
  readonly tool: string;
  readonly with?: JsonObject;
  readonly timeout?: number;
  readonly idempotent?: boolean;
  readonly isolate?: Isolation;
}

const fallback = z
  .strictObject({
    ...toolFields,
    tool: z.string().exactOptional(),
    value: json.exactOptional(),
    on: z.array(choice(ERROR_CATEGORIES)).min(1).exactOptional(),
  })
  .transform(({ tool, value, on, ...call }, context): FallbackSource => {
    const after = on === undefined ? {} : { on };
    if (tool !== undefined && value === undefined) return { tool, ...call, ...after };
    if (tool === undefined && value !== undefined && Object.keys(call).length === 0) return { value, ...after };
    return malformed(context, { code: "bad-fallback", message: "a fallback is a tool with its arguments, or a value" });
  })
  .meta({
    id: "fallback",
    oneOf: [
      { required: ["tool"], not: { required: ["value"] } },
      { required: ["value"], propertyNames: { enum: ["value", "on"] } },
    ],
  });

const join = custom<"all" | "any" | { first: number }>(
  (value) => {
    if (value === "all" || value === "any") return { value };
    const first = isJsonObject(value) && Object.keys(value).length === 1 ? value.first : undefined;
    if (typeof first === "number" && Number.isInteger(first) && first >= 1) return { value: { first } };
    const suggestion = typeof value === "string" ? nearestName(value, ["all", "any"]) : undefined;
    return { code: "bad-join", message: "this is all, any, or {first: n} for the first n successes", suggestion };
  },
  { anyOf: [{ enum: ["all", "any"] }, { $ref: "#/$defs/join" }] },
);

const condition = custom<string>(
  (value) => {
    if (typeof value === "string") return { value };
    if (typeof value === "boolean") return { value: `\${${value}}` };
    return { code: "wrong-type", message: "a condition is an expression: ${…}" };
  },
  { type: ["string", "boolean"] },
);

const stepFields = {
  description: z.string().exactOptional(),
  needs: z.array(z.string()).default([]),
  join: join.default("all"),
  when: condition.exactOptional(),
  deadline: bound.exactOptional(),
  fallback: z.array(fallback).default([]),
  estimate: duration.exactOptional(),
  priority: z.int().min(-MAX_PRIORITY).max(MAX_PRIORITY).exactOptional(),
};

/** The mapping comes first in its union: what is wrong in one is said of its words (structure.ts). */
const verify = z
  .strictObject({
    verify: z.strictObject(toolFields).omit({ idempotent: true }).meta({ id: "verify" }),
    done: condition,
    output: json.default("${output}"),
  })
  .meta({ id: "unknown" });

export const toolStepSource = z.strictObject({
  ...toolFields,
  retry: retry.exactOptional(),
  unknown: z.union([verify, choice(["ask", "retry", "undo"])]).default("ask"),
  pool: z.string().min(1).exactOptional(),
  key: z.string().min(1).exactOptional(),
  uses: z.record(z.string().min(1), z.number().positive()).exactOptional(),
  undo: z
    .strictObject({ ...toolFields, retry: retry.exactOptional() })
    .meta({ id: "undo" })
    .exactOptional(),
  irreversible: z.boolean().exactOptional(),
  revises: z.boolean().exactOptional(),
  returns: defined("schema").exactOptional(),
  ...stepFields,
});
export type ToolStepSource = z.infer<typeof toolStepSource>;

export const valueStepSource = z.strictObject({ value: json, ...stepFields });
export type ValueStepSource = z.infer<typeof valueStepSource>;

const wait = z
  .preprocess(
    (value) => (isJsonObject(value) ? value : { for: value }),
    z
      .strictObject({ for: duration.exactOptional(), until: z.string().exactOptional() })
      .transform((source, context): { forMs: number } | { until: string } => {
        if (source.for !== undefined && source.until === undefined) return { forMs: source.for };
        if (source.until !== undefined && source.for === undefined) return { until: source.until };
        return malformed(context, { code: "bad-wait", message: "a wait is a duration, or {until: …} with a time" });
      }),
  )
  .meta({
    id: "waiting",
    oneOf: [{ required: ["for"] }, { required: ["until"] }],
    abbreviation: DURATION_SHAPE,
  });

export const waitStepSource = z.strictObject({ wait, ...stepFields });
export type WaitStepSource = z.infer<typeof waitStepSource>;

const RESERVED: readonly string[] = ["inputs", "steps", "index", "output", "previous"];
const NAME = /^[a-z][A-Za-z0-9_]*$/;

const name = custom<string>(
  (value) => {
    if (typeof value === "string" && NAME.test(value) && !RESERVED.includes(value)) return { value };
    return {
      code: "bad-name",
      message: "a name is a lower-case letter, then letters, digits or _; not inputs or steps",
    };
  },
  { type: "string", pattern: NAME.source, not: { enum: RESERVED } },
);

/** At most 100. */
const PERCENT = "^(0?\\d{1,2}(\\.\\d+)?|100(\\.0+)?)%$";

/** So many items, or a share of all of them, such as `10%`. */
const tolerate = custom<{ count: number } | { share: number }>(
  (value) => {
    if (typeof value === "number" && Number.isInteger(value) && value >= 0) return { value: { count: value } };
    const percent = typeof value === "string" ? /^(\d{1,3}(?:\.\d+)?)%$/.exec(value)?.[1] : undefined;
    if (percent !== undefined && Number(percent) <= 100) return { value: { share: Number(percent) / 100 } };
    return { code: "bad-tolerate", message: "this is a number of items, or a share of all such as 10%" };
  },
  {
    anyOf: [
      { type: "integer", minimum: 0 },
      { type: "string", pattern: PERCENT },
    ],
  },
);

export const eachStepSource = z.strictObject({
  each: json,
  as: name.default("item"),
  do: defined("body"),
  concurrency: z.int().min(1).default(DEFAULT_EACH_CONCURRENCY),
  tolerate: tolerate.default({ count: 0 }),
  ...stepFields,
});
export type EachStepSource = z.infer<typeof eachStepSource>;

export const repeatStepSource = z
  .strictObject({
    repeat: defined("body"),
    until: condition,
    max: z.int().min(1).max(MAX_ITERATIONS).exactOptional(),
    ...stepFields,
  })
  .transform(({ max, ...source }, context) => {
    if (max !== undefined) return { ...source, max };
    const message = "a repeat without an end: say how often at most by max";
    return malformed(context, { code: "repeat-without-max", message });
  })
  .meta({ required: ["repeat", "until", "max"] });
export type RepeatStepSource = z.infer<typeof repeatStepSource>;

export const blockSource = z.strictObject({ steps: defined("steps"), output: json.exactOptional() });

export const callStepSource = z.strictObject({
  call: z.string().min(1),
  with: mapping.exactOptional(),
  ...stepFields,
});
export type CallStepSource = z.infer<typeof callStepSource>;

export const signalStepSource = z.strictObject({ signal: z.string().min(1), ...stepFields });
export type SignalStepSource = z.infer<typeof signalStepSource>;

export const approveStepSource = z.strictObject({
  approve: z
    .strictObject({
      role: z.string().min(1).exactOptional(),
      approvers: z.int().min(1).max(MAX_APPROVERS).exactOptional(),
      show: json.exactOptional(),
      expires: bound.exactOptional(),
    })
    .meta({ id: "question" }),
  ...stepFields,
});
export type ApproveStepSource = z.infer<typeof approveStepSource>;
