import type { Fact } from "#events/catalog.ts";
import type { PlanStateName } from "#machines/plan-chart.ts";

// The view `plans`: one row a plan, from the facts about plans alone, so that keeping it costs nothing per step.

export interface PlanRow {
  readonly name: string;
  readonly status: PlanStateName;
  readonly steps: number;
  readonly draftedAt: number;
  readonly startedAt?: number;
  readonly endedAt?: number;
  /** Why it failed, in a sentence. */
  readonly error?: string;
}

export const PLANS_VIEW = { name: "plans", version: 1 } as const;

/** Rows tagged `live` may still change by themselves; the others only by late reports. */
export type PlanTag = "live" | "ended";

export function tagOf(row: PlanRow): PlanTag {
  return row.status === "succeeded" || row.status === "failed" || row.status === "cancelled" ? "ended" : "live";
}

/** The row after a fact; the same object where the fact does not concern it. */
export function evolvePlanRow(row: PlanRow | undefined, fact: Fact, at: number): PlanRow | undefined {
  if (fact.type === "PlanDrafted") {
    const { name, steps } = fact.data;
    return { name, steps, status: "drafted", draftedAt: row?.draftedAt ?? at };
  }
  if (row === undefined) return undefined;
  if (fact.type === "PlanStarted") return { ...row, status: "running", startedAt: at };
  if (fact.type === "PlanCancelRequested") return { ...row, status: "cancelling" };
  if (fact.type === "PlanCancelled") return { ...row, status: "cancelled", endedAt: at };
  if (fact.type === "PlanSucceeded") return { ...row, status: "succeeded", endedAt: at };
  return fact.type === "PlanFailed" ? { ...row, status: "failed", endedAt: at, error: fact.data.error.message } : row;
}
