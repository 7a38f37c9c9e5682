import { z } from "zod";
import { isolation } from "#events/definition.ts";
import { errorInfo } from "#events/errors.ts";
import { executorId } from "#events/ids.ts";
import { listPart, payload } from "#events/payload.ts";

// Facts about one step. Each carries what was decided, so that replay needs no policy code, no registry and no clock.
// The hazard that each field is for stands in src/decisions/0002-facts.md.

const attempt = { step: z.string(), attempt: z.int().min(1) };
const fenced = { epoch: z.int().min(0), edition: z.int().min(1) };

/** What follows a failed attempt. `dueAt` is milliseconds since the epoch; `index` counts the step's fallbacks from 0. */
export const next = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("retry"), dueAt: z.number(), delayMs: z.number() }),
  z.object({ kind: z.literal("fallback"), index: z.int().min(0) }),
  z.object({ kind: z.literal("unknown"), policy: z.enum(["ask", "verify", "undo"]) }),
  z.object({ kind: z.literal("final") }),
  /** The step had been given up: how its attempt ended is no failure of the plan. */
  z.object({ kind: z.literal("cancelled") }),
]);
export type Next = z.infer<typeof next>;

export const stepDispatched = z.object({
  ...attempt,
  ...fenced,
  /** -1 for the step's own call, else the index of the fallback. */
  alternative: z.int().min(-1),
  tool: z.string(),
  toolVersion: z.string(),
  executor: executorId,
  args: payload,
  /** Content hash of tool, version and resolved arguments. */
  argsHash: z.string(),
  idempotent: z.boolean(),
  timeoutMs: z.number().positive(),
  /** Where the call runs, if not in the loop of its executor. */
  isolate: isolation.optional(),
  /** Leases on resources and pools that the dispatch cites. */
  tokens: z.array(z.string()).optional(),
  /** Path of the step that this call takes back. */
  undoes: z.string().optional(),
  estimateMs: z.number().optional(),
});

export const stepSucceeded = z.object({
  step: z.string(),
  /** 0 where no attempt was needed: a value step, or a fallback that is a value. */
  attempt: z.int().min(0),
  output: payload,
  /** The call that takes this back, recorded for rollback. */
  undo: z.object({ tool: z.string(), version: z.string(), args: payload }).optional(),
  /** Of a step that tolerates failed items: a list of `{index, category, code, message}`. */
  errors: payload.optional(),
  durationMs: z.number().optional(),
});

export const stepFailed = z.object({
  step: z.string(),
  /** 0 where the step failed before any attempt: an expression without a value. */
  attempt: z.int().min(0),
  error: errorInfo,
  next,
  /** What ran the tool is gone: nobody knows whether the attempt had its effect. */
  isSilent: z.boolean().optional(),
  durationMs: z.number().optional(),
});

export const stepTimedOut = z.object({
  step: z.string(),
  attempt: z.int().min(0),
  /** Which bound passed: that of the attempt, or the deadline of the step. */
  bound: z.enum(["attempt", "deadline"]),
  next,
});

export const stepLost = z.object({ ...attempt, executor: executorId, next });

export const stepLateReported = z.object({
  ...attempt,
  executor: executorId,
  outcome: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("succeeded"), output: payload }),
    z.object({ kind: z.literal("failed"), error: errorInfo }),
    z.object({ kind: z.literal("cancelled") }),
  ]),
  /** The success counts as the step's outcome: no newer attempt had been dispatched. */
  adopted: z.boolean(),
  /** A success that was not adopted leaves an effect that nobody asked for any more. */
  undoDue: z.boolean(),
});

export const stepSkipped = z.object({
  step: z.string(),
  reason: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("when") }),
    z.object({ kind: z.literal("need"), step: z.string() }),
  ]),
});

/** Members from..to of a step are open: items of an `each`, an iteration of a `repeat`, the plan of a `call`. */
export const stepExpanded = z.object({
  step: z.string(),
  from: z.int().min(0),
  to: z.int().min(1),
  /** Members that there will be, at most; with the first window. */
  total: z.int().min(1).optional(),
  items: payload.optional(),
  /** Of a called plan. */
  inputs: payload.optional(),
  /** What the iteration before gave. */
  previous: payload.optional(),
  /** Members that begin only when all before them have ended. */
  barriers: z.array(z.int().min(1)).optional(),
  /** The attempt of unknown outcome that the member is to answer. */
  answers: z.int().min(1).optional(),
});

/** Members from..to have ended and leave memory; this is what stays of them. */
export const stepWindowClosed = z.object({
  step: z.string(),
  from: z.int().min(0),
  to: z.int().min(1),
  outputs: z.array(listPart),
  /** Of members that failed, as in StepSucceeded. */
  errors: listPart.optional(),
  /** The undo calls of the steps inside, as `{step, tool, version, args}`, in layers: one may run when that before it has. */
  undo: z.array(z.array(listPart)).optional(),
});

/** What somebody is asked to approve: steps, each as it was when the question was put. */
const approval = z.object({
  /** Of all that is covered and shown: an answer names it, so that nobody approves what has changed meanwhile. */
  hash: z.string(),
  covers: z.array(z.object({ step: z.string(), hash: z.string() })),
  show: payload.optional(),
  role: z.string().optional(),
  /** How many different people have to approve; 1 where nothing is said. */
  approvers: z.int().min(1).optional(),
});
export type Approval = z.infer<typeof approval>;

/**
 * The step waits: for a time, for a signal, or for an approval; with a time as well, for that at the longest. Of a step
 * that waits already: its question is put anew, because a revision has changed what it covers.
 */
export const stepWaitStarted = z.object({
  step: z.string(),
  dueAt: z.number().optional(),
  signal: z.string().optional(),
  approval: approval.optional(),
});

/** Somebody's word on a question that stays open with it; the last word of each person counts. */
export const stepReviewed = z.object({
  step: z.string(),
  /** Of the question, as whoever speaks has seen it. */
  hash: z.string(),
  /** Authenticated principal. */
  by: z.string(),
  /** `changes-requested`: nothing of this hash is approved until that is taken back; `withdrawn`: nothing was said. */
  verdict: z.enum(["approved", "changes-requested", "withdrawn"]),
  note: z.string().optional(),
});

export const stepWaitEnded = z.object({
  step: z.string(),
  /** What a signal brought, or who approved; null without. */
  output: payload.optional(),
  /** Number of the signal that has been taken. */
  signal: z.int().min(1).optional(),
  /** The wait was for leave to start: the step does so now, or asks the next of several roles. */
  starts: z.boolean().optional(),
});

/** The step is not wanted any more: it does not start, or is told to stop. */
export const stepCancelRequested = z.object({
  step: z.string(),
  /** Path of the step that has all it waited for without this one. */
  because: z.string(),
});

export const stepCancelled = z.object({
  step: z.string(),
  /** 0 for a step with steps inside: the last of them has answered. */
  attempt: z.int().min(0),
});

export const stepOutcomeResolved = z.object({
  ...attempt,
  resolution: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("done"), output: payload }),
    z.object({ kind: z.literal("retry"), dueAt: z.number() }),
    z.object({ kind: z.literal("fail"), error: errorInfo }),
    /** The plan's policy has found no answer: a person is asked. */
    z.object({ kind: z.literal("ask") }),
  ]),
});

/** A person decides what a step comes to, instead of running it. */
export const stepOutcomeGiven = z.object({
  step: z.string(),
  outcome: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("done"), output: payload }),
    z.object({ kind: z.literal("skipped") }),
  ]),
  note: z.string().optional(),
});
