import type { ClassDocument } from "#projections/changes-view.ts";
import type { ClassHistory } from "#projections/reference-class.ts";
import { CHANGES, readView, type CurrentViews } from "#src/projecting/current-views.ts";

/** How long finished changes took, by their class. Fault: `store-unavailable`. */
export function finishedChanges(views: CurrentViews): Promise<readonly ClassHistory[]> {
  return readView(views, CHANGES, async (view) => {
    const documents = await view.list({ tags: ["class"], limit: Infinity });
    return documents.map(({ document }) => document as ClassDocument);
  });
}
