import { isJsonList, isJsonObject, type Json } from "#events/json.ts";
import { classOf } from "#projections/change-class.ts";
import { quantilesOf } from "#projections/pert.ts";
import { forecast, type ClassHistory } from "#projections/reference-class.ts";
import { changeRecord, type ChangedFile } from "#src/implementation/changes/change-record.ts";
import { memberOf, numbersOf, type PlannedChange } from "./changes-in.ts";
import { endOf, isDone, isOver, startOf, type OwnStep } from "./own-steps.ts";
import type { ChangeReport, FileReport } from "./report.ts";
import { endAt, slipOf, type SlipContext } from "./slip.ts";

// What became of each change: its state, what was estimated and what it took, its slip, and what it has left in files.
//
// R1. A change is done when a step that merges it has succeeded and was not taken back; where nothing merges it, when it was made.

export interface ChangeContext extends SlipContext {
  readonly critical: ReadonlySet<string>;
  /** The plan has ended. */
  readonly isOver: boolean;
  readonly finished: readonly ClassHistory[];
  /** Outputs of steps by their number, as far as they are loaded. */
  readonly outputs: ReadonlyMap<number, Json>;
}

export function changeReportOf(planned: PlannedChange, context: ChangeContext): ChangeReport {
  const { change } = planned;
  const { id, title, gap, remedy, weight, risk, difficulty, estimate } = change;
  const of = stepsOf(planned, context.steps);
  const state = stateOf(planned, of, context);
  const { p50, p90 } = quantilesOf(estimate);
  return {
    ...{ id, title, gap, remedy, weight, risk, difficulty: difficulty.level, state },
    steps: of.map(({ definition }) => definition.id),
    estimate: { ...estimate, p50Ms: p50, p90Ms: p90 },
    ...outsideOf(planned, context),
    ...timesOf(of, state, context),
    workedMs: sum(of, (step) => sum(step.record?.attempts ?? [], (one) => spent(one, context.now))),
    attempts: sum(of, ({ record }) => record?.attempts.length ?? 0),
    ...slipIn(of, state, context),
    ...madeOf(planned, context),
    ...errorOf(of, state),
    isCritical: of.some(({ definition }) => context.critical.has(definition.id)),
  };
}

/** In the order in which they run: those that make it before those that merge it, as often as that is. */
function stepsOf(planned: PlannedChange, steps: readonly OwnStep[]): readonly OwnStep[] {
  return numbersOf(planned)
    .flatMap((local) => steps[local] ?? [])
    .toSorted((a, b) => (startOf(a) ?? Infinity) - (startOf(b) ?? Infinity) || depth(a, b));
}

/** Of two that have not begun the one that the other needs comes first. */
function depth(a: OwnStep, b: OwnStep): number {
  if (b.needs.includes(a.local)) return -1;
  return a.needs.includes(b.local) ? 1 : a.local - b.local;
}

function stateOf(
  { makes, merges }: PlannedChange,
  of: readonly OwnStep[],
  context: ChangeContext,
): ChangeReport["state"] {
  const deciding = of.filter(({ local }) => (merges.length > 0 ? merges : makes).includes(local));
  if (deciding.some(isDone)) return "done";
  if (deciding.some(({ record }) => record?.isUndone === true)) return "taken back";
  const open = of.filter((step) => !isOver(step) && !context.lost.has(step.local));
  if (open.length === 0) return endedState(of, context);
  const active = open.find(({ record }) => record !== undefined && record.chart.value !== "pending");
  if (active === undefined) return of.some(isDone) ? "merging" : "waiting";
  return merges.includes(active.local) ? "merging" : "making";
}

/** Of one that will not be done any more. */
function endedState(of: readonly OwnStep[], { isOver: isPlanOver }: ChangeContext): ChangeReport["state"] {
  const values = new Set(of.map(({ record }) => record?.chart.value));
  if (values.has("failed")) return "failed";
  if (values.has("skipped")) return "skipped";
  return values.has("cancelled") || isPlanOver ? "cancelled" : "blocked";
}

/** What finished changes like it say. */
function outsideOf({ change }: PlannedChange, { finished }: ChangeContext): Pick<ChangeReport, "outside"> {
  const { basis, text } = forecast(classOf(change), finished, change.estimate);
  return basis.length === 0 ? {} : { outside: text };
}

const ENDED: ReadonlySet<ChangeReport["state"]> = new Set([
  "done",
  "taken back",
  "failed",
  "skipped",
  "cancelled",
  "blocked",
]);

