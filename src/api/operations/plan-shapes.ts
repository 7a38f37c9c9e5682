import { z } from "zod";
import { errorInfo } from "#events/errors.ts";
import { json } from "#events/json.ts";
import { PLAN_STATES } from "#machines/plan-chart.ts";
import { STEP_STATES } from "#machines/step-chart.ts";
import { openQuestion } from "#src/api/open-questions.ts";

// Plans and steps as operations give them: what the selects of projections/ say, as schemas that a document can show and
// that a client parses answers with. Moments are milliseconds since the epoch.

export const planReference = z
  .string()
  .min(1)
  .max(200)
  .describe("its id, the beginning or end of it (at least 4 characters, unambiguous), or `last` for the newest");

export const stepPath = z.string().min(1).max(4_096).describe("path of a step, e.g. `publish` or `notes/3/do`");

export const note = z.string().max(4_096).describe("why, for the history");

export const planStatus = z.enum(PLAN_STATES);
const stepState = z.enum(STEP_STATES);

export const planRow = z.object({
  plan: z.string(),
  name: z.string(),
  status: planStatus,
  steps: z.int(),
  draftedAt: z.number(),
  startedAt: z.number().exactOptional(),
  endedAt: z.number().exactOptional(),
  error: z.string().exactOptional(),
});

const keptSignal = z.object({
  number: z.int().describe("of the plan's signals, in the order in which they came"),
  name: z.string(),
  by: z.string().describe("the principal that sent it"),
  at: z.number(),
  expiresAt: z.number().exactOptional().describe("when it is forgotten; missing: never"),
});

export const planDetail = z.object({
  plan: z.string(),
  name: z.string(),
  status: planStatus,
  settled: z.boolean().describe("it has ended, or only a person can bring it further"),
  revision: z.int().describe("of the last fact that is included"),
  counts: z.record(stepState, z.int()),
  total: z.int(),
  ended: z.int().describe("steps that have ended"),
  startedAt: z.number(),
  durationMs: z.number(),
  unknown: z.array(z.string()).readonly().describe("steps of which nobody knows whether they had their effect"),
  signals: z
    .array(keptSignal)
    .readonly()
    .describe("signals that no step has taken so far, in the order in which they came"),
  awaited: z
    .array(
      z.object({
        step: z.string(),
        signal: z.string(),
        text: z.string().exactOptional(),
        questions: z.array(openQuestion).readonly().exactOptional(),
      }),
    )
    .readonly()
    .describe("steps that wait for a signal, with what the plan says of it, and what it asks"),
  response: json.exactOptional(),
  provenance: z
    .object({
      text: z.string(),
      sentences: z.array(z.object({ text: z.string(), steps: z.array(z.string()).readonly() })).readonly(),
    })
    .exactOptional()
    .describe("of a response that is text: its sentences, and the steps that each stands on"),
  outputs: json.exactOptional(),
  error: errorInfo.exactOptional(),
});

export const stepRow = z.object({
  step: z.string(),
  indent: z.int().describe("depth in the tree of steps, each below the deepest one that it needs"),
  kind: z.enum(["tool", "value", "wait", "each", "repeat", "call", "signal", "approve"]),
  state: stepState,
  attempt: z.int(),
  attempts: z.int().exactOptional(),
  tool: z.string().exactOptional(),
  fallback: z.int().exactOptional(),
  startedAt: z.number().exactOptional(),
  endedAt: z.number().exactOptional(),
  durationMs: z.number().exactOptional(),
  dueAt: z.number().exactOptional(),
  estimateMs: z.number().exactOptional(),
  members: z.object({ total: z.int(), begun: z.int(), ended: z.int(), failed: z.int() }).exactOptional(),
  error: errorInfo.exactOptional(),
});

export const timeline = z.object({
  startedAt: z.number(),
  endedAt: z.number().exactOptional(),
  widest: z.int().describe("most attempts that ran at one moment"),
  spans: z
    .array(
      z.object({
        step: z.string(),
        attempt: z.int(),
        tool: z.string(),
        fallback: z.int().exactOptional(),
        startedAt: z.number(),
        endedAt: z.number().exactOptional(),
        durationMs: z.number(),
        result: z.enum(["running", "succeeded", "failed", "timed-out", "lost", "cancelled"]),
      }),
    )
    .readonly(),
});

export const criticalPath = z.object({
  lengthMs: z.number(),
  remainingMs: z.number(),
  steps: z
    .array(
      z.object({
        step: z.string(),
        durationMs: z.number(),
        basis: z.enum(["measured", "running", "estimated", "unknown"]),
      }),
    )
    .readonly(),
});

