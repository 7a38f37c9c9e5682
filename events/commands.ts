import type { PlanDefinition } from "#events/definition.ts";
import type { ErrorInfo } from "#events/errors.ts";
import type { ExecutorId } from "#events/ids.ts";
import type { JsonObject } from "#events/json.ts";
import type { Payload } from "#events/payload.ts";

// What somebody asks of a plan. A command may be refused; what it leads to is a fact. Commands are not stored, and today
// reach a mailbox only from inside the process, so they have types and no schemas.

interface StartPlan {
  readonly type: "StartPlan";
  readonly definition: PlanDefinition;
  /** Values by name, checked against the definition's inputs and completed with their defaults. */
  readonly inputs: JsonObject;
}

interface CancelPlan {
  readonly type: "CancelPlan";
  readonly note?: string;
}

/** Another definition for a plan that has not succeeded. */
interface RevisePlan {
  readonly type: "RevisePlan";
  readonly definition: PlanDefinition;
  /** The edition that was revised: somebody else's revision in between is not overwritten. */
  readonly edition: number;
  readonly note?: string;
}

interface PausePlan {
  readonly type: "PausePlan";
  readonly note?: string;
}

interface ResumePlan {
  readonly type: "ResumePlan";
  readonly note?: string;
}

/** Something that a step waits for, or will. */
interface SendSignal {
  readonly type: "SendSignal";
  readonly name: string;
  readonly payload: Payload;
  /** Authenticated principal. */
  readonly by: string;
  /** The sender's own name for the signal: sent again it is a duplicate. */
  readonly id?: string;
  /** Kept at most so long, in ms; a default where nothing is said. */
  readonly expiresMs?: number;
}

/** Somebody's word on what a step asks to have approved. */
interface DecideApproval {
  readonly type: "DecideApproval";
  readonly step: string;
  /** The question's own hash, as whoever decides has seen it. */
  readonly hash: string;
  /** A request for changes keeps the question open, and nothing of its hash is approved until the requester takes it back. */
  readonly verdict: "approved" | "denied" | "changes-requested" | "withdrawn";
  /** Authenticated principal, and the roles that the configuration gives it. */
  readonly by: string;
  readonly roles: readonly string[];
  readonly note?: string;
}

/** What somebody has to say about a plan, or a step of it. */
interface CommentPlan {
  readonly type: "CommentPlan";
  readonly text: string;
  readonly step?: string;
  /** Authenticated principal. */
  readonly by: string;
}

/** How an attempt ended, as its executor says. */
export type AttemptOutcome =
  | { readonly kind: "succeeded"; readonly output: Payload }
  | {
      readonly kind: "failed";
      readonly error: ErrorInfo;
      /** Nobody answered: what ran the tool is gone, and the tool may have had its effect by then. */
      readonly isSilent?: boolean;
    }
  /** The tool did not answer within its timeout, and may still have an effect. */
  | { readonly kind: "timed-out" }
  /** The tool was told to stop and did. */
  | { readonly kind: "cancelled" };

interface ReportAttempt {
  readonly type: "ReportAttempt";
  readonly step: string;
  readonly attempt: number;
  readonly executor: ExecutorId;
  readonly outcome: AttemptOutcome;
  readonly durationMs?: number;
}

/** The executor of an attempt is gone: it will never answer, or only late. */
interface LoseAttempt {
  readonly type: "LoseAttempt";
  readonly step: string;
  readonly attempt: number;
  readonly executor: ExecutorId;
}

/** A person's answer to an outcome that is unknown. */
interface ResolveOutcome {
  readonly type: "ResolveOutcome";
  readonly step: string;
  readonly resolution:
    | { readonly kind: "done"; readonly output: Payload }
    | { readonly kind: "retry" }
    | { readonly kind: "fail"; readonly note?: string };
}

/** Undoes what has happened: all of it, or the part that `from` or `to` leaves. */
interface RollbackPlan {
  readonly type: "RollbackPlan";
  /** Path of a step of the plan's own. */
  readonly from?: string;
  readonly to?: string;
  /** The irreversible steps were named to whoever asks, and stay as they are. */
  readonly acceptIrreversible?: boolean;
  readonly note?: string;
}

/** Goes on with a plan that has ended without success. */
interface ReopenPlan {
  readonly type: "ReopenPlan";
  readonly note?: string;
}

/** A person says what a step comes to: done with an output, or skipped. Reopens a plan that has ended without success. */
interface GiveOutcome {
  readonly type: "GiveOutcome";
  readonly step: string;
  readonly outcome: { readonly kind: "done"; readonly output: Payload } | { readonly kind: "skipped" };
  readonly note?: string;
}

export type Command =
  | StartPlan
  | CancelPlan
  | RevisePlan
  | PausePlan
  | ResumePlan
  | SendSignal
  | DecideApproval
  | CommentPlan
  | ReportAttempt
  | LoseAttempt
  | ResolveOutcome
  | RollbackPlan
  | ReopenPlan
  | GiveOutcome;
export type CommandOf<T extends Command["type"]> = Extract<Command, { type: T }>;
