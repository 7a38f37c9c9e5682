import type { FactData } from "#events/catalog.ts";
import type { StepDefinition } from "#events/definition.ts";
import type { ErrorInfo } from "#events/errors.ts";
import type { ExecutorId } from "#events/ids.ts";
import type { Payload } from "#events/payload.ts";
import type { Approval } from "#events/step-facts.ts";
import type { Block } from "#machines/block.ts";
import type { Review } from "#machines/reviews.ts";
import type { Expansion, Scope } from "#machines/scope.ts";
import { PRISTINE_STEP, type StepSnapshot } from "#machines/step-table.ts";

// What a plan's state keeps of one step: its chart, and what views and later decisions read. Changed by the fold alone;
// a field of it that is not here for one of those two has no place in memory.

export interface StepRecord {
  readonly scope: Scope;
  chart: StepSnapshot;
  /** Successes that its needs still owe it. */
  openNeeds: number;
  skippedNeeds: number;
  /** When the last open need was satisfied; 0 while there is one. */
  readyAt: number;
  endedAt: number;
  /** The attempt in flight, as it was dispatched: what reconcile sends again. */
  dispatched: FactData<"StepDispatched"> | undefined;
  output: Payload | undefined;
  error: ErrorInfo | undefined;
  skipped: FactData<"StepSkipped">["reason"] | { readonly kind: "given" } | undefined;
  attempts: AttemptRecord[];
  /** Counted in its scope's `startable`. */
  isStartable: boolean;
  /** Of an `each`, `repeat` or `call` that has been opened. */
  expansion: Expansion | undefined;
  /** Of an `each`: a list of the items that failed. */
  errors: Payload | undefined;
  /** The call that takes the step back, as it was recorded with its success. */
  undo: NonNullable<FactData<"StepSucceeded">["undo"]> | undefined;
  /** It was taken back: a plan that goes on runs it again. */
  isUndone: boolean;
  /** How often it has begun anew after it was undone, from 1. */
  generation: number;
  /** What it waits for, beside the time in its chart's context. */
  wait: Wait | undefined;
  /** What was approved: of an approve step for those that need it, of any other one for itself, once by each role. */
  approved: readonly Approval[];
  /** Path of the step that has all it waited for without this one, which is not wanted any more. */
  givenUpFor: string | undefined;
  /** Of a step with an unknown outcome: the attempt that its last member is to answer, or -1 after a person was asked. */
  answering: number;
  /** Of an undo call: the path of what it takes back. */
  undoes: string | undefined;
}

interface Wait {
  readonly signal: string | undefined;
  readonly approval: Approval | undefined;
  readonly since: number;
  /** Words on the question, those that its end came with included. */
  readonly reviews: readonly Review[];
  /** A revision has changed what the question covers: it is put anew before anybody answers. */
  readonly isOutdated: boolean;
}

export interface AttemptRecord {
  readonly attempt: number;
  readonly alternative: number;
  readonly tool: string;
  readonly executor: ExecutorId;
  readonly startedAt: number;
  endedAt: number;
  /** How the attempt ended; `running` until it did. */
  result: "running" | "succeeded" | "failed" | "timed-out" | "lost" | "cancelled";
  /** What was recorded of it after it had ended. */
  late?: { readonly kind: "succeeded" | "failed" | "cancelled"; readonly adopted: boolean; readonly undoDue: boolean };
  readonly argsHash: string;
  error?: ErrorInfo;
  /** It is known that nothing of it is there: it had no effect, or that was taken back. */
  isVoid?: boolean;
}

/** Attempts go on counting, and what is inside has other names, when a step of this id is there again. */
export type GoneStep = Pick<StepRecord, "attempts" | "generation">;

/** Nothing of it was tried since it could start; a step that has leave to start is so until its first attempt. */
export function isUntried({ chart: { value, context } }: Pick<StepRecord, "chart">): boolean {
  return (value === "pending" || value === "between") && context.tries === 0 && context.alternative < 0;
}

/** It asks for itself before it starts, or has leave of some and is untried: nothing of it has begun. */
export function asksForItself(
  { kind }: StepDefinition,
  { chart, wait, approved = [] }: Pick<StepRecord, "chart"> & Partial<Pick<StepRecord, "wait" | "approved">>,
): boolean {
  if (kind === "approve") return false;
  if (chart.value === "waiting") return wait?.approval !== undefined;
  return approved.length > 0 && isUntried({ chart });
}

/** `index`: the step's number within its block. */
export function pristineRecord(scope: Scope, index: number): StepRecord {
  return {
    scope,
    chart: PRISTINE_STEP,
    openNeeds: neededSuccesses(scope.block, index),
    skippedNeeds: 0,
    readyAt: 0,
    endedAt: 0,
    dispatched: undefined,
    output: undefined,
    error: undefined,
    skipped: undefined,
    attempts: [],
    isStartable: false,
    expansion: undefined,
    errors: undefined,
    undo: undefined,
    isUndone: false,
    generation: 1,
    wait: undefined,
    approved: [],
    givenUpFor: undefined,
    answering: 0,
    undoes: undefined,
  };
}

/** How many of its needs must succeed before a step starts. */
export function neededSuccesses({ steps, graph }: Block, index: number): number {
  const needs = graph.needs[index]?.length ?? 0;
  const join = steps[index]?.join ?? "all";
  if (join === "all") return needs;
  return Math.min(needs, join === "any" ? 1 : join.first);
}
