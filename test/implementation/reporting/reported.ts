// Reports of plans that are driven by hand.
import type { Json } from "#events/json.ts";
import type { PlanView } from "#machines/state.ts";
import type { PlanReport } from "#src/implementation/reporting/report.ts";
import { outputsToLoad, selectReport, type ReportOptions } from "#src/implementation/reporting/select-report.ts";
import { NO_HISTORY } from "#src/planning/estimate/tool-history.ts";

export function reportOf(state: PlanView, now: number, options: Partial<ReportOptions> = {}): PlanReport {
  const outputs = new Map<number, Json>();
  for (const [local, payload] of outputsToLoad(state)) if ("inline" in payload) outputs.set(local, payload.inline);
  return selectReport(state, { now, slots: 4, durations: NO_HISTORY, finished: [], outputs, ...options });
}
