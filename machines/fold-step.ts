import { errorOf, type ErrorInfo } from "#events/errors.ts";
import { Fault } from "#events/fault.ts";
import type { Payload } from "#events/payload.ts";
import { giveUp, reindex } from "#machines/indexes.ts";
import { foldExpanded, foldWindowClosed } from "#machines/fold-members.ts";
import { pathAt, recordAt, type PlanState } from "#machines/state.ts";
import { isUntried, type AttemptRecord, type StepRecord } from "#machines/step-record.ts";
import { isAgreed } from "#machines/reviews.ts";
import { ASKED, reviewMembers } from "#machines/members.ts";
import { findStep, stepIndex } from "#machines/step-path.ts";
import type { StepEvent } from "#machines/step-chart.ts";
import { moveStep } from "#machines/step-table.ts";

// One fact about one step: the chart moves, the record keeps what views and later decisions read, the indexes follow.
// A fact that names another attempt than the one in flight is refused: it would end what it does not speak of.

export function foldStep(state: PlanState, event: StepEvent): void {
  if (event.type === "StepLateReported" && state.silent.delete(`${event.data.step}#${event.data.attempt}`)) return;
  const index = stepIndex(state, event.data.step);
  const record = recordAt(state, index);
  const from = record.chart.value;
  admit(state, index, event);
  record.chart = moveStep(record.chart, event);
  state.touched++;
  takeSignal(state, record, event);
  keep(record, event);
  noteUndone(state, record, event);
  reindex(state, index, { from, to: record.chart.value, at: event.at, isAnew: event.type === "StepWaitStarted" });
  if (event.type === "StepExpanded") foldExpanded(state, index, event);
  else if (event.type === "StepCancelRequested") giveUp(state, index);
  else if (event.type === "StepOutcomeResolved") reviewMembers(state, index);
  else if (event.type === "StepWindowClosed") foldWindowClosed(state, index, event);
}

const ENDS_ATTEMPT: ReadonlySet<StepEvent["type"]> = new Set([
  "StepSucceeded",
  "StepFailed",
  "StepTimedOut",
  "StepLost",
]);
const STARTS: ReadonlySet<StepEvent["type"]> = new Set([
  "StepDispatched",
  "StepSucceeded",
  "StepWaitStarted",
  "StepExpanded",
  "StepFailed",
]);

/**
 * What no chart of a single step can see: that nothing starts before its needs, and that the end of an attempt names one
 * that there was.
 */
function admit(state: PlanState, index: number, event: StepEvent): void {
  const refusal = refusalOf(state, index, event);
  if (refusal !== undefined) throw new Fault("event-refused", `${event.type} of ${event.data.step} ${refusal}`);
  const { value } = recordAt(state, index).chart;
  if (value === "waiting") admitWord(recordAt(state, index), event);
  if (ENDS_ATTEMPT.has(event.type) && "attempt" in event.data) admitEnd(state, index, event.data.attempt);
}

function refusalOf(state: PlanState, index: number, event: StepEvent): string | undefined {
  const { value } = recordAt(state, index).chart;
  if (value === "pending" && STARTS.has(event.type) && !state.ready.has(index)) {
    return "comes before the step's needs are satisfied";
  }
  if (event.type === "StepFailed" && event.data.next.kind === "unknown" && event.data.isSilent !== true) {
    return "is an answer, and leaves nothing unknown";
  }
  if (value === "between" && event.type === "StepWaitStarted" && !mayAskMore(state, index)) {
    return "asks nobody else: nothing of it was approved, or it has been tried";
  }
  return undefined;
}

/** A step that has leave of some, and has not been tried since, may have to ask others as well. */
function mayAskMore(state: PlanState, index: number): boolean {
  const record = recordAt(state, index);
  return record.approved.length > 0 && isUntried(record) && state.ready.has(index);
}

/** A word names the question that was put; that is put anew where it has to be, and ends with the words that it wants. */
function admitWord({ wait }: StepRecord, event: StepEvent): void {
  const wrong = wrongWord(wait, event);
  if (wrong !== undefined) throw new Fault("event-refused", `${event.data.step} ${wrong}`);
}

