import type { Json } from "#events/json.ts";
import type { Payload } from "#events/payload.ts";
import { draftedOf, isEnded, planStateOf, type PlanView } from "#machines/state.ts";
import { selectCost } from "#projections/cost.ts";
import type { ClassHistory } from "#projections/reference-class.ts";
import type { Durations } from "#src/planning/estimate/tool-history.ts";
import { approvalsIn } from "./approvals-in.ts";
import { blockedChains } from "./blocked.ts";
import { calibrationOf } from "./calibration.ts";
import { changeReportOf, type ChangeContext } from "./change-reports.ts";
import { changesIn, numbersOf, type PlannedChange } from "./changes-in.ts";
import { endOf, isDone, isOver, lostSteps, ownSteps, startOf, type OwnStep } from "./own-steps.ts";
import type { ChangeReport, PlanReport, StepReport } from "./report.ts";
import { schedules, type Schedules } from "./schedules.ts";
import { criticalSteps, endAt } from "./slip.ts";
import { isAsking, stepModels, type StepModels } from "./step-models.ts";
import { takenBackIn } from "./taken-back.ts";

// A report of a plan: everything that follows from its folded state, a moment, and what earlier plans have shown. Of a plan of changes it speaks of
// changes; of any other of its steps.
//
// P1. Pure: the same facts, moment and history give the same report, live or replayed.
// P2. Percent: the weight of what is done of the weight of all (0/100: what is under way counts as nothing, so that nothing is
//     promised). Of a plan without changes steps weigh what they were planned to take, and an opened one counts by what is done in it.

export interface ReportOptions {
  readonly now: number;
  /** Attempts that run at once. Default: as many as want to. */
  readonly slots?: number;
  readonly seed?: number;
  readonly durations: Durations;
  readonly finished: readonly ClassHistory[];
  /** Values of `outputsToLoad`, by the numbers there. */
  readonly outputs: ReadonlyMap<number, Json>;
}

const MAX_STEPS_REPORTED = 2_000;
const DEFAULT_SEED = 1;

/** What the steps that make and merge changes gave, by their numbers among the plan's own. */
export function outputsToLoad(state: PlanView): readonly (readonly [number, Payload])[] {
  if (state.drafted === undefined || state.root === undefined) return [];
  const { base } = state.root;
  return changesIn(state).flatMap((one) =>
    numbersOf(one).flatMap((local): (readonly [number, Payload])[] => {
      const output = state.steps[base + local]?.output;
      return output === undefined ? [] : [[local, output]];
    }),
  );
}

/** Fault: `plan-undrafted`. */
export function selectReport(state: PlanView, options: ReportOptions): PlanReport {
  const { definition } = draftedOf(state);
  const { now } = options;
  const changes = changesIn(state);
  const steps = ownSteps(state);
  const models = stepModels(state, changes, options);
  const planned = schedules(state, models, {
    now,
    slots: options.slots ?? Infinity,
    seed: options.seed ?? DEFAULT_SEED,
  });
  const { startedAt } = state.header.context;
  const slips = {
    ...{ steps, now, startedAt, schedules: planned },
    changeOf: ownersOf(changes),
    lost: lostSteps(state, steps),
  };
  const context: ChangeContext = {
    ...slips,
    critical: criticalSteps(slips),
    isOver: isEnded(state),
    finished: options.finished,
    outputs: options.outputs,
  };
  const reports = changes.map((one) => changeReportOf(one, context));
  const reported = steps.slice(0, MAX_STEPS_REPORTED).map((step) => stepReportOf(step, context));
  return {
    ...headOf(state, now),
    ...(definition.description === undefined ? {} : { description: definition.description }),
    ...progressOf(state, { steps, reports, models }),
    ...(startedAt === 0 ? {} : { plannedEndAt: startedAt + planned.plannedMs }),
    ...remainingOf(state, context),
    totals: totalsOf(state, { reports, models, context }),
    changes: reports,
    steps: reported,
    stepsLeftOut: steps.length - reported.length,
    blocked: blockedChains(state, steps, waitingOf(changes, context)),
    approvals: approvalsIn(steps),
    takenBack: takenBackIn(state),
    calibration: changes.length === 0 ? [] : calibrationOf(options.finished),
  };
}

function headOf(state: PlanView, now: number) {
  const { name, edition, startedAt, endedAt } = state.header.context;
  const { error } = state;
  return {
    ...{ plan: state.planId, name, status: planStateOf(state), revision: state.revision, edition, at: now },
    ...(startedAt === 0 ? {} : { startedAt }),
    ...(endedAt === 0 ? {} : { endedAt }),
    ...(error === undefined ? {} : { error: `${error.code}: ${error.message}` }),
  };
}

interface Counted {
  readonly steps: readonly OwnStep[];
  readonly reports: readonly ChangeReport[];
  readonly models: StepModels;
}

