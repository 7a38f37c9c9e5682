import { fact, type Fact } from "#events/catalog.ts";
import type { CommandOf } from "#events/commands.ts";
import { errorOf } from "#events/errors.ts";
import type { JsonObject } from "#events/json.ts";
import { inline } from "#events/payload.ts";
import type { Approval } from "#events/step-facts.ts";
import {
  accepted,
  rejected,
  unstarted,
  type Decider,
  type Decision,
  type Rejection,
} from "#machines/decide/decision.ts";
import { afterRefusal, attemptedAt } from "#machines/decide/next.ts";
import { approvalsAmong, approversOf, requestsAmong, standing, type Review } from "#machines/reviews.ts";
import { definitionAt, isEnded, planStateOf, recordAt, type PlanState } from "#machines/state.ts";
import { findStep } from "#machines/step-path.ts";
import type { StepRecord } from "#machines/step-record.ts";

// What people say: of a question, which ends with the last approval that it wants or with one denial, and of a plan.
//
// R1. A word counts for the question that was seen, and from nobody without the role that it names.
// R2. A question that wants one approver ends with the fact of its end alone; of several every word is a fact, the last one
//     in the same append as the end. Who approves twice counts once.
// R3. While somebody's request for changes stands nobody else's approval is taken. It ends by a revision of what is covered,
//     or by another word of whoever made it; a word can be taken back as long as the question is open, whatever role is left.

type DecideApproval = CommandOf<"DecideApproval">;

/** Words that are kept of one question. */
const MAX_REVIEWS = 200;
/** Comments that one plan keeps, and how long one may be. */
const MAX_COMMENTS = 500;
const MAX_COMMENT_CHARS = 4_000;

export const decideApproval: Decider<DecideApproval> = (command, state, { now }) => {
  const { step } = command;
  const found = findStep(state, step);
  if (found === undefined)
    return unstarted(state) ?? rejected("unknown-step", `plan ${state.planId} has no step ${step}`);
  const { index, record } = found;
  const approval = questionFor(command, record);
  if (approval === undefined) return decidedAlready(command, state, index);
  const refusal = refusalOf(command, record, state);
  if (refusal !== undefined) return refusal;
  if (!state.asking.has(index)) {
    return rejected("plan-ending", `${step} waits no more: what it is inside of has stopped`);
  }
  if (command.verdict === "denied") return denied(command, state, index);
  return reviewed(command, { approval, reviews: record.wait?.reviews ?? [], isOwn: isOwn(state, index), now });
};

/** What is asked now; undefined where nothing is, and where the word is about a question that is over. */
function questionFor({ hash }: DecideApproval, { chart, wait, approved }: StepRecord): Approval | undefined {
  const approval = wait?.approval;
  if (chart.value !== "waiting" || approval === undefined) return undefined;
  const isOver = approval.hash !== hash && approved.some((one) => one.hash === hash);
  return isOver ? undefined : approval;
}

/** The step asks for itself, and starts on the answer. */
function isOwn(state: PlanState, index: number): boolean {
  return definitionAt(state, index).kind !== "approve";
}

function refusalOf(command: DecideApproval, { wait }: Readonly<StepRecord>, state: PlanState): Rejection | undefined {
  const { step, hash, by, roles, verdict } = command;
  if (isEnded(state)) return rejected("plan-ended", `plan ${state.planId} has already ${planStateOf(state)}`);
  if (wait?.isOutdated === true) {
    return rejected("approval-outdated", `what ${step} asks to have approved was revised: look at it again`);
  }
  const { hash: asked, role } = wait?.approval ?? {};
  if (asked !== hash) {
    const message = `what ${step} asks to have approved has the hash ${asked}, not ${hash}: look at it again`;
    return rejected("approval-outdated", message);
  }
  if (role === undefined || roles.includes(role) || verdict === "withdrawn") return undefined;
  return rejected("not-permitted", `${by} has not the role ${role} that ${step} asks for`);
}

function denied({ step, by, note }: DecideApproval, state: PlanState, index: number): Decision {
  const error = errorOf("permission", "approval-denied", `${by} denied it${note === undefined ? "" : `: ${note}`}`);
  return accepted(
    fact("StepFailed", { step, attempt: 0, error, next: afterRefusal(attemptedAt(state, index), error) }),
  );
}

interface Asked {
  readonly approval: Approval;
  readonly reviews: readonly Review[];
  readonly isOwn: boolean;
  readonly now: number;
}

