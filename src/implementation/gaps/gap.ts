import { z } from "zod";
import { codebaseOutline } from "#src/implementation/codebase/outline-shape.ts";
import { requirement } from "#src/implementation/requirements/requirement.ts";

// What an assessment found out: an answer for each requirement, and the gaps in the order in which they should be closed.
// It is the output of a plan, and what changes are planned from.

const evidence = z.strictObject({
  text: z.string().describe("a sentence for people"),
  path: z.string().exactOptional(),
  line: z.int().positive().exactOptional(),
});

/** What a check found. `broken` is neither yes nor no: it hung, was flaky, wrote files, or could not be asked. */
export const answer = z.strictObject({
  requirement: z.string(),
  verdict: z.enum(["met", "unmet", "broken"]),
  code: z.string().exactOptional().describe("why it is broken: `check-timeout`, `flaky-check`, `check-writes-files` …"),
  evidence: z.array(evidence),
  durationMs: z.number(),
  cached: z.boolean(),
});
export type Answer = z.output<typeof answer>;

const gap = z.strictObject({
  requirement,
  answer,
  /** Higher is sooner. */
  score: z.number(),
  reasons: z.array(z.string()).describe("what its rank comes from: weight, effort, risk, what it unblocks"),
  unblocks: z.array(z.string()).describe("unmet requirements that wait for it, directly or not"),
});
export type Gap = z.output<typeof gap>;

export const assessment = z.strictObject({
  requirements: z.string(),
  directory: z.string(),
  commit: z.string().nullable(),
  codebase: codebaseOutline.exactOptional().describe("what was assessed; assessments of earlier versions do not say"),
  answers: z.array(answer),
  gaps: z.array(gap).describe("the most urgent one first"),
});
export type Assessment = z.output<typeof assessment>;
