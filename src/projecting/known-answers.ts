import type { KnownAnswer, Shelf } from "#projections/answers-view.ts";
import { ANSWERS, readView, type CurrentViews } from "#src/projecting/current-views.ts";

/** What calls of those tools gave last, a bounded number of them. Fault: `store-unavailable`. */
export function knownAnswers(
  views: CurrentViews,
  isGivenOut: (tool: string) => boolean,
): Promise<readonly KnownAnswer[]> {
  return readView(views, ANSWERS, async (view) => {
    const shelves = await view.list({ tags: ["answers"], limit: Infinity });
    return shelves.flatMap(({ document }) => (document as Shelf).answers).filter(({ tool }) => isGivenOut(tool));
  });
}