/** P2. */
function progressOf(state: PlanView, { steps, reports, models }: Counted) {
  if (reports.length > 0) {
    const all = sum(reports, ({ weight }) => weight);
    const done = reports.filter((one) => one.state === "done");
    const isWhole = done.length === reports.length;
    return {
      percent: isWhole ? 100 : (100 * sum(done, ({ weight }) => weight)) / all,
      percentBy: "changes" as const,
      total: reports.length,
      done: done.length,
      states: countsOf(reports.map((one) => one.state)),
    };
  }
  const weights = steps.map(({ local }) => Math.max(1, models.planned[local]?.p50 ?? 1));
  const shares = steps.map((step) => shareDone(step));
  const done = shares.filter((share) => share === 1).length;
  const part = sum(steps, ({ local }) => (weights[local] ?? 1) * (shares[local] ?? 0));
  return {
    percent:
      done === steps.length || planStateOf(state) === "succeeded" ? 100 : (100 * part) / sum(weights, (one) => one),
    percentBy: "steps" as const,
    total: steps.length,
    done,
    states: countsOf(steps.map(stateOf)),
  };
}

function shareDone(step: OwnStep): number {
  const { record } = step;
  if (record === undefined) return 0;
  const { value } = record.chart;
  const isSettled = value === "skipped" || (value === "cancelled" && record.givenUpFor !== undefined);
  if (isDone(step) || isSettled) return 1;
  return value === "open" ? shareInside(record.expansion) : 0;
}

/** Never all of it: the step itself has not ended. */
function shareInside(expansion: { readonly total: number; readonly ended: number } | undefined): number {
  const { total = 0, ended = 0 } = expansion ?? {};
  return total === 0 ? 0 : Math.min(ended, total - 1) / total;
}

function countsOf(states: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const one of states) counts[one] = (counts[one] ?? 0) + 1;
  return counts;
}

function remainingOf(state: PlanView, { schedules: { remaining }, steps, now, lost }: ChangeContext) {
  if (isEnded(state)) return {};
  const without = steps.filter((step) => isAsking(step.definition) && !isOver(step) && !lost.has(step.local));
  return {
    remaining: {
      durationMs: remaining,
      endAt: { p50: now + remaining.p50, p90: now + remaining.p90 },
      without: without.map(({ definition }) => definition.id),
    },
  };
}

interface Totalled extends Pick<Counted, "reports" | "models"> {
  readonly context: ChangeContext;
}

/** Of all work, whatever ran beside what. The slip is that of the plan's end. */
function totalsOf(state: PlanView, { reports, models, context }: Totalled) {
  const { workMs, wastedMs } = selectCost(state, context.now);
  const estimated =
    reports.length > 0 ? sum(reports, ({ estimate }) => estimate.p50Ms) : sum(models.planned, ({ p50 }) => p50);
  const { startedAt, endedAt } = state.header.context;
  const expectedEnd = endedAt === 0 ? context.now + leftMs(context.schedules, context) : endedAt;
  const slip = startedAt === 0 ? {} : { slipMs: expectedEnd - startedAt - context.schedules.plannedMs };
  return { estimatedMs: estimated, workedMs: workMs, wastedMs, ...slip };
}

function leftMs({ left }: Schedules, { steps, lost }: ChangeContext): number {
  return steps.reduce((most, step) => {
    return isOver(step) || lost.has(step.local) ? most : Math.max(most, left.end[step.local] ?? 0);
  }, 0);
}

function stepReportOf(step: OwnStep, context: ChangeContext): StepReport {
  const { definition, record, needs, local } = step;
  const { id, kind, description } = definition;
  const { planned } = context.schedules;
  return {
    ...{ step: id, kind, state: stateOf(step), ...toolOf(step) },
    ...(description === undefined ? {} : { title: description }),
    attempts: record?.attempts.length ?? 0,
    plannedStartAt: context.startedAt + (planned.start[local] ?? 0),
    plannedEndAt: context.startedAt + (planned.end[local] ?? 0),
    ...timesOf(step, context),
    needs: needs.flatMap((need) => context.steps[need]?.definition.id ?? []),
    isCritical: context.critical.has(id),
    isTakenBack: record?.isUndone === true,
    ...errorOf(step),
  };
}

function stateOf({ record }: OwnStep): string {
  return record?.chart.value ?? "pending";
}

function toolOf({ definition, record }: OwnStep): Pick<StepReport, "tool"> {
  return definition.kind === "tool" ? { tool: record?.attempts.at(-1)?.tool ?? definition.call.tool } : {};
}

function timesOf(step: OwnStep, context: ChangeContext): Pick<StepReport, "startAt" | "endAt" | "expectedEndAt"> {
  const [startAt, ended] = [startOf(step), endOf(step)];
  const isExpected = context.startedAt > 0 && !context.lost.has(step.local) && !isOver(step);
  return {
    ...(startAt === undefined ? {} : { startAt }),
    ...(ended === undefined ? {} : { endAt: ended }),
    ...(isExpected ? { expectedEndAt: endAt(step, context) } : {}),
  };
}

function errorOf(step: OwnStep): Pick<StepReport, "error"> {
  const error = step.record?.error;
  return error === undefined || stateOf(step) === "succeeded" ? {} : { error: `${error.code}: ${error.message}` };
}

function ownersOf(changes: readonly PlannedChange[]): ReadonlyMap<number, string> {
  return new Map(changes.flatMap((one) => numbersOf(one).map((local) => [local, one.change.id])));
}

/** Of a plan of changes the steps that make them: that merging waits for making is nothing new. */
function waitingOf(changes: readonly PlannedChange[], { steps }: ChangeContext): ReadonlySet<number> {
  const made = changes.flatMap(({ makes }) => makes);
  return new Set(made.length > 0 ? made : steps.map(({ local }) => local));
}

function sum<T>(list: readonly T[], of: (one: T) => number): number {
  return list.reduce((all, one) => all + of(one), 0);
}
