import type { AttemptOutcome } from "#events/commands.ts";
import type { Isolation } from "#events/definition.ts";
import type { ExecutorId, PlanId } from "#events/ids.ts";
import type { Json } from "#events/json.ts";

// How coordinators and executors speak. The bus may lose, repeat and reorder; the log is what counts, and reconcile
// sends again whatever the log shows unanswered.
//
// B1. Delivery is never synchronous with `send`: a handler runs later, and a handler that throws harms nobody else.
// B2. A message is data: it is not changed after it was sent.

/** Identifies one attempt; every message about it carries this. */
export interface AttemptKey {
  readonly plan: PlanId;
  readonly step: string;
  readonly attempt: number;
  /** Epoch of the owner that dispatched it, and edition of the plan: receivers drop what is older than they know. */
  readonly epoch: number;
  readonly edition: number;
}

/** Coordinator → executor. */
export type ExecutorMessage =
  | {
      readonly kind: "run";
      readonly key: AttemptKey;
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
  /** Who is there? Answered by an offer. */
  | { readonly kind: "hello"; readonly epoch: number };

/** Executor → coordinators. */
export type CoordinatorMessage =
  | {
      readonly kind: "offer";
      readonly executor: ExecutorId;
      readonly slots: number;
      /** Attempts that it runs or still has to report. */
      readonly holding: readonly AttemptKey[];
    }
  | {
      readonly kind: "report";
      readonly executor: ExecutorId;
      readonly key: AttemptKey;
      readonly outcome: ExecutorOutcome;
      readonly durationMs: number;
    };

/** An outcome on its way: the output as a value; whoever records it decides whether it becomes a blob. */
export type ExecutorOutcome =
  Exclude<AttemptOutcome, { kind: "succeeded" }> | { readonly kind: "succeeded"; readonly output: Json };

/** The live channel: lossy by design. */
export type LiveMessage = {
  readonly plan: PlanId;
  readonly step: string;
  readonly attempt: number;
  readonly at: number;
} & (
  | { readonly kind: "progress"; readonly percent?: number; readonly message?: string }
  | { readonly kind: "log"; readonly message: string; readonly fields?: Readonly<Record<string, unknown>> }
);

export interface Bus {
  toExecutor(executor: ExecutorId, message: ExecutorMessage): void;
  /** To every executor there is. */
  toExecutors(message: ExecutorMessage): void;
  toCoordinators(message: CoordinatorMessage): void;
  live(message: LiveMessage): void;
  onExecutor(executor: ExecutorId, handler: (message: ExecutorMessage) => void): Disposable;
  onCoordinator(handler: (message: CoordinatorMessage) => void): Disposable;
  onLive(handler: (message: LiveMessage) => void): Disposable;
}