function wrongWord(wait: StepRecord["wait"], event: StepEvent): string | undefined {
  if (event.type === "StepReviewed" && event.data.hash !== wait?.approval?.hash)
    return "has put another question than the one of this word";
  if (event.type === "StepWaitStarted" && wait?.isOutdated !== true)
    return "waits already, for what nothing has changed";
  return event.type === "StepWaitEnded" && !isApproved(wait) ? "has not been approved by all who have to" : undefined;
}

/** Also where nobody was asked. */
function isApproved(wait: StepRecord["wait"]): boolean {
  return wait?.approval === undefined || isAgreed(wait.approval, wait.reviews);
}

/** The end of an attempt names the one in flight; 0 stands for no attempt at all. */
function admitEnd(state: PlanState, index: number, attempt: number): void {
  const { value, context } = recordAt(state, index).chart;
  const isInFlight = value === "running" || value === "unknown";
  if (attempt === 0 || (isInFlight && attempt === context.attempt)) return;
  throw new Fault(
    "event-refused",
    `an end of ${pathAt(state, index)} names attempt ${attempt}, which is not in flight`,
  );
}

/** A signal that a step waits for is taken by it; one that nobody kept cannot be. */
function takeSignal(state: PlanState, { wait }: StepRecord, event: StepEvent): void {
  if (event.type !== "StepWaitEnded" || event.data.signal === undefined) return;
  const taken = state.signals.take(event.data.signal);
  if (taken !== undefined && taken.name === wait?.signal) return;
  throw new Fault("event-refused", `signal ${event.data.signal} is not kept for ${event.data.step}`);
}

function keep(record: StepRecord, event: StepEvent): void {
  if (event.type === "StepDispatched") beginAttempt(record, event);
  else if (event.type === "StepSucceeded") {
    record.output = event.data.output;
    record.errors = event.data.errors;
    record.undo = event.data.undo;
    endAttempt(record, event, "succeeded");
  } else if (event.type === "StepFailed" || event.type === "StepTimedOut" || event.type === "StepLost") {
    endWithError(record, event, errorIn(event));
  } else if (event.type === "StepCancelled") endAttempt(record, event, "cancelled");
  else if (event.type === "StepLateReported") keepLate(record, event);
  else keepUnattempted(record, event);
}

/** An undo call that succeeded, late or not, has taken back the step that it names. */
function noteUndone(state: PlanState, { undoes }: StepRecord, event: StepEvent): void {
  const isDone = event.type === "StepSucceeded" || (event.type === "StepLateReported" && event.data.adopted);
  if (!isDone || undoes === undefined) return;
  const found = findStep(state, undoes);
  if (found === undefined) state.undone.add(undoes);
  else recordAt(state, found.index).isUndone = true;
}

type Unattempted = EventOf<
  | "StepSkipped"
  | "StepWaitStarted"
  | "StepReviewed"
  | "StepWaitEnded"
  | "StepCancelRequested"
  | "StepOutcomeResolved"
  | "StepOutcomeGiven"
  | "StepExpanded"
  | "StepWindowClosed"
>;

/** Facts that neither begin nor end an attempt. */
function keepUnattempted(record: StepRecord, event: Unattempted): void {
  if (event.type === "StepSkipped") record.skipped = event.data.reason;
  else if (event.type === "StepWaitStarted") keepWait(record, event);
  else if (event.type === "StepReviewed") keepReview(record, event);
  else if (event.type === "StepWaitEnded") endWait(record, event);
  else if (event.type === "StepCancelRequested") record.givenUpFor = event.data.because;
  else if (event.type === "StepOutcomeResolved") keepResolution(record, event);
  else if (event.type === "StepOutcomeGiven") keepGiven(record, event);
}

function keepWait(record: StepRecord, { data, at }: EventOf<"StepWaitStarted">): void {
  const { signal, approval } = data;
  const { wait } = record;
  // What was put anew and is still the same keeps the words that were said of it.
  const isSame = approval !== undefined && wait?.isOutdated === true && wait.approval?.hash === approval.hash;
  record.wait = { signal, approval, since: at, reviews: isSame ? wait.reviews : [], isOutdated: false };
}

function keepReview(record: StepRecord, { data, at }: EventOf<"StepReviewed">): void {
  const { by, verdict, note } = data;
  const { wait } = record;
  if (wait === undefined) return;
  record.wait = { ...wait, reviews: [...wait.reviews, { by, verdict, at, ...(note === undefined ? {} : { note }) }] };
}

