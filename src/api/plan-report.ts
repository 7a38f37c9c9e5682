import type { Json } from "#events/json.ts";
import type { Payload } from "#events/payload.ts";
import { markdownOf } from "#src/implementation/reporting/markdown.ts";
import { pageOf } from "#src/implementation/reporting/page.ts";
import type { PlanReport } from "#src/implementation/reporting/report.ts";
import { outputsToLoad, selectReport } from "#src/implementation/reporting/select-report.ts";
import { historyFrom } from "#src/planning/estimate/tool-history.ts";
import type { Reading } from "#src/api/reading.ts";

// The report of a plan as operations give it: its state, what its changes gave, and what earlier plans have shown.
// Only what is loaded is waited for; the report itself follows from that at once.

export interface ReportInput {
  readonly plan: string;
  readonly revision?: number | undefined;
  readonly slots?: number | undefined;
  readonly format?: "json" | "md" | "html" | undefined;
}

/** Bytes of outputs that one report reads; the files and patches of those beyond are not in it. */
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/** Faults: `plan-unknown`, `plan-ambiguous`, `plan-undrafted`, `bad-revision`. */
export async function planReportOf(app: Reading, { plan, revision, slots, format }: ReportInput) {
  const [reports, finished] = await Promise.all([app.plans.toolReports(), app.plans.finishedChanges()]);
  const first = await app.seen(plan, revision);
  const [reached, now] = [first.state.revision, first.now];
  const outputs = await loaded(app, outputsToLoad(first.state));
  // A state is not kept over a wait: that of the same revision is read again.
  const { state } = await app.seen(plan, reached);
  const report = selectReport(state, {
    now,
    ...(slots === undefined ? {} : { slots }),
    durations: historyFrom(reports),
    finished,
    outputs,
  });
  return { ...report, ...rendered(report, format) };
}

async function loaded(app: Reading, payloads: readonly (readonly [number, Payload])[]): Promise<Map<number, Json>> {
  const outputs = new Map<number, Json>();
  let left = MAX_OUTPUT_BYTES;
  for (const [local, source] of payloads) {
    left -= "bytes" in source ? source.bytes : 0;
    if (left < 0) break;
    outputs.set(local, await app.plans.value(source));
  }
  return outputs;
}

function rendered(report: PlanReport, format: ReportInput["format"]): { readonly text?: string } {
  if (format === "md") return { text: markdownOf(report) };
  return format === "html" ? { text: pageOf(report) } : {};
}
