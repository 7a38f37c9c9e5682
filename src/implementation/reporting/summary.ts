import type { ChangeReport, PlanReport } from "./report.ts";
import { momentText, percentText, shareText, slipText, spanText } from "./report-text.ts";

// The sentences of a report that every rendering has: the head of it, and the cells of its tables.
// They are plain text; each rendering escapes it in its own way.

export interface Line {
  readonly label: string;
  readonly text: string;
}

export function summaryOf(report: PlanReport): readonly Line[] {
  const { percent, percentBy, done, total, startedAt, endedAt, plannedEndAt, remaining, totals } = report;
  const what = percentBy === "changes" ? "changes" : "steps";
  return [
    { label: "Done", text: `${percentText(percent)} by weight, ${done} of ${total} ${what}` },
    { label: "States", text: statesText(report.states) },
    ...(startedAt === undefined ? [] : [{ label: "Started", text: momentText(startedAt) }]),
    ...(endedAt === undefined ? [] : [{ label: "Ended", text: momentText(endedAt) }]),
    ...(plannedEndAt === undefined ? [] : [{ label: "Planned end", text: momentText(plannedEndAt) }]),
    ...(remaining === undefined ? [] : [{ label: "Remaining", text: remainingText(remaining) }]),
    ...(totals.slipMs === undefined ? [] : [{ label: "Slip", text: slipText(totals.slipMs) }]),
    { label: "Work", text: workText(totals) },
  ];
}

function statesText(states: PlanReport["states"]): string {
  return Object.entries(states)
    .map(([state, count]) => `${count} ${state}`)
    .join(", ");
}

function remainingText({ durationMs, endAt, without }: NonNullable<PlanReport["remaining"]>): string {
  const people = without.length === 0 ? "" : `; without the time that people take for ${namesText(without)}`;
  const times = `P50 ${spanText(durationMs.p50)} (${momentText(endAt.p50)}), P90 ${spanText(durationMs.p90)} (${momentText(endAt.p90)})`;
  return times + people;
}

const MAX_NAMES = 8;

function namesText(names: readonly string[]): string {
  const more = names.length - MAX_NAMES;
  return names.slice(0, MAX_NAMES).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

function workText({ estimatedMs, workedMs, wastedMs }: PlanReport["totals"]): string {
  const wasted = wastedMs > 0 ? `, ${spanText(wastedMs)} of it in attempts that came to nothing` : "";
  return `${spanText(workedMs)} taken of ${spanText(estimatedMs)} estimated${wasted}`;
}

export function estimateText({ estimate }: ChangeReport): string {
  const { optimisticMs, likelyMs, pessimisticMs } = estimate;
  return [optimisticMs, likelyMs, pessimisticMs].map(spanText).join(" / ");
}

/** What it took, or when it is expected. */
export function actualText({ state, workedMs, attempts, expectedEndAt }: ChangeReport): string {
  const worked = attempts === 0 ? "—" : spanText(workedMs);
  return state === "done" || expectedEndAt === undefined
    ? worked
    : `${worked}, end expected ${momentText(expectedEndAt)}`;
}

export function slipOfChange({ slip }: ChangeReport): string {
  if (slip === undefined) return "—";
  return `${slipText(slip.ms)}${slip.isProjected ? " (expected)" : ""}`;
}

/** `+2 min: waited for approval by editor (approve_risky)`. */
export function causeTexts({ slip }: ChangeReport): readonly string[] {
  return slip?.causes.map(({ ms, text }) => `${slipText(ms)}: ${text}`) ?? [];
}

export function calibrationTexts(row: PlanReport["calibration"][number]): readonly string[] {
  const { changes, withinP50, withinP90, brier, pinballMs, ratio } = row;
  return [
    String(changes),
    shareText(withinP50),
    shareText(withinP90),
    `${ratio.toFixed(2)}×`,
    brier.toFixed(3),
    `${spanText(pinballMs.p50)} / ${spanText(pinballMs.p90)}`,
  ];
}

export const CALIBRATION_HEAD = [
  "Class",
  "Changes",
  "Within P50",
  "Within P90",
  "Took / P50",
  "Brier",
  "Pinball P50 / P90",
] as const;
