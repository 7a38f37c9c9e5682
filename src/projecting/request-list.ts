import { planId, type PlanId } from "#events/ids.ts";
import { NO_SESSION, type RequestRow } from "#projections/requests-view.ts";
import { readView, REQUESTS, type CurrentViews } from "#src/projecting/current-views.ts";

export interface AnsweredRequest extends RequestRow {
  readonly plan: PlanId;
}

export interface RequestQuery {
  /** Default: of all sessions, and of none. */
  readonly session?: string;
  readonly limit: number;
}

/** Requests in words, the last one first. Fault: `store-unavailable`. */
export function listRequests(
  views: CurrentViews,
  { session, limit }: RequestQuery,
): Promise<readonly AnsweredRequest[]> {
  return readView(views, REQUESTS, async (view) => {
    const tags = session === undefined ? {} : { tags: [session === "" ? NO_SESSION : session] };
    const documents = await view.list({ ...tags, limit, direction: "backwards" });
    return documents.map(({ key, document }) => ({ plan: planId.parse(key), ...(document as RequestRow) }));
  });
}
