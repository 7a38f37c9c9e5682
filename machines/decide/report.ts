import { fact, type Fact, type FactData } from "#events/catalog.ts";
import type { AttemptOutcome, CommandOf } from "#events/commands.ts";
import { errorOf } from "#events/errors.ts";
import { inline, refsOf, valueOf, type Payload } from "#events/payload.ts";
import { NO_BLOBS } from "#machines/blobs.ts";
import { notAtHand } from "#machines/evaluate.ts";
import { accepted, rejected, type Decider, type Decision, type Moment } from "#machines/decide/decision.ts";
import { continuation } from "#machines/decide/rest.ts";
import { fitOf } from "#machines/decide/fallback-fit.ts";
import { undoArguments } from "#machines/decide/undo-calls.ts";
import { afterFailure, afterSilence, attemptedAt, type Attempted } from "#machines/decide/next.ts";
import { isRevising } from "#machines/revision.ts";
import {
  definitionAt,
  isEnded,
  isScopeOpen,
  isStopWanted,
  planStateOf,
  recordAt,
  type PlanState,
} from "#machines/state.ts";
import type { StepRecord } from "#machines/step-record.ts";
import { findStep } from "#machines/step-path.ts";

// An executor says how an attempt ended.
//
// R1. The report of the attempt in flight ends it. The same report again appends nothing.
// R2. A report of an attempt that has ended otherwise is late, and always recorded once. A late success is adopted while
//     no newer attempt was dispatched, the step's outcome is not decided by then and the plan goes on; else it is due
//     for undo.

type Report = CommandOf<"ReportAttempt">;

export const reportAttempt: Decider<Report> = (report, state, moment) => {
  const silent = state.silent.get(`${report.step}#${report.attempt}`);
  if (silent === report.executor) return lateForGood(report);
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
  if (inFlight) return ended({ report, index, record }, state, moment);
  if (known.late !== undefined || isRepeat(report.outcome, known.result)) return { kind: "duplicate" };
  return lateReport({ report, index, record }, state, moment);
};

interface Case {
  readonly report: Report;
  readonly index: number;
  readonly record: Readonly<StepRecord>;
}

function ended({ report, index, record }: Case, state: PlanState, moment: Moment): Decision {
  const { step, attempt, outcome } = report;
  const attempted = attemptedAt(state, index);
  const took = report.durationMs === undefined ? {} : { durationMs: report.durationMs };
  switch (outcome.kind) {
    case "succeeded":
      return succeeded({ ...report, outcome }, index, { state, moment });
    case "failed": {
      const follow = outcome.isSilent === true ? afterSilence : afterFailure;
      const next = follow(attempted, outcome.error, moment);
      const silent = outcome.isSilent === true ? { isSilent: true } : {};
      return accepted(fact("StepFailed", { step, attempt, error: outcome.error, next, ...silent, ...took }));
    }
    case "timed-out": {
      const next = afterSilence(attempted, errorOf("timeout", "attempt-timed-out", ""), moment);
      return accepted(fact("StepTimedOut", { step, attempt, bound: "attempt", next }));
    }
    case "cancelled":
      if (isStopWanted(state, record)) return accepted(fact("StepCancelled", { step, attempt }));
      return accepted(stoppedUnasked(report, attempted, moment));
  }
}

interface At {
  readonly state: PlanState;
  readonly moment: Moment;
}

type Succeeded = Report & { readonly outcome: Extract<AttemptOutcome, { kind: "succeeded" }> };

/** The call that takes the step back is recorded with its success, while what its arguments read is at hand. */
function succeeded({ step, attempt, outcome, durationMs }: Succeeded, index: number, { state, moment }: At): Decision {
  const { output } = outcome;
  // How a plan goes on that does not go on is nobody's success.
  if (isUnwantedRest(state, index)) return accepted(fact("StepCancelled", { step, attempt }));
  const took = durationMs === undefined ? {} : { durationMs };
  const attempted = attemptedAt(state, index);
  const fit = fitOf(attempted, output, moment.blobs ?? NO_BLOBS);
  if (fit.kind === "needs-blobs") return fit;
  if (fit.kind === "error") {
    const { error } = fit;
    return accepted(
      fact("StepFailed", { step, attempt, error, next: afterFailure(attempted, error, moment), ...took }),
    );
  }
  const undo = undoOf(index, output, { state, moment });
  if (undo !== undefined && "kind" in undo) {
    if (undo.kind === "needs-blobs") return undo;
    return accepted(unreadable({ step, attempt, error: undo.error }, attempted, moment));
  }
  const success = fact("StepSucceeded", { step, attempt, output, ...(undo === undefined ? {} : { undo }), ...took });
  return withRest(success, { index, attempted }, { state, moment });
}

type Success = Extract<Fact, { type: "StepSucceeded" }>;

/** A plan that goes on by what the step gave does so in the same turn. */
function withRest(
  success: Success,
  { index, attempted }: { readonly index: number; readonly attempted: Attempted },
  { state, moment }: At,
): Decision {
  const { step, attempt, output, durationMs } = success.data;
  const goesOn = continuation(state, { index, output }, moment);
  switch (goesOn.kind) {
    case "needs-blobs":
      return goesOn;
    case "none":
      return accepted(success);
    case "revised":
      return accepted(success, goesOn.fact);
    case "error": {
      const { error } = goesOn;
      const took = durationMs === undefined ? {} : { durationMs };
      return accepted(
        fact("StepFailed", { step, attempt, error, next: afterFailure(attempted, error, moment), ...took }),
      );
    }
  }
}