function reviewed(command: DecideApproval, asked: Asked): Decision {
  const { step, hash, verdict, by, note } = command;
  const { reviews } = asked;
  const before = standing(reviews).find((review) => review.by === by);
  if (isRepeat(command, before)) return { kind: "duplicate" };
  if (verdict === "denied") return { kind: "duplicate" };
  const [request] = requestsAmong(reviews).filter((review) => review.by !== by);
  if (verdict === "approved" && request !== undefined) return requestStands(step, request);
  const word = fact("StepReviewed", { step, hash, by, verdict, ...(note === undefined ? {} : { note }) });
  if (verdict === "approved") return approved(command, word, asked);
  if (verdict === "withdrawn" && before === undefined) {
    return rejected("nothing-to-withdraw", `${by} has said nothing of what ${step} asks for`);
  }
  return tooMany(step, reviews) ?? accepted(word);
}

function isRepeat({ verdict, note }: DecideApproval, before: Review | undefined): boolean {
  return before?.verdict === verdict && (verdict === "approved" || before.note === note);
}

function requestStands(step: string, { by, note }: Review): Rejection {
  const wanted = note === undefined ? "" : `: ${note}`;
  const message = `${by} asks for changes of what ${step} covers${wanted}; revise the plan, or ${by} takes it back`;
  return rejected("changes-requested", message);
}

function tooMany(step: string, { length }: readonly Review[]): Rejection | undefined {
  if (length < MAX_REVIEWS) return undefined;
  return rejected("too-many-reviews", `${step} keeps ${MAX_REVIEWS} words on its question; approve or deny it`);
}

function approved(command: DecideApproval, word: Fact, { approval, reviews, isOwn: starts, now }: Asked): Decision {
  const { step, hash, by, note } = command;
  const said = note === undefined ? {} : { note };
  const others = approvalsAmong(reviews).filter((review) => review.by !== by);
  const isEnough = others.length + 1 >= approversOf(approval);
  if (!isEnough) return tooMany(step, reviews) ?? accepted(word);
  const words = approversOf(approval) === 1 && reviews.length === 0 ? [] : [word];
  if (starts) return accepted(...words, fact("StepWaitEnded", { step, starts: true }));
  const at = new Date(now).toISOString();
  const approvals = [...others.map(approverOf), { by, at, ...said }];
  const output = inline({ approved: true, hash, by, at, ...said, approvals });
  return accepted(...words, fact("StepWaitEnded", { step, output }));
}

function approverOf({ by, at, note }: Review): JsonObject {
  return { by, at: new Date(at).toISOString(), ...(note === undefined ? {} : { note }) };
}

/** The same word again is no news; another one comes too late. */
function decidedAlready(command: DecideApproval, state: PlanState, index: number): Decision {
  const record = recordAt(state, index);
  const { step } = command;
  const { chart, approved: given, error } = record;
  if (isSaidAlready(command, record)) return { kind: "duplicate" };
  if (given.length > 0 || error?.code === "approval-denied" || error?.code === "approval-expired") {
    return rejected("approval-decided", `${step} was decided before: it is ${chart.value}`);
  }
  return rejected("nothing-to-approve", `${step} does not wait for an approval: it is ${chart.value}`);
}

function isSaidAlready({ verdict, hash }: DecideApproval, { approved: given, error }: Readonly<StepRecord>): boolean {
  if (verdict === "denied") return error?.code === "approval-denied";
  return verdict === "approved" && given.some((approval) => approval.hash === hash);
}

/** A comment names the question that its step has put, so that it is read with it. */
export const commentPlan: Decider<CommandOf<"CommentPlan">> = ({ text, step, by }, state, { epoch }) => {
  const refusal = unstarted(state) ?? refusalOfText(text, state);
  if (refusal !== undefined) return refusal;
  if (step === undefined) return accepted(fact("PlanCommented", { epoch, text, by }));
  const found = findStep(state, step);
  if (found === undefined) return rejected("unknown-step", `plan ${state.planId} has no step ${step}`);
  const { chart, wait } = found.record;
  const hash = chart.value === "waiting" ? wait?.approval?.hash : undefined;
  return accepted(fact("PlanCommented", { epoch, text, by, about: step, ...(hash === undefined ? {} : { hash }) }));
};

function refusalOfText(text: string, { comments, planId }: PlanState): Rejection | undefined {
  if (text.trim() === "" || text.length > MAX_COMMENT_CHARS) {
    return rejected("bad-comment", `a comment has 1 to ${MAX_COMMENT_CHARS} characters`);
  }
  if (comments.length < MAX_COMMENTS) return undefined;
  return rejected("too-many-comments", `plan ${planId} keeps ${MAX_COMMENTS} comments`);
}
