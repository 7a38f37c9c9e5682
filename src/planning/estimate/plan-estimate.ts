// What a plan is expected to take, before it runs.
// Times are in milliseconds, shares from 0 to 1; every number says by its basis or an assumption what it stands on.

/** Where a duration comes from: what runs have shown, what the plan says, or nothing but the kind of the step. */
export type Basis = "observed" | "declared" | "assumed";

export interface Quantiles {
  readonly p50: number;
  readonly p90: number;
}

export interface PlanEstimate {
  /** From the plan's start to its end, in ms, where it succeeds; with the limits that were given. */
  readonly durationMs: Quantiles;
  /** Share of runs in which no step fails for good, as far as tools fail by themselves. */
  readonly successShare: number;
  readonly cost: CostEstimate;
  /** Which steps decide when the plan ends, the first one first; waiting for a slot or a limit included. At the medians. */
  readonly criticalPath: readonly string[];
  /** Attempts that run at once at most, at the medians: as the needs allow, and as slots and limits do. */
  readonly parallelWidth: {
    readonly unbounded: number;
    readonly withLimits: number;
  };
  /** Of every step of the definition, outer ones before those inside of them. */
  readonly steps: readonly StepEstimate[];
  /** What was assumed about the plan, beside the durations whose basis says so. */
  readonly assumptions: readonly Assumption[];
}

export interface CostEstimate {
  /** Undefined where no tool has a price. */
  readonly currency?: string;
  readonly expected: number;
  /** With every retry and every fallback. */
  readonly most: number;
  /** Steps that call a tool without a price, or with one in another currency. */
  readonly unknownSteps: readonly string[];
}

export interface StepEstimate {
  /** `notes`, `notes/do`: the ids from the plan's own step to this one. */
  readonly step: string;
  readonly basis: Basis;
  /** Of the step with all its attempts; of one inside of others that of one run of it. In ms. */
  readonly p50: number;
  readonly p90: number;
  /** Of calls of tools in one run of it; 0 for a step that calls none. */
  readonly expectedAttempts: number;
  /** How often it is expected to run: more than once inside of an `each` or `repeat`. */
  readonly runs: number;
  /** Of all its runs. */
  readonly cost: { readonly expected: number; readonly most: number };
  /** When it starts at the medians, from the plan's start, in ms. */
  readonly start: number;
  /** How much later it could end without the plan ending later, at the medians, in ms. */
  readonly slack: number;
}

export interface Assumption {
  readonly step: string;
  /** `items`: the length of a list is not known; `iterations`: how often a `repeat` runs; `time`: when a `wait` ends. */
  readonly what: "items" | "iterations" | "time";
  readonly value: number;
}
