import { isFactType, isPlanFact, type FactOf, type PlanFact } from "#events/catalog.ts";
import type { PlanId } from "#events/ids.ts";
import { PLAN_STATES, type PlanStateName } from "#machines/plan-chart.ts";
import type { KeyedView } from "#projections/keyed-view.ts";

// The view `plans`: one row a plan, from the facts about plans alone, so that keeping it costs nothing per step.
// Rows are listed by when their plans were drafted; their tag is the plan's status.

export type PlanRow = {
  readonly name: string;
  readonly status: PlanStateName;
  readonly steps: number;
  readonly draftedAt: number;
  readonly startedAt?: number;
  readonly endedAt?: number;
  /** Why it failed, in a sentence. */
  readonly error?: string;
};

/** Rows tagged `live` may still change by themselves; the others only by late reports. */
export type PlanTag = "live" | "ended";

export function tagOf({ status }: Pick<PlanRow, "status">): PlanTag {
  return ENDED.has(status) ? "ended" : "live";
}

const ENDED: ReadonlySet<PlanStateName> = new Set(["succeeded", "failed", "cancelled", "rolled-back"]);

/** What a plan is after a fact about it; undefined where the fact changes nothing of that, and the view does not read it. */
const STATUS: { readonly [T in PlanFact["type"]]: PlanStateName | undefined } = {
  PlanDrafted: "drafted",
  PlanStarted: "running",
  PlanRevised: undefined,
  PlanPaused: "paused",
  PlanResumed: "running",
  SignalReceived: undefined,
  SignalExpired: undefined,
  PlanCommented: undefined,
  PlanCancelRequested: "cancelling",
  PlanCancelled: "cancelled",
  PlanSucceeded: "succeeded",
  PlanFailed: "failed",
  PlanRollbackStarted: "rolling-back",
  PlanRolledBack: "rolled-back",
  PlanReopened: "running",
};

export const plansView: KeyedView<PlanRow> = {
  name: "plans",
  version: 3,
  reads: new Set(Object.entries(STATUS).flatMap(([type, status]) => (isFactType(type) && status ? [type] : []))),
  key: ({ plan }) => plan,
  initial: () => ({ name: "", status: "undrafted", steps: 0, draftedAt: 0 }),
  evolve: (row, { fact, at }) => {
    if (fact.type === "PlanDrafted") return drafted(row, fact, at);
    return isPlanFact(fact) ? moved(row, fact, at) : row;
  },
  columns: ({ status, draftedAt }) => ({ tag: status, rank: draftedAt }),
};

/** A plan that is drafted again keeps its place in lists. */
function drafted(row: PlanRow, { data }: FactOf<"PlanDrafted">, at: number): PlanRow {
  const { name, steps } = data;
  return { name, steps, status: "drafted", draftedAt: row.draftedAt === 0 ? at : row.draftedAt };
}

function moved(row: PlanRow, fact: PlanFact, at: number): PlanRow {
  const status = STATUS[fact.type];
  if (status === undefined) return row;
  const { endedAt: _endedAt, error: _error, ...kept } = row;
  return {
    ...kept,
    // The fact that drafted the plan may be of a later release than this one, which shows the plan all the same.
    draftedAt: row.draftedAt === 0 ? at : row.draftedAt,
    status,
    ...(fact.type === "PlanStarted" ? { startedAt: at } : {}),
    ...(ENDED.has(status) ? { endedAt: at } : {}),
    ...(fact.type === "PlanFailed" ? { error: fact.data.error.message } : {}),
  };
}

/** Which plans; all conditions that are given have to hold. */
export interface PlanFilter {
  readonly statuses?: readonly PlanStateName[];
  readonly tag?: PlanTag;
  /** The name, whole. */
  readonly name?: string;
  /** Drafted at this moment or later, in ms since the epoch. */
  readonly draftedFrom?: number;
  /** Drafted before this moment. */
  readonly draftedBefore?: number;
  /** Stands in the name, the id or the error, whatever the case of its letters. */
  readonly text?: string;
}

/** The statuses that the filter leaves; undefined for all. */
export function statusesOf({ statuses, tag }: PlanFilter): readonly PlanStateName[] | undefined {
  if (tag === undefined) return statuses;
  return (statuses ?? PLAN_STATES).filter((status) => tagOf({ status }) === tag);
}

/** Whether the plan is one of those that the filter leaves. */
export function isSelected(plan: PlanId, row: PlanRow, filter: PlanFilter): boolean {
  const { name = row.name, draftedFrom = -Infinity, draftedBefore = Infinity } = filter;
  const isInTime = row.draftedAt >= draftedFrom && row.draftedAt < draftedBefore;
  const hasStatus = statusesOf(filter)?.includes(row.status) ?? true;
  return isInTime && hasStatus && row.name === name && says(plan, row, filter.text);
}

function says(plan: PlanId, { name, error = "" }: PlanRow, text = ""): boolean {
  const wanted = text.toLowerCase();
  return [name, plan, error].some((said) => said.toLowerCase().includes(wanted));
}
