import { fact, type Fact } from "#events/catalog.ts";
import type { StepDefinition, ToolCall } from "#events/definition.ts";
import type { ErrorInfo } from "#events/errors.ts";
import type { Surroundings } from "#machines/decide/decision.ts";
import { afterRefusal, attemptedAt } from "#machines/decide/next.ts";
import type { Scope } from "#machines/scope.ts";
import type { PlanState } from "#machines/state.ts";

// What the kinds of steps share when they start: where the step stands, and what may come of it. Nothing is decided
// here that depends on the kind.

interface Decided {
  readonly kind: "facts";
  readonly facts: readonly Fact[];
}

export type StartOutcome =
  Decided | { readonly kind: "needs-blobs"; readonly refs: readonly string[] } | { readonly kind: "no-slot" };

export interface Starting {
  readonly state: PlanState;
  readonly index: number;
  readonly step: StepDefinition;
  /** What facts call the step. */
  readonly path: string;
  readonly scope: Scope;
  readonly around: Surroundings;
}

/** An expression without a value fails the step before any attempt; the fallbacks still apply. */
export function refused({ state, index, path }: Starting, error: ErrorInfo): StartOutcome {
  const next = afterRefusal(attemptedAt(state, index), error);
  return facts(fact("StepFailed", { step: path, attempt: 0, error, next }));
}

/** What a dispatch takes from its call as it is. */
export type Bounds = Pick<ToolCall, "idempotent" | "timeoutMs" | "isolate">;

export function boundsOf({ idempotent, timeoutMs, isolate }: Bounds): Bounds {
  return { idempotent, timeoutMs, ...(isolate === undefined ? {} : { isolate }) };
}

export function facts(...decided: readonly Fact[]): Decided {
  return { kind: "facts", facts: decided };
}