function timesOf(of: readonly OwnStep[], state: ChangeReport["state"], context: ChangeContext) {
  const { planned } = context.schedules;
  const starts = of.map(startOf).filter((at) => at !== undefined);
  const ends = of.map(endOf).filter((at) => at !== undefined);
  const firstMake = Math.min(...of.map(({ local }) => planned.start[local] ?? 0));
  const isEnded = ENDED.has(state);
  return {
    plannedStartAt: context.startedAt + firstMake,
    plannedEndAt: context.startedAt + Math.max(...of.map(({ local }) => planned.end[local] ?? 0)),
    ...(starts.length === 0 ? {} : { startAt: Math.min(...starts) }),
    ...(isEnded && starts.length > 0 && ends.length > 0 ? { endAt: Math.max(...ends) } : {}),
    ...(isEnded ? {} : { expectedEndAt: Math.max(...of.map((step) => endAt(step, context))) }),
  };
}

function slipIn(
  of: readonly OwnStep[],
  state: ChangeReport["state"],
  context: ChangeContext,
): Pick<ChangeReport, "slip"> {
  if (context.startedAt === 0 || state === "skipped" || state === "cancelled" || state === "blocked") return {};
  const slip = slipOf(of, context);
  return slip === undefined ? {} : { slip };
}

function madeOf({ makes, merges }: PlannedChange, { outputs }: ChangeContext) {
  const made = lastOf(makes, outputs);
  const record = changeRecord.safeParse(memberOf(lastOf(merges, outputs), "record"));
  const commit = record.success ? record.data.commit : memberOf(made, "commit");
  const patch = memberOf(made, "patch");
  return {
    files: record.success ? record.data.files.map(fileOf) : namedIn(memberOf(made, "files")),
    ...(typeof commit === "string" ? { commit } : {}),
    ...patchBytes(patch),
    ...acceptanceIn(memberOf(made, "acceptance")),
  };
}

function lastOf(numbers: readonly number[], outputs: ReadonlyMap<number, Json>): Json | undefined {
  return numbers.map((local) => outputs.get(local)).findLast((output) => output !== undefined);
}

function fileOf({ path, before, after }: ChangedFile): FileReport {
  return {
    path,
    change: before.kind === "none" ? "added" : after.kind === "none" ? "deleted" : "changed",
    ...(before.kind === "none" ? {} : { before: before.oid }),
    ...(after.kind === "none" ? {} : { after: after.oid }),
  };
}

function namedIn(files: Json | undefined): readonly FileReport[] {
  if (!isJsonList(files)) return [];
  return files.flatMap((path) => (typeof path === "string" ? [{ path, change: "changed" as const }] : []));
}

/** The patch itself, or where it is kept. */
function patchBytes(patch: Json | undefined): Pick<ChangeReport, "patchBytes"> {
  if (typeof patch === "string") return { patchBytes: new TextEncoder().encode(patch).length };
  const bytes = memberOf(patch, "bytes");
  return typeof bytes === "number" && Number.isInteger(bytes) && bytes >= 0 ? { patchBytes: bytes } : {};
}

const MAX_EVIDENCE = 20;

function acceptanceIn(answer: Json | undefined): Pick<ChangeReport, "acceptance"> {
  const verdict = memberOf(answer, "verdict");
  if (typeof verdict !== "string") return {};
  const evidence = memberOf(answer, "evidence");
  const texts = isJsonList(evidence) ? evidence.flatMap(evidenceText) : [];
  return { acceptance: { verdict, evidence: texts.slice(0, MAX_EVIDENCE) } };
}

function evidenceText(one: Json): string[] {
  if (!isJsonObject(one) || typeof one["text"] !== "string") return [];
  const { path, line, text } = one;
  const place = typeof path === "string" ? ` (${path}${typeof line === "number" ? `:${line}` : ""})` : "";
  return [text + place];
}

function errorOf(of: readonly OwnStep[], state: ChangeReport["state"]): Pick<ChangeReport, "error"> {
  if (state !== "failed") return {};
  const error = of.map(({ record }) => record?.error).findLast((one) => one !== undefined);
  return error === undefined ? {} : { error: `${error.code}: ${error.message}` };
}

function spent({ startedAt, endedAt }: { readonly startedAt: number; readonly endedAt: number }, now: number): number {
  return Math.max(0, (endedAt === 0 ? now : endedAt) - startedAt);
}

function sum<T>(list: readonly T[], of: (one: T) => number): number {
  return list.reduce((all, one) => all + of(one), 0);
}
