import type { FaultKind } from "./faults.ts";

/** Something that was done to a process, and how long it showed. */
export interface FaultRecord {
  readonly kind: FaultKind;
  readonly name: string;
  /** Ms from the beginning of the load. */
  readonly atMs: number;
  /** Steps a second before it. */
  readonly before: number;
  /** Until half of that was there again, and stayed. */
  readonly backMs: number;
  /** What was left of it at the worst. */
  readonly lowest: number;
  /**
   * Of a coordinator: until another one told a fact of one of its plans. Of an executor: until the last attempt that it had in
   * hand has ended. Undefined where it had none, or nothing came of it.
   */
  readonly wentOnMs: number | undefined;
}

export interface Claim {
  readonly claim: string;
  readonly holds: boolean;
  readonly found: string;
}

export interface ChaosRecord {
  readonly claims: readonly Claim[];
  readonly faults: readonly FaultRecord[];
  readonly plans: number;
  readonly facts: number;
  /** That succeeded. */
  readonly steps: number;
  /** That tools wrote down outside. */
  readonly effects: number;
  /** Owners of a partition that dispatched something. */
  readonly epochs: number;
  /** Looks at which plans were due and too many were under way. */
  readonly held: number;
  /** Coordinators and executors that were started. */
  readonly processes: number;
  readonly connections: readonly { readonly kind: string; readonly connections: number; readonly facts: number }[];
}
