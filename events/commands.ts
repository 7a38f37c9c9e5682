import { z } from "zod";
import { planDefinition } from "#events/definition.ts";
import { errorInfo } from "#events/errors.ts";
import { executorId } from "#events/ids.ts";
import { jsonObject } from "#events/json.ts";
import { payload } from "#events/payload.ts";

// What somebody asks of a plan. A command may be refused; what it leads to is a fact. Doors check a command against its
// schema before it reaches a mailbox.

export const startPlan = z.object({
  type: z.literal("StartPlan"),
  definition: planDefinition,
  /** Values by name, checked against the definition's inputs and completed with their defaults. */
  inputs: jsonObject,
});

export const cancelPlan = z.object({ type: z.literal("CancelPlan"), note: z.string().max(1000).optional() });

/** How an attempt ended, as its executor says. */
export const attemptOutcome = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("succeeded"), output: payload }),
  z.object({ kind: z.literal("failed"), error: errorInfo }),
  /** The tool did not answer within its timeout, and may still have an effect. */
  z.object({ kind: z.literal("timed-out") }),
  /** The tool was told to stop and did. */
  z.object({ kind: z.literal("cancelled") }),
]);
export type AttemptOutcome = z.infer<typeof attemptOutcome>;

export const reportAttempt = z.object({
  type: z.literal("ReportAttempt"),
  step: z.string(),
  attempt: z.int().min(1),
  executor: executorId,
  outcome: attemptOutcome,
  durationMs: z.number().optional(),
});

/** The executor of an attempt is gone: it will never answer, or only late. */
export const loseAttempt = z.object({
  type: z.literal("LoseAttempt"),
  step: z.string(),
  attempt: z.int().min(1),
  executor: executorId,
});

/** A person's answer to an outcome that is unknown. */
export const resolveOutcome = z.object({
  type: z.literal("ResolveOutcome"),
  step: z.string(),
  resolution: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("done"), output: payload }),
    z.object({ kind: z.literal("retry") }),
    z.object({ kind: z.literal("fail"), note: z.string().max(1000).optional() }),
  ]),
});

export const command = z.discriminatedUnion("type", [startPlan, cancelPlan, reportAttempt, loseAttempt, resolveOutcome]);
export type Command = z.infer<typeof command>;
export type CommandOf<T extends Command["type"]> = Extract<Command, { type: T }>;
