import { createHash } from "node:crypto";
import path from "node:path";
import { z } from "zod";
import type { Repository } from "./repository.ts";

// Names under which git and we keep what belongs to a change of a plan.
//
// N1. Keys and ids are letters, digits, `_` and `-`: a ref or a folder of one is never that of another, nor leads anywhere else.

/** The same for a whole plan. */
export const planKey = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/u)
  .describe("key of the plan, for names of refs and folders");

export const changeId = z
  .string()
  .max(200)
  .regex(/^[a-z][A-Za-z0-9_]*$/u)
  .describe("the change's id");

export interface ChangeName {
  readonly plan: string;
  readonly change: string;
}

/** The commit that `change.make` made. */
export function madeRef({ plan, change }: ChangeName): string {
  return `refs/planwright/${plan}/${change}`;
}

/** The commit that it became in the branch. */
export function mergedRef(name: ChangeName): string {
  return `${madeRef(name)}.merged`;
}

/** Bytes that no commit has. */
export function extraRef(name: ChangeName): string {
  return `${madeRef(name)}.extra`;
}

/** Relative to the place of what we keep. */
export function recordFile({ plan, change }: ChangeName): string {
  return path.join("records", plan, `${change}.json`);
}

/** Folder of all of them, one of each plan's in it. */
export const WORKTREES = "worktrees";

export function worktreeOf({ place }: Pick<Repository, "place">, { plan, change }: ChangeName): string {
  return path.join(place, WORKTREES, plan, change);
}

/** Where versions are put that were not put in place. */
export function keptFolder({ place }: Pick<Repository, "place">, { plan, change }: ChangeName): string {
  return path.join(place, "kept", plan, change);
}

/** Of one attempt at one commit: the same attempt again finds, and takes away, what an earlier one has left. */
export function attemptId({ plan, change }: ChangeName, ...of: readonly string[]): string {
  return createHash("sha256")
    .update([plan, change, ...of].join("\n"))
    .digest("hex")
    .slice(0, 12);
}
