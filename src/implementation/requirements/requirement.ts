import { z } from "zod";
import { action } from "#src/implementation/changes/action.ts";
import { difficulty, risk, workplace } from "#src/implementation/changes/change.ts";
import { check } from "#src/implementation/checks/check.ts";
import { approvalPolicy } from "./approval-policy.ts";

// The file of requirements, as it is read: what a system should be able to do, how a machine sees whether it is, and what is done where it
// is not. schemas/requirements.schema.json is made from this.

const MAX_REQUIREMENTS = 5_000;
const MAX_REMEDIES = 20;
const MAX_ACTIONS = 500;
const MAX_TEXT_CHARS = 4_000;

const id = z.string().regex(/^[a-z][A-Za-z0-9_-]*$/u);
const text = z.string().min(1).max(MAX_TEXT_CHARS);
const duration = z.string().describe("a number and a unit: 30s, 5m, 2h, 1d");

const remedy = z.strictObject({
  name: id,
  title: text.exactOptional(),
  needs: z.array(id).default([]).describe("requirements that have to be met before, beside those of the requirement"),
  files: z.array(text).default([]).describe("patterns of what it may touch (default: what its actions name)"),
  actions: z.array(action).max(MAX_ACTIONS).exactOptional(),
  template: text.exactOptional().describe("`name` or `name@range` of a template, in the place of actions"),
  with: z.record(z.string(), z.json()).exactOptional().describe("the template's parameters"),
  ask: text.exactOptional().describe("what a language model is asked to do, in the place of actions"),
  difficulty: difficulty.exactOptional(),
  estimate: z.strictObject({ optimistic: duration, likely: duration, pessimistic: duration }).exactOptional(),
  risk: risk.exactOptional(),
  cost: z.number().min(0).exactOptional(),
  irreversible: z.boolean().exactOptional(),
  acceptance: check.exactOptional().describe("default: the requirement's own check"),
});
export type Remedy = z.output<typeof remedy>;

export const requirement = z.strictObject({
  id,
  title: text,
  why: text.exactOptional(),
  weight: z.number().positive().default(1),
  risk: risk.default("low").describe("of leaving it as it is"),
  needs: z.array(id).default([]).describe("requirements that have to be met before this one can be"),
  check,
  remedies: z.array(remedy).max(MAX_REMEDIES).default([]).describe("the best one first"),
});
export type Requirement = z.output<typeof requirement>;

export const requirementsFile = z.strictObject({
  requirements: id.describe("their name"),
  title: text.exactOptional(),
  workplace: workplace.prefault({}),
  approvals: z.array(approvalPolicy).max(100).default([]),
  capabilities: z.array(requirement).min(1).max(MAX_REQUIREMENTS),
  $schema: z.string().exactOptional(),
});
export type RequirementsFile = z.output<typeof requirementsFile>;
