import { isPlanFact, type Fact, type PlanFact } from "#events/catalog.ts";
import type { PlanStateName } from "#machines/plan-chart.ts";

// The view `plans`: one row a plan, for whoever lists and searches them. It reads the facts about plans alone, so that
// keeping it costs nothing per step.

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

export const PLANS_VIEW = { name: "plans", version: 2 } as const;

/** Rows tagged `live` may still change by themselves; the others only by late reports. */
export type PlanTag = "live" | "ended";

export function tagOf({ status }: Pick<PlanRow, "status">): PlanTag {
  return ENDED.has(status) ? "ended" : "live";
}

const ENDED: ReadonlySet<PlanStateName> = new Set(["succeeded", "failed", "cancelled", "rolled-back"]);

/** What a plan is after a fact about it. */
const STATUS: { readonly [T in PlanFact["type"]]: PlanStateName | undefined } = {
  PlanDrafted: "drafted",
  PlanStarted: "running",
  PlanPaused: "paused",
  PlanResumed: "running",
  SignalReceived: undefined,
  SignalExpired: undefined,
  PlanCancelRequested: "cancelling",
  PlanCancelled: "cancelled",
  PlanSucceeded: "succeeded",
  PlanFailed: "failed",
  PlanRollbackStarted: "rolling-back",
  PlanRolledBack: "rolled-back",
  PlanReopened: "running",
};

/** The row after a fact; the same object where the fact does not concern it. */
export function evolvePlanRow(row: PlanRow | undefined, fact: Fact, at: number): PlanRow | undefined {
  if (fact.type === "PlanDrafted") {
    const { name, steps } = fact.data;
    return { name, steps, status: "drafted", draftedAt: row?.draftedAt ?? at };
  }
  if (row === undefined || !isPlanFact(fact)) return row;
  const status = STATUS[fact.type];
  if (status === undefined) return row;
  const { endedAt: _endedAt, error: _error, ...kept } = row;
  return {
    ...kept,
    status,
    ...(fact.type === "PlanStarted" ? { startedAt: at } : {}),
    ...(ENDED.has(status) ? { endedAt: at } : {}),
    ...(fact.type === "PlanFailed" ? { error: fact.data.error.message } : {}),
  };
}