const need = z.object({ step: z.string(), state: stepState });
const join = z.union([z.enum(["all", "any"]), z.object({ first: z.int() })]);

const shortage = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("no-executor") }),
  z.object({ kind: z.literal("no-tool"), tool: z.string() }),
  z.object({ kind: z.literal("no-pool"), pool: z.string() }),
  z.object({ kind: z.literal("no-slot"), slots: z.int(), used: z.int() }),
]);

const reason = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("needs"), join, open: z.array(need).readonly() }),
  z.object({
    kind: z.literal("slot"),
    sinceAt: z.number(),
    tool: z.string().exactOptional(),
    pool: z.string().exactOptional(),
    shortage: shortage.exactOptional().describe("why no executor takes it, where the answering process knows"),
  }),
  z.object({ kind: z.literal("retry"), dueAt: z.number(), attempt: z.int(), error: errorInfo.exactOptional() }),
  z.object({ kind: z.literal("timer"), dueAt: z.number() }),
  z.object({ kind: z.literal("signal"), name: z.string(), sinceAt: z.number() }),
  z.object({
    kind: z.literal("approval"),
    hash: z.string().describe("of the question; an answer names it"),
    sinceAt: z.number(),
    role: z.string().exactOptional().describe("whoever decides has it"),
    expiresAt: z.number().exactOptional(),
  }),
  z.object({ kind: z.literal("members"), total: z.int(), begun: z.int(), ended: z.int(), failed: z.int() }),
  z.object({ kind: z.literal("concurrency"), concurrency: z.int() }),
  z.object({
    kind: z.literal("running"),
    sinceAt: z.number(),
    attempt: z.int(),
    tool: z.string(),
    timeoutAt: z.number(),
  }),
  z.object({
    kind: z.literal("unknown-outcome"),
    attempt: z.int(),
    answeredBy: z.enum(["person", "tool"]),
    error: errorInfo.exactOptional(),
  }),
  z.object({ kind: z.literal("plan"), plan: planStatus, failed: z.array(z.string()).readonly() }),
  z.object({ kind: z.literal("skipped"), because: z.string() }),
  z.object({ kind: z.literal("ended"), state: stepState, at: z.number(), error: errorInfo.exactOptional() }),
]);

export const explanation = z.object({ step: z.string(), state: stepState, reason });

export const approvalRequest = z.object({
  step: z.string(),
  hash: z.string().describe("an answer names it, and so counts for what was shown"),
  role: z.string().exactOptional().describe("who may answer; missing: anybody"),
  show: json.exactOptional().describe("what is put before whoever decides"),
  covers: z.array(z.object({ step: z.string(), hash: z.string(), state: stepState })).readonly(),
  approvers: z.int().describe("how many different people have to approve"),
  reviews: z
    .array(
      z.object({
        by: z.string(),
        verdict: z.enum(["approved", "changes-requested", "withdrawn"]),
        at: z.number(),
        note: z.string().optional(),
      }),
    )
    .readonly()
    .describe("the last word of each person: approvals, and requests for changes that stand against them"),
  askedAt: z.number(),
  expiresAt: z.number().exactOptional(),
});

const due = { dueAt: z.number(), stands: z.boolean().describe("it does not come while the plan stands still") };
const dueStep = { ...due, step: z.string() };

export const timer = z.discriminatedUnion("kind", [
  z.object({ ...due, kind: z.literal("plan-deadline") }),
  z.object({ ...dueStep, kind: z.literal("step-deadline") }),
  z.object({ ...dueStep, kind: z.literal("attempt"), attempt: z.int(), tool: z.string() }),
  z.object({ ...dueStep, kind: z.literal("retry"), attempt: z.int() }),
  z.object({ ...dueStep, kind: z.literal("wait") }),
  z.object({ ...dueStep, kind: z.literal("approval"), hash: z.string() }),
  z.object({ ...due, kind: z.literal("signal"), name: z.string(), number: z.int() }),
]);

export const going = {
  goesOn: z.boolean().describe("the process that answers runs the plan; one that has not ended goes on with `resume`"),
  because: z
    .object({ code: z.string(), message: z.string() })
    .exactOptional()
    .describe("why it does not go on here, e.g. a tool that this process lacks"),
};

/** What became of something that was asked of a plan. */
export const acknowledged = z.object({
  plan: z.string(),
  name: z.string(),
  status: planStatus,
  revision: z.int(),
  changed: z.boolean().describe("false where it had been asked before and nothing was left to do"),
  ...going,
});