function isUnwantedRest(state: PlanState, index: number): boolean {
  return isRevising(definitionAt(state, index)) && isStopWanted(state, recordAt(state, index));
}

type RecordedUndo = NonNullable<FactData<"StepSucceeded">["undo"]>;

/** The tool has answered, and nobody can read what: it may have had its effect. */
function unreadable(
  failed: Pick<FactData<"StepFailed">, "step" | "attempt" | "error">,
  attempted: Attempted,
  moment: Moment,
): Fact {
  return fact("StepFailed", { ...failed, next: afterSilence(attempted, failed.error, moment), isSilent: true });
}

/** Undefined for a step without one, and where its arguments have no value: the rollback will say so. */
function undoOf(
  index: number,
  output: Payload,
  { state, moment }: At,
): RecordedUndo | ReturnType<typeof notAtHand> | undefined {
  const definition = definitionAt(state, index);
  if (definition.kind !== "tool" || definition.undo === undefined) return undefined;
  const blobs = moment.blobs ?? NO_BLOBS;
  const value = valueOf(output, blobs);
  if (value === undefined) return notAtHand(refsOf(output), blobs);
  const { undo } = definition;
  const args = undoArguments(state, { index, undo, output: value }, blobs);
  if (args.kind !== "value") return args.kind === "needs-blobs" ? args : undefined;
  const { tool, version } = undo.call;
  return { tool, version, args: inline(args.value) };
}

/** A stop that nobody asked for any more (the plan goes on) is a failure like any other. */
function stoppedUnasked({ step, attempt }: Report, attempted: Attempted, moment: Moment): Fact {
  const error = errorOf("cancelled", "attempt-cancelled", "the executor stopped the attempt");
  return fact("StepFailed", { step, attempt, error, next: afterFailure(attempted, error, moment) });
}

function lateReport({ report, index, record }: Case, state: PlanState, moment: Moment): Decision {
  const { step, attempt, executor, outcome } = report;
  if (isSilence(outcome)) return { kind: "duplicate" };
  if (outcome.kind === "succeeded")
    return lateSuccess({ report: { ...report, outcome }, index, record }, state, moment);
  const late = fact("StepLateReported", { step, attempt, executor, outcome, adopted: false, undoDue: false });
  const { value, context } = record.chart;
  const answersUnknown = outcome.kind === "failed" && value === "unknown" && context.attempt === attempt;
  if (!answersUnknown || isEnded(state)) return accepted(late);
  const next = afterFailure(attemptedAt(state, index), outcome.error, moment);
  return accepted(late, fact("StepFailed", { step, attempt, error: outcome.error, next }));
}

function lateSuccess(
  { report, index, record }: Case & { readonly report: Succeeded },
  state: PlanState,
  moment: Moment,
): Decision {
  const { step, attempt, executor, outcome } = report;
  // What a plan came to be since is not written anew by an attempt of before.
  const isWanted = isAdoptable(record, attempt, state) && !isRevising(definitionAt(state, index));
  const fit = isWanted ? fitOf(attemptedAt(state, index), outcome.output, moment.blobs ?? NO_BLOBS) : undefined;
  if (fit?.kind === "needs-blobs") return fit;
  const adopted = fit?.kind === "fits";
  return accepted(fact("StepLateReported", { step, attempt, executor, outcome, adopted, undoDue: !adopted }));
}

/** The records of the attempt have left memory: whatever it says, it changes nothing any more. */
function lateForGood({ step, attempt, executor, outcome }: Report): Decision {
  if (isSilence(outcome)) return { kind: "duplicate" };
  const undoDue = outcome.kind === "succeeded";
  return accepted(fact("StepLateReported", { step, attempt, executor, outcome, adopted: false, undoDue }));
}

const ADOPTABLE: ReadonlySet<string> = new Set(["pending", "between", "unknown", "failed"]);

function isAdoptable(record: Readonly<StepRecord>, attempt: number, state: PlanState): boolean {
  const { value, context } = record.chart;
  if (!isScopeOpen(state, record.scope) || isAnew(record) || isTakenBack(record, state)) return false;
  return !isEnded(state) && context.attempt === attempt && ADOPTABLE.has(value) && wasSilent(record, attempt);
}

/** Its effect was taken back, or is about to be: the late one with it, or it is due for undo. */
function isTakenBack({ isUndone, scope }: Readonly<StepRecord>, state: PlanState): boolean {
  return isUndone || (planStateOf(state) === "rolling-back" && !scope.block.isUndo);
}

/** The step has begun anew since: an attempt of before is nobody's answer any more. */
function isAnew({ chart, openNeeds, generation }: Readonly<StepRecord>): boolean {
  const { value, context } = chart;
  return (generation > 1 && context.dispatchedAt === 0) || (value === "pending" && openNeeds > 0);
}

/** Nothing new about an attempt that has ended already. */
function isSilence(outcome: AttemptOutcome): outcome is Extract<AttemptOutcome, { kind: "timed-out" }> {
  return outcome.kind === "timed-out" || (outcome.kind === "failed" && outcome.isSilent === true);
}

/** Only an attempt that ended without an answer can still bring one. */
function wasSilent(record: Readonly<StepRecord>, attempt: number): boolean {
  const result = record.attempts[attempt - 1]?.result;
  return result === "lost" || result === "timed-out";
}

/** A stop that nobody had asked for was recorded as a failure (see `cancelled`). */
function isRepeat(outcome: AttemptOutcome, result: string): boolean {
  return outcome.kind === result || (outcome.kind === "cancelled" && result === "failed");
}
