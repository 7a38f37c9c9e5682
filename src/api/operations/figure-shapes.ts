import { z } from "zod";
import { ERROR_CATEGORIES } from "#events/errors.ts";
import { CHANGE_SIZES } from "#projections/reference-class.ts";

// Figures as operations give them: what a plan has cost, how tools have done. Times are milliseconds.
// What a figure says and how it is counted stands with its select in projections/.

const count = z.int().min(0);

export const cost = z.object({
  attempts: count,
  repeated: count.describe("attempts after the first of their step"),
  workMs: z.number(),
  wastedMs: z.number().describe("of attempts that came to nothing"),
  undoMs: z.number().describe("of calls that took something back"),
  elapsedMs: z.number(),
  estimates: z.object({
    succeededMs: z.number(),
    tookMs: z.number(),
    remainingMs: z.number(),
    unestimated: count,
  }),
  tools: z.array(z.object({ tool: z.string(), attempts: count, wasted: count, workMs: z.number() })).readonly(),
  leftMemory: count.describe("members of steps that have left memory; at 0 the figures are whole"),
});

const latency = z.object({
  count,
  minMs: z.number(),
  meanMs: z.number(),
  p50Ms: z.number(),
  p90Ms: z.number(),
  p99Ms: z.number(),
  maxMs: z.number(),
});

export const toolReport = z.object({
  tool: z.string(),
  version: z.string(),
  attempts: count,
  inFlight: z.int(),
  succeeded: count,
  timedOut: count,
  lost: count,
  cancelled: count,
  failed: z.partialRecord(z.enum(ERROR_CATEGORIES), count).readonly(),
  followedBy: z.record(z.enum(["retry", "fallback", "unknown", "final", "cancelled"]), count).readonly(),
  successShare: z.number().exactOptional(),
  firstAt: z.number().exactOptional(),
  lastAt: z.number().exactOptional(),
  latency: latency.exactOptional().describe("of successes"),
  failureLatency: latency.exactOptional(),
});

const threePoints = z.object({ optimisticMs: z.number(), likelyMs: z.number(), pessimisticMs: z.number() });

export const classHistory = z.object({
  class: z.object({
    remedy: z.string().describe("empty where it is not known"),
    level: z.int().describe("difficulty from 1 to 5, 0 where it is not known"),
    size: z.enum(CHANGE_SIZES),
  }),
  finished: count,
  changes: z
    .array(z.object({ estimate: threePoints.nullable(), lines: z.number(), actualMs: z.number(), at: z.number() }))
    .readonly()
    .describe("the newest ones, at most 100"),
});
