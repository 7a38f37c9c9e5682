import type { AttemptOutcome } from "#events/commands.ts";
import type { Isolation } from "#events/definition.ts";
import type { CoordinatorId, ExecutorId, PlanId } from "#events/ids.ts";
import type { Json } from "#events/json.ts";

// How coordinators and executors speak. The bus may lose, repeat and reorder; the log is what counts, and reconcile
// sends again whatever the log shows unanswered.
//
// B1. Delivery is never synchronous with `send`: a handler runs later, and a handler that throws harms nobody else.
// B2. A message is data: it is not changed after it was sent.
// B3. A report goes to whoever owns the plan's partition when it arrives, which need not be who dispatched the attempt.

/** Of the messages below. Who speaks another one is told apart and explained, and given nothing to do. */
export const PROTOCOL = 1;

/** Silence after which coordinators and executors that are apart give each other up, in ms. */
export const EXECUTOR_LEASE_MS = 3_000;

/** Identifies one attempt; every message about it carries this. */
export interface AttemptKey {
  readonly plan: PlanId;
  readonly step: string;
  readonly attempt: number;
  /** Epoch of the owner of the plan's partition that sends, and edition of the plan: receivers drop what is older than they know. */
  readonly epoch: number;
  readonly edition: number;
}

/**
 * A slot of an executor, lent to one coordinator for one attempt. A number is lent once in the life of the executor: what
 * cites one that is not lent any more is out of date.
 */
export type SlotToken = number;

/** Coordinator → executor. */
export type ExecutorMessage =
  | {
      readonly kind: "run";
      readonly key: AttemptKey;
      readonly from: CoordinatorId;
      /** The newest offer that the coordinator has heard: an executor that has given up on older ones drops the command. */
      readonly offer: number;
      /** The slot that it takes. Without one it begins nothing: it asks for what is known of an attempt that began. */
      readonly slot?: SlotToken;
      readonly tool: string;
      readonly toolVersion: string;
      readonly args: Json;
      readonly timeoutMs: number;
      /** The same for every attempt of one call; a tool may hand it on to make a repetition harmless. */
      readonly idempotencyKey: string;
      /** Where the tool runs, if not in the executor's loop. */
      readonly isolate?: Isolation;
    }
  | { readonly kind: "cancel"; readonly key: AttemptKey }
  /** The report of this outcome is durable (or refused for good): stop sending it. A later outcome of the attempt is not. */
  | { readonly kind: "acknowledged"; readonly key: AttemptKey; readonly outcome: ExecutorOutcome["kind"] }
  /** I am here. Answered by an offer. */
  | {
      readonly kind: "hello";
      readonly from: CoordinatorId;
      readonly protocol: number;
      /** Release of Planwright, for those who look. */
      readonly version: string;
      /** When it was said, by a clock of the coordinator's that never goes backwards; comes back in offers. */
      readonly at: number;
      /** Steps that could be dispatched at once if there were slots. */
      readonly wants: number;
      /** The newest offer of this executor that was heard; 0 for none. */
      readonly heard: number;
      /** Slots of that offer that it may still use or has used; all others go back. */
      readonly keeps: readonly SlotToken[];
    }
  /** The coordinator ends, and uses no slot any more. */
  | { readonly kind: "goodbye"; readonly from: CoordinatorId };

/** What an executor can be given to do. */
export interface ExecutorAbout {
  readonly protocol: number;
  /** Release of Planwright or of the program that speaks its protocol, for those who look. */
  readonly version: string;
  /** The pool whose steps it runs; without one those of every pool and of none. */
  readonly pool?: string;
  /** Names of its tools; without them every plan is expected to find its own. */
  readonly tools?: readonly string[];
}

/** Executor → one coordinator. */
export interface Offer {
  readonly kind: "offer";
  readonly executor: ExecutorId;
  /** Grows with every offer of the executor, to whomever; older ones than one that was heard say nothing. */
  readonly number: number;
  /** The first offer of this lending: what was lent before, and did not begin by then, never will. */
  readonly since: number;
  /** `at` of the newest hello that was heard of the coordinator: some time after it said that, its slots are lent to others. */
  readonly heardAt: number;
  /** All slots that are lent to this coordinator and not taken yet. */
  readonly slots: readonly SlotToken[];
  /** Slots that it is to give back where it has not used them. */
  readonly back: readonly SlotToken[];
  /** Comes with offers until one of them was heard. */
  readonly about?: ExecutorAbout;
}

/** Executor → the owner of the plan's partition. */
export interface Report {
  readonly kind: "report";
  readonly executor: ExecutorId;
  readonly key: AttemptKey;
  readonly outcome: ExecutorOutcome;
  readonly durationMs: number;
  /** Of one that could not be read, and is a failure therefore: what it calls its outcome, for the acknowledgement. */
  readonly saidKind?: ExecutorOutcome["kind"];
}

/** Executor → every coordinator: it is there, whatever else it has to do; or it goes, and reports nothing more. */
export interface Pulse {
  readonly kind: "alive" | "gone";
  readonly executor: ExecutorId;
  /** How busy it is, for those who look. */
  readonly load?: ExecutorLoad;
}

/** Slots that an executor has, and how many attempts are under way in them. */
export interface ExecutorLoad {
  readonly slots: number;
  readonly used: number;
}

export type CoordinatorMessage = Offer | Report | Pulse;

/** An outcome on its way: the output as a value; whoever records it decides whether it becomes a blob. */
export type ExecutorOutcome =
  Exclude<AttemptOutcome, { kind: "succeeded" }> | { readonly kind: "succeeded"; readonly output: Json };

/** A piece of a text that a tool is making, and how many characters of the text are before it: a gap shows, and 0 begins anew. */
interface LiveText {
  readonly from: number;
  readonly piece: string;
}

/** The live channel: lossy by design. */
export type LiveMessage = {
  readonly plan: PlanId;
  readonly step: string;
  readonly attempt: number;
  readonly at: number;
} & (
  | {
      readonly kind: "progress";
      readonly percent?: number;
      readonly message?: string;
      readonly text?: LiveText;
    }
  | { readonly kind: "log"; readonly message: string; readonly fields?: Readonly<Record<string, unknown>> }
);

export interface Bus {
  /** `isWanted` is asked once more when the message leaves: its sender may have stood still since it was said. */
  toExecutor(executor: ExecutorId, message: ExecutorMessage, isWanted?: () => boolean): void;
  /** To every executor there is. */
  toExecutors(message: ExecutorMessage): void;
  toCoordinator(coordinator: CoordinatorId, message: Offer): void;
  /** To every coordinator there is. */
  toCoordinators(message: Pulse): void;
  /** To whoever owns the partition of the plan. */
  toOwner(message: Report): void;
  live(message: LiveMessage): void;
  onExecutor(executor: ExecutorId, handler: (message: ExecutorMessage) => void): Disposable;
  /** What is sent to this coordinator and to all. */
  onCoordinator(coordinator: CoordinatorId, handler: (message: Offer | Pulse) => void): Disposable;
  /** Reports of plans in this partition. */
  onPartition(partition: number, handler: (message: Report) => void): Disposable;
  onLive(handler: (message: LiveMessage) => void): Disposable;
}
