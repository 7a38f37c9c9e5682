import { z } from "zod";
import { check, commandLine } from "#src/implementation/checks/check.ts";
import { action } from "./action.ts";

// One change as a plan has it: the arguments of the step that makes it. All that people approve and that reports tell is in
// here, so that the facts of the plan are enough for both, and an approval is bound to it.

const MAX_ACTIONS = 500;
const MAX_GLOBS = 500;
const MAX_ALTERNATIVES = 20;
const MAX_TITLE_CHARS = 500;
const MAX_REASONS = 20;

const title = z.string().min(1).max(MAX_TITLE_CHARS);

export const RISKS = ["low", "medium", "high"] as const;
export const risk = z.enum(RISKS);
export type Risk = z.output<typeof risk>;

/** Three points (PERT: Malcolm et al., 1959), in ms. */
export const threePoints = z
  .strictObject({ optimisticMs: z.number().min(0), likelyMs: z.number().min(0), pessimisticMs: z.number().min(0) })
  .refine((points) => points.optimisticMs <= points.likelyMs && points.likelyMs <= points.pessimisticMs, {
    error: "an estimate grows: optimistic, likely, pessimistic",
    params: { code: "estimate-unordered" },
  });
export type ThreePoints = z.output<typeof threePoints>;

/** 1 (trivial) to 5 (hard). */
export const difficulty = z.strictObject({
  level: z.int().min(1).max(5),
  reasons: z.array(title).max(MAX_REASONS),
});

/** Of the worktree in which a change is made. */
export const workplace = z.strictObject({
  link: z.array(z.string().min(1)).max(20).default([]).describe("ignored folders that are linked in: `node_modules`"),
  setup: commandLine.exactOptional().describe("run once before the first action"),
  environment: z.record(z.string(), z.string()).default({}).describe("added to the allow-listed environment"),
  maxFiles: z.int().positive().default(10_000).describe("that a change may touch"),
  maxBytes: z
    .int()
    .positive()
    .default(64 * 1024 * 1024)
    .describe("of all that it writes"),
});

const files = z.array(z.string().min(1)).min(1).max(MAX_GLOBS).describe("patterns of all that it may touch");
const actions = z.array(action).min(1).max(MAX_ACTIONS);

/** Another way to the same: what it does not say is as in the change. */
const alternative = z.strictObject({
  remedy: z.string().min(1),
  title: title.exactOptional(),
  files,
  actions,
  risk: risk.exactOptional(),
  difficulty: difficulty.exactOptional(),
  estimate: threePoints.exactOptional(),
  cost: z.number().min(0).exactOptional(),
  irreversible: z.boolean().exactOptional(),
  acceptance: check.exactOptional(),
});

export const change = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z][A-Za-z0-9_]*$/u)
    .describe("the step's id"),
  title,
  gap: z.string().min(1).describe("the requirement that it is for"),
  remedy: z.string().min(1).describe("the name of the remedy, the template or `model:NAME`"),
  weight: z.number().positive().describe("of the gap, for percent done"),
  priority: z.int(),
  risk,
  difficulty,
  estimate: threePoints,
  files,
  irreversible: z.boolean().default(false).describe("whether it does something outside that nothing takes back"),
  cost: z.number().min(0).default(0).describe("what it costs beside time, in the unit of the policies"),
  actions,
  acceptance: check.describe("decides whether it was done"),
  workplace: workplace.prefault({}),
  alternatives: z
    .array(alternative)
    .max(MAX_ALTERNATIVES)
    .exactOptional()
    .describe("what is done instead where this fails, the best first"),
});
export type Change = z.output<typeof change>;
