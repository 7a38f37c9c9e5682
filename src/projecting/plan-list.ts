import { Fault } from "#events/fault.ts";
import { planId, type PlanId } from "#events/ids.ts";
import { isSelected, statusesOf, type PlanFilter, type PlanRow } from "#projections/plans-view.ts";
import type { ViewDocument, ViewPlace } from "#src/ports/view-store.ts";
import { PLANS, readView, type CurrentViews } from "#src/projecting/current-views.ts";
import type { ViewOverlay } from "#src/projecting/view-overlay.ts";

// Lists of plans, the newest first, in pages. Status and time are looked up in the view's index; a name or a text is
// looked for in what that leaves.

export type ListedPlan = PlanRow & { readonly plan: PlanId };

export interface PlanQuery extends PlanFilter {
  /** Most plans of one page. */
  readonly limit: number;
  /** `next` of the page before. */
  readonly cursor?: string;
}

export interface PlanPage {
  readonly plans: readonly ListedPlan[];
  /** Where the next page begins; undefined at the end. */
  readonly next?: string;
}

const MAX_ROWS_AT_ONCE = 1_000;

/** Faults: `cursor-malformed`, `store-unavailable`. */
export function listPlans(views: CurrentViews, query: PlanQuery): Promise<PlanPage> {
  const after = startOf(query);
  return readView(views, PLANS, (view) => pageOf(view, query, after));
}

/** A plan's row; undefined for a plan that nobody has drafted. */
export function findPlan(views: CurrentViews, plan: PlanId): Promise<PlanRow | undefined> {
  return readView(views, PLANS, async (view) => (await view.get(plan)) as PlanRow | undefined);
}

async function pageOf(view: ViewOverlay, query: PlanQuery, start: ViewPlace | undefined): Promise<PlanPage> {
  const { limit, draftedFrom = 0 } = query;
  const found: ListedPlan[] = [];
  for await (const rows of newestFirst(view, query, start)) {
    found.push(...rows.filter((row) => isSelected(row.plan, row, query)));
    const oldest = rows.at(-1)?.draftedAt ?? 0;
    if (found.length > limit || oldest < draftedFrom) break;
  }
  const plans = found.slice(0, limit);
  const last = plans.at(-1);
  return found.length > limit && last !== undefined ? { plans, next: cursorOf(last) } : { plans };
}

/** Rows of the statuses that the query leaves, behind a place, some at a time. */
async function* newestFirst(
  view: ViewOverlay,
  query: PlanQuery,
  start: ViewPlace | undefined,
): AsyncGenerator<readonly ListedPlan[]> {
  const tags = statusesOf(query);
  const limit = Math.min(query.limit + 1, MAX_ROWS_AT_ONCE);
  const options = { limit, direction: "backwards", ...(tags === undefined ? {} : { tags }) } as const;
  for (let after = start; ;) {
    const rows = await view.list(after === undefined ? options : { ...options, after });
    yield rows.map(listed);
    after = rows.at(-1);
    if (rows.length < limit) return;
  }
}

function listed({ key, document }: ViewDocument): ListedPlan {
  return { plan: key as PlanId, ...(document as PlanRow) };
}

function startOf({ cursor, draftedBefore }: PlanQuery): ViewPlace | undefined {
  if (cursor !== undefined) return placeOf(cursor);
  return draftedBefore === undefined ? undefined : { rank: draftedBefore, key: "" };
}

function cursorOf({ draftedAt, plan }: ListedPlan): string {
  return `${draftedAt}_${plan}`;
}

function placeOf(cursor: string): ViewPlace {
  const [rank = "", key, ...rest] = cursor.split("_");
  const plan = planId.safeParse(key);
  if (!/^\d+(?:\.\d+)?$/.test(rank) || !plan.success || rest.length > 0) {
    throw new Fault(
      "cursor-malformed",
      `${JSON.stringify(cursor)} is not the cursor of a page; take its \`next\` as it is`,
    );
  }
  return { rank: Number(rank), key: plan.data };
}
