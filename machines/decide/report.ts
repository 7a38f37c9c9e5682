import { fact, type Fact } from "#events/catalog.ts";
import type { AttemptOutcome, CommandOf } from "#events/commands.ts";
import { errorOf } from "#events/errors.ts";
import { accepted, rejected, type Decider, type Decision, type Moment } from "#machines/decide/decision.ts";
import { afterFailure, afterSilence, type Attempted } from "#machines/decide/next.ts";
import {
  definitionAt,
  findStep,
  isEnded,
  isStarting,
  planStateOf,
  type PlanView,
  type StepRecord,
} from "#machines/state.ts";

// An executor says how an attempt ended.
//
// R1. The report of the attempt in flight ends it. The same report again appends nothing.
// R2. A report of an attempt that has ended otherwise is late, and always recorded once. A late success is adopted while
//     no newer attempt was dispatched, the step's outcome is not decided by then and the plan goes on; else it is due
//     for undo.

type Report = CommandOf<"ReportAttempt">;

export const reportAttempt: Decider<Report> = (report, state, moment) => {
  const found = findStep(state, report.step);
  const known = found?.record.attempts[report.attempt - 1];
  if (found === undefined || known?.executor !== report.executor) {
    return rejected(
      "unknown-attempt",
      `nobody dispatched attempt ${report.attempt} of ${report.step} to ${report.executor}`,
    );
  }
  const { index, record } = found;
  const inFlight = record.chart.value === "running" && record.chart.context.attempt === report.attempt;
  if (inFlight) return accepted(...ended({ report, index, record }, state, moment));
  if (known.late !== undefined || isRepeat(report.outcome, known.result)) return { kind: "duplicate" };
  return lateReport({ report, index, record }, state, moment);
};

interface Case {
  readonly report: Report;
  readonly index: number;
  readonly record: Readonly<StepRecord>;
}

function ended({ report, index, record }: Case, state: PlanView, moment: Moment): readonly Fact[] {
  const { step, attempt, outcome } = report;
  const attempted = { step: definitionAt(state, index), context: record.chart.context, starting: isStarting(state) };
  const took = report.durationMs === undefined ? {} : { durationMs: report.durationMs };
  switch (outcome.kind) {
    case "succeeded":
      return [fact("StepSucceeded", { step, attempt, output: outcome.output, ...took })];
    case "failed": {
      const next = afterFailure(attempted, outcome.error, moment);
      return [fact("StepFailed", { step, attempt, error: outcome.error, next, ...took })];
    }
    case "timed-out": {
      const next = afterSilence(attempted, errorOf("timeout", "attempt-timed-out", ""), moment);
      return [fact("StepTimedOut", { step, attempt, bound: "attempt", next })];
    }
    case "cancelled":
      if (planStateOf(state) === "cancelling") return [fact("StepCancelled", { step, attempt })];
      return [stoppedUnasked(report, attempted, moment)];
  }
}

/** A stop that nobody asked for any more (the plan goes on) is a failure like any other. */
function stoppedUnasked({ step, attempt }: Report, attempted: Attempted, moment: Moment): Fact {
  const error = errorOf("cancelled", "attempt-cancelled", "the executor stopped the attempt");
  return fact("StepFailed", { step, attempt, error, next: afterFailure(attempted, error, moment) });
}

function lateReport({ report, index, record }: Case, state: PlanView, moment: Moment): Decision {
  const { step, attempt, executor, outcome } = report;
  if (outcome.kind === "timed-out") return { kind: "duplicate" };
  const adopted = outcome.kind === "succeeded" && isAdoptable(record, attempt, state);
  const undoDue = outcome.kind === "succeeded" && !adopted;
  const late = fact("StepLateReported", { step, attempt, executor, outcome, adopted, undoDue });
  const answersUnknown =
    outcome.kind === "failed" && record.chart.value === "unknown" && record.chart.context.attempt === attempt;
  if (!answersUnknown || isEnded(state)) return accepted(late);
  const attempted = { step: definitionAt(state, index), context: record.chart.context, starting: isStarting(state) };
  const next = afterFailure(attempted, outcome.error, moment);
  return accepted(late, fact("StepFailed", { step, attempt, error: outcome.error, next }));
}

const ADOPTABLE: ReadonlySet<string> = new Set(["between", "unknown", "failed"]);

function isAdoptable(record: Readonly<StepRecord>, attempt: number, state: PlanView): boolean {
  const { value, context } = record.chart;
  return !isEnded(state) && context.attempt === attempt && ADOPTABLE.has(value) && isSilence(record, attempt);
}

/** Only an attempt that ended without an answer can still bring one. */
function isSilence(record: Readonly<StepRecord>, attempt: number): boolean {
  const result = record.attempts[attempt - 1]?.result;
  return result === "lost" || result === "timed-out";
}

/** A stop that nobody had asked for was recorded as a failure (see `cancelled`). */
function isRepeat(outcome: AttemptOutcome, result: string): boolean {
  return outcome.kind === result || (outcome.kind === "cancelled" && result === "failed");
}
