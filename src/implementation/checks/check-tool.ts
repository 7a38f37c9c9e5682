import type { ToolReport } from "#projections/tool-statistics.ts";
import type { Check } from "./check.ts";
import { broken, met, unmet, type Found } from "./found.ts";
import type { Place } from "./place.ts";

/** Whether a tool succeeds often enough, as the history says of its newest version. Codes: `no-history`. */
export async function askTool(
  { tool, succeeds }: Extract<Check, { kind: "tool" }>,
  { context }: Place,
): Promise<Found> {
  if (context.history === undefined) return broken("no-history", { text: "who asks here has no history" });
  const report = newestOf(tool, await context.history.toolReports());
  if (report?.successShare === undefined) return met({ text: `${tool} has not run yet` });
  const share = `${tool}@${report.version} succeeded in ${report.succeeded} of ${report.attempts} attempts`;
  return report.successShare >= succeeds ? met({ text: share }) : unmet({ text: share });
}

/** The version that ran last. */
export function newestOf(tool: string, reports: readonly ToolReport[]): ToolReport | undefined {
  const own = reports.filter((report) => report.tool === tool);
  return own.toSorted((a, b) => (b.lastAt ?? 0) - (a.lastAt ?? 0))[0];
}