function endWait(record: StepRecord, { data }: EventOf<"StepWaitEnded">): void {
  const approval = record.wait?.approval;
  if (approval !== undefined) record.approved = [...record.approved, approval];
  if (data.starts !== true) record.output = data.output ?? { inline: null };
}

function errorIn(event: EventOf<keyof typeof RESULTS>): ErrorInfo {
  if (event.type === "StepFailed") return event.data.error;
  if (event.type === "StepLost") {
    return errorOf("unavailable", "executor-lost", `executor ${event.data.executor} was lost`);
  }
  return errorOf("timeout", `${event.data.bound}-timed-out`, timeoutText(event.data.bound));
}

type EventOf<T extends StepEvent["type"]> = Extract<StepEvent, { type: T }>;

function beginAttempt(record: StepRecord, { at, data }: EventOf<"StepDispatched">): void {
  const { attempt, alternative, tool, executor, argsHash } = data;
  // In older histories a step that a revision had brought back was counted from 1.
  record.attempts.splice(attempt - 1);
  record.attempts.push({
    attempt,
    alternative,
    tool,
    executor,
    argsHash,
    startedAt: at,
    endedAt: 0,
    result: "running",
  });
  record.dispatched = data;
  record.undoes = data.undoes;
}

const RESULTS = { StepFailed: "failed", StepTimedOut: "timed-out", StepLost: "lost" } as const;

function endWithError(record: StepRecord, event: EventOf<keyof typeof RESULTS>, error: ErrorInfo): void {
  record.error = error;
  noteVoid(record, event);
  const isSilent = event.type === "StepFailed" && event.data.isSilent === true;
  endAttempt(record, event, isSilent ? "lost" : RESULTS[event.type]);
  const attempt = record.attempts.at(-1);
  if (attempt !== undefined && event.data.attempt > 0) attempt.error = error;
}

/** A failure of an attempt that had fallen silent before: now it is known that nothing of it is there. */
function noteVoid({ attempts }: StepRecord, { type, data }: EventOf<keyof typeof RESULTS>): void {
  const last = attempts.at(-1);
  if (type === "StepFailed" && last?.attempt === data.attempt && last.result !== "running") last.isVoid = true;
}

/** Ends the attempt that the fact names; a fact with attempt 0, or about one that ended already, ends none. */
function endAttempt(record: StepRecord, event: StepEvent, result: AttemptRecord["result"]): void {
  const attempt = record.attempts.at(-1);
  if (attempt?.result !== "running" || !("attempt" in event.data)) return;
  if (event.data.attempt !== attempt.attempt) {
    throw new Fault(
      "event-refused",
      `${event.type} names attempt ${event.data.attempt} of ${event.data.step}, not ${attempt.attempt}`,
    );
  }
  record.dispatched = undefined;
  attempt.result = result;
  attempt.endedAt = event.at;
}

function keepLate(record: StepRecord, { data }: EventOf<"StepLateReported">): void {
  const attempt = record.attempts[data.attempt - 1];
  if (attempt === undefined) throw new Fault("event-refused", `${data.step} has no attempt ${data.attempt}`);
  attempt.late = { kind: data.outcome.kind, adopted: data.adopted, undoDue: data.undoDue };
  if (data.outcome.kind === "succeeded") attempt.isVoid = false;
  if (data.adopted && data.outcome.kind === "succeeded") settle(record, data.outcome.output);
}

function keepResolution(record: StepRecord, { data }: EventOf<"StepOutcomeResolved">): void {
  if (data.resolution.kind === "done") settle(record, data.resolution.output);
  else if (data.resolution.kind === "fail") record.error = data.resolution.error;
  else if (data.resolution.kind === "ask") record.answering = ASKED;
}

function keepGiven(record: StepRecord, { data }: EventOf<"StepOutcomeGiven">): void {
  if (data.outcome.kind === "done") settle(record, data.outcome.output);
  else record.skipped = { kind: "given" };
}

function settle(record: StepRecord, output: Payload): void {
  record.output = output;
  record.error = undefined;
}

function timeoutText(bound: "attempt" | "deadline"): string {
  return bound === "attempt" ? "the attempt took longer than its timeout" : "the step's deadline passed";
}
