import { reportOf, type ToolReport, type ToolStatistics } from "#projections/tool-statistics.ts";
import { readView, TOOLS, type CurrentViews } from "#src/projecting/current-views.ts";

/** How the tools have done so far, one report a version, by name. Fault: `store-unavailable`. */
export function reportTools(views: CurrentViews): Promise<readonly ToolReport[]> {
  return readView(views, TOOLS, async (view) => {
    const documents = await view.list({ tags: ["tool"], limit: Infinity });
    return documents.map(({ key, document }) => reportOf(key, document as ToolStatistics));
  });
}
