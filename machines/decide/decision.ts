import type { Fact } from "#events/catalog.ts";
import type { Claim } from "#events/claims.ts";
import type { ExecutorId } from "#events/ids.ts";
import type { Blobs } from "#machines/blobs.ts";
import type { PlanState, PlanView } from "#machines/state.ts";

// What a decider says. Deciders are pure: the time, randomness and epoch come with the question.
// That makes every answer repeatable: the same question about the same state is decided the same way for ever.

/** An expected refusal: a value, never thrown. `code` is a stable kebab string. */
export interface Rejection {
  readonly kind: "rejected";
  readonly code: string;
  readonly reason: string;
}

export type Decision =
  | { readonly kind: "accepted"; readonly facts: readonly Fact[] }
  /** The command's effect is in the log already. */
  | { readonly kind: "duplicate" }
  /** An expression reads payloads that are kept as blobs: load them and ask again. */
  | { readonly kind: "needs-blobs"; readonly refs: readonly string[] }
  | Rejection;

/** What every decision may depend on beside state and command. */
export interface Moment {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Epoch of the owner that decides. */
  readonly epoch: number;
  /** Payloads kept as blobs, as far as they are loaded. */
  readonly blobs?: Blobs;
}

/** Capacity that an executor has offered and that is not taken yet. */
export interface Slots {
  /** The executor that takes a call of this tool now, where its claims fit as well; asking takes nothing. */
  executorFor(tool: string, claims: readonly Claim[]): ExecutorId | undefined;
}

/** What follows from a state without anybody asking: one decision, or nothing. */
export type Advance =
  | { readonly kind: "facts"; readonly facts: readonly Fact[] }
  /** An expression reads payloads that are kept as blobs: load them and ask again. */
  | { readonly kind: "needs-blobs"; readonly refs: readonly string[] }
  | { readonly kind: "idle" };

/** What deciding that may depend on. */
export interface Surroundings {
  readonly moment: Moment;
  readonly slots: Slots;
  readonly blobs: Blobs;
}

export type Decider<C> = (command: C, state: PlanState, moment: Moment) => Decision;

export function accepted(...facts: readonly Fact[]): Decision {
  return { kind: "accepted", facts };
}

export function rejected(code: string, reason: string): Rejection {
  return { kind: "rejected", code, reason };
}

/** Refuses what is asked of a plan that has not started. */
export function unstarted(state: PlanView): Rejection | undefined {
  if (state.header.context.startedAt > 0) return undefined;
  return rejected("plan-unknown", `plan ${state.planId} has not started`);
}
