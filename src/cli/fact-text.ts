import type { Fact, FactData, FactOf, FactType } from "#events/catalog.ts";
import type { ErrorInfo } from "#events/errors.ts";
import type { Next } from "#events/step-facts.ts";
import { durationText, plural } from "#src/cli/text.ts";

// One fact in a few words: what `history` and the plain lines of a run say.
// Texts of tools are passed on as they are; whoever prints them makes them safe for a terminal.

export function factText(fact: Fact): string {
  return textOf(fact);
}

/** A new fact does not compile before it says here how it reads. */
const TEXTS: { readonly [T in FactType]: (data: FactData<T>) => string } = {
  PlanDrafted: ({ name, steps }) => `plan ${name} drafted with ${plural(steps, "step")}`,
  PlanStarted: () => "plan started",
  PlanRevised: ({ edition, changes, note }) =>
    `plan revised to edition ${edition} (${changes.map(changeText).join(", ")})${noteText(note)}`,
  PlanPaused: ({ note }) => `plan paused${noteText(note)}`,
  PlanResumed: ({ note }) => `plan resumed${noteText(note)}`,
  SignalReceived: ({ name, number, by }) => `signal ${number} from ${by}: ${name}`,
  SignalExpired: ({ number }) => `signal ${number} expired: no step waited for it`,
  PlanCommented: ({ by, text, about }) => `${by}${about === undefined ? "" : ` about ${about}`}: ${text}`,
  PlanCancelRequested: ({ cause }) => (cause === "deadline" ? "the plan's deadline passed" : "cancellation requested"),
  PlanCancelled: () => "plan cancelled",
  PlanSucceeded: () => "plan succeeded",
  PlanFailed: ({ error }) => `plan failed: ${error.message}`,
  PlanRollbackStarted: ({ cause, irreversible }) =>
    `${cause === "failure" ? "the plan failed and is rolled back" : "rollback asked for"}${irreversible.length === 0 ? "" : `; what stays: ${irreversible.join(", ")}`}`,
  PlanRolledBack: () => "plan rolled back",
  PlanReopened: ({ note }) => `plan reopened${noteText(note)}`,
  PlanQuarantined: ({ plan, message }) => `plan ${plan} quarantined: ${message}`,
  PlanReleased: ({ plan }) => `plan ${plan} released from quarantine`,
  StepDispatched: dispatchedText,
  StepSucceeded: ({ step, durationMs }) =>
    `${step}: succeeded${durationMs === undefined ? "" : ` in ${durationText(durationMs)}`}`,
  StepFailed: ({ step, error, next }) => `${step}: failed (${errorText(error)}); ${nextText(next)}`,
  StepTimedOut: ({ step, bound, next }) =>
    `${step}: ${bound === "attempt" ? "took longer than its timeout" : "its deadline passed"} (${bound}-timed-out); ${nextText(next)}`,
  StepLost: ({ step, next }) => `${step}: the process that ran it is gone; ${nextText(next)}`,
  StepLateReported: ({ step, outcome, adopted }) =>
    `${step}: a late report: ${outcome.kind}${adopted ? ", adopted" : ""}`,
  StepSkipped: ({ step, reason }) =>
    `${step}: ${reason.kind === "when" ? "skipped, its condition is false" : `skipped with ${reason.step}`}`,
  StepExpanded: ({ step, from, to, total }) =>
    `${step}: ${total === undefined ? "" : `of ${total}, `}${to - from === 1 ? `${from} begins` : `${from} to ${to - 1} open`}`,
  StepWindowClosed: ({ step, from, to }) => `${step}: ${from} to ${to - 1} have ended`,
  StepWaitStarted: waitText,
  StepReviewed: ({ step, by, verdict, hash, note }) =>
    `${step}: ${REVIEWED[verdict]} by ${by} (${hash})${noteText(note)}`,
  StepWaitEnded: ({ step, signal, starts }) =>
    `${step}: ${starts === true ? "approved" : signal === undefined ? "has waited" : `signal ${signal} has come`}`,
  StepCancelRequested: ({ step, because }) => `${step}: not wanted any more, ${because} has all it waited for`,
  StepCancelled: ({ step }) => `${step}: cancelled`,
  StepOutcomeGiven: ({ step, outcome }) => `${step}: a person said that it is ${outcome.kind}`,
  StepOutcomeResolved: ({ step, resolution }) =>
    `${step}: ${resolution.kind === "ask" ? "nothing answers for it, a person is asked" : `answered: ${resolution.kind}`}`,
};

const REVIEWED = {
  approved: "approved",
  "changes-requested": "changes requested",
  withdrawn: "what was said of it taken back",
} as const;

function textOf<T extends FactType>({ type, data }: FactOf<T>): string {
  return TEXTS[type](data);
}

function dispatchedText(data: FactData<"StepDispatched">): string {
  const { step, tool, attempt, alternative, isolate, undoes } = data;
  const fallback = alternative < 0 ? "" : `, fallback ${alternative + 1}`;
  const again = attempt === 1 ? "" : `, attempt ${attempt}`;
  const place = isolate === undefined ? "" : `, in a ${isolate} of its own`;
  const takenBack = undoes === undefined ? "" : `, takes back ${undoes}`;
  return `${step}: ${tool}${takenBack}${fallback}${again}${place}`;
}

/** Before a step that a revision adds, removes or changes. */
export const CHANGE_MARKS = { added: "+", removed: "-", changed: "~" } as const;

function changeText({ step, change, words }: FactData<"PlanRevised">["changes"][number]): string {
  return `${CHANGE_MARKS[change]}${step}${words.length === 0 ? "" : ` ${words.join("/")}`}`;
}

function waitText({ step, dueAt, signal, approval }: FactData<"StepWaitStarted">): string {
  const until = dueAt === undefined ? "" : ` until ${new Date(dueAt).toISOString()}`;
  if (signal !== undefined) return `${step}: waits for the signal ${signal}`;
  if (approval === undefined) return `${step}: waits${until}`;
  const { role, approvers = 1 } = approval;
  const by = `${approvers === 1 ? "" : ` of ${approvers} people`}${role === undefined ? "" : ` by ${role}`}`;
  return `${step}: waits for approval${by}${until} (${approval.hash})`;
}

function noteText(note: string | undefined): string {
  return note === undefined ? "" : `: ${note}`;
}

/** The category says what may help, the code what it was. */
function errorText({ category, code, message }: ErrorInfo): string {
  return `${category}${code === category ? "" : ` ${code}`}: ${message}`;
}

function nextText(next: Next): string {
  switch (next.kind) {
    case "retry":
      return `again in ${durationText(next.delayMs)}`;
    case "fallback":
      return `on to fallback ${next.index + 1}`;
    case "unknown":
      return "its outcome is unknown";
    case "final":
      return "for good";
    case "cancelled":
      return "it was not wanted any more";
  }
}
