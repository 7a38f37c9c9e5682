import type { ToolReport } from "#projections/tool-statistics.ts";
import { catalogEntry, type CatalogEntry, type Observed } from "#src/planning/catalog/entry.ts";
import type { Tool } from "#src/tools/define.ts";
import { traitsOf } from "#src/tools/traits.ts";

// The tools of a process as the planner knows them: what they say of themselves, and what the log has seen of them.
//
// K1. A version that has run is judged by its own attempts. One that has not is judged by those of the version that ran last: a
//     new version of a tool is more like the old one than like no tool at all.

/** In the order of the tools. */
export function toolCatalog(tools: readonly Tool[], reports: readonly ToolReport[]): readonly CatalogEntry[] {
  const reported = Map.groupBy(reports.filter(hasEnded), ({ tool }) => tool);
  return tools.map((tool) => {
    const { name, version, description, inputSchema, outputSchema, sideEffects } = tool;
    const observed = observedOf(version, reported.get(name) ?? []);
    return catalogEntry({
      ...{ name, version, description, inputSchema, outputSchema, sideEffects },
      ...traitsOf(tool),
      ...(observed === undefined ? {} : { observed }),
    });
  });
}

function hasEnded({ successShare }: ToolReport): boolean {
  return successShare !== undefined;
}

/** K1. */
function observedOf(version: string, reports: readonly ToolReport[]): Observed | undefined {
  const report =
    reports.find((one) => one.version === version) ??
    reports.toSorted((one, other) => (other.lastAt ?? 0) - (one.lastAt ?? 0))[0];
  if (report?.successShare === undefined) return undefined;
  const { attempts, inFlight, cancelled, successShare, latency } = report;
  return {
    runs: attempts - inFlight - cancelled,
    successRate: successShare,
    ...(latency === undefined ? {} : { durationMs: { p50: latency.p50Ms, p90: latency.p90Ms } }),
  };
}
