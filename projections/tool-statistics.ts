import type { FactOf, FactType } from "#events/catalog.ts";
import { ERROR_CATEGORIES, type ErrorCategory } from "#events/errors.ts";
import type { Next } from "#events/step-facts.ts";
import type { KeyedView, ViewedFact } from "#projections/keyed-view.ts";
import {
  countDuration,
  emptyHistogram,
  latencyOf,
  mergeHistograms,
  type Latency,
  type LatencyHistogram,
} from "#projections/latency-histogram.ts";

// The view `tools`: how the attempts of each version of a tool came out, and how long they took.
//
// Y1. Only a dispatch names the tool. Memory holds the attempts in flight, and so never more than executors run at once;
//     a success, failure, time-out, loss or cancellation ends its attempt and is counted for the tool that was dispatched.
// Y2. What is heard of an attempt after its end (a late report, a person's answer) changes no count: each attempt has one end.
// Y3. Statistics merge exactly, whatever the order (H2): those of several versions of a tool, or of several stores.

export type ToolStatistics = {
  /** Dispatched so far; those that have not ended are in flight. */
  attempts: number;
  succeeded: number;
  timedOut: number;
  lost: number;
  cancelled: number;
  failed: Partial<Record<ErrorCategory, number>>;
  /** What was decided to follow attempts that did not succeed. */
  followedBy: Record<Next["kind"], number>;
  /** When the first and the last attempt were dispatched, in ms since the epoch. */
  firstAt?: number;
  lastAt?: number;
  /** Of successes, as measured where they ran. */
  latency: LatencyHistogram;
  /** Of attempts that failed with an error. */
  failureLatency: LatencyHistogram;
};

/** The tool and version that an attempt in flight runs. */
type Dispatched = { readonly tool: string };

const READS = [
  "StepDispatched",
  "StepSucceeded",
  "StepFailed",
  "StepTimedOut",
  "StepLost",
  "StepCancelled",
] as const satisfies FactType[];
type AttemptFact = FactOf<(typeof READS)[number]>;

const reads: ReadonlySet<FactType> = new Set(READS);

export const toolsView: KeyedView<ToolStatistics, Dispatched> = {
  name: "tools",
  version: 1,
  reads,
  memory: {
    key: ({ plan, fact }) => {
      const { step, attempt } = attemptOf(fact);
      return attempt === 0 ? undefined : `${plan}/${step}#${attempt}`;
    },
    evolve: (_remembered, { fact }) => (fact.type === "StepDispatched" ? { tool: toolKey(fact) } : undefined),
  },
  key: ({ fact }, remembered) => (fact.type === "StepDispatched" ? toolKey(fact) : remembered?.tool),
  initial: emptyStatistics,
  evolve: (statistics, { fact, at }) => {
    if (isAttemptFact(fact)) count(statistics, fact, at);
    return statistics;
  },
  columns: () => ({ tag: "tool", rank: 0 }),
};

export function emptyStatistics(): ToolStatistics {
  return {
    attempts: 0,
    succeeded: 0,
    timedOut: 0,
    lost: 0,
    cancelled: 0,
    failed: {},
    followedBy: { retry: 0, fallback: 0, unknown: 0, final: 0, cancelled: 0 },
    latency: emptyHistogram(),
    failureLatency: emptyHistogram(),
  };
}

/** What counting the attempts of both would have given; both stay as they are. */
export function mergeStatistics(left: ToolStatistics, right: ToolStatistics): ToolStatistics {
  const firstAt = Math.min(left.firstAt ?? Infinity, right.firstAt ?? Infinity);
  const lastAt = Math.max(left.lastAt ?? -Infinity, right.lastAt ?? -Infinity);
  return {
    attempts: left.attempts + right.attempts,
    succeeded: left.succeeded + right.succeeded,
    timedOut: left.timedOut + right.timedOut,
    lost: left.lost + right.lost,
    cancelled: left.cancelled + right.cancelled,
    failed: mergeFailures(left.failed, right.failed),
    followedBy: mergeFollowers(left.followedBy, right.followedBy),
    ...(Number.isFinite(firstAt) ? { firstAt, lastAt } : {}),
    latency: mergeHistograms(left.latency, right.latency),
    failureLatency: mergeHistograms(left.failureLatency, right.failureLatency),
  };
}

/** What a person or a program reads of the statistics of one version of a tool. */
export interface ToolReport {
  readonly tool: string;
  readonly version: string;
  readonly attempts: number;
  readonly inFlight: number;
  readonly succeeded: number;
  readonly timedOut: number;
  readonly lost: number;
  readonly cancelled: number;
  readonly failed: Readonly<Partial<Record<ErrorCategory, number>>>;
  readonly followedBy: Readonly<Record<Next["kind"], number>>;
  /** Successes among the attempts that ended by themselves; undefined before the first. */
  readonly successShare?: number;
  readonly firstAt?: number;
  readonly lastAt?: number;
  /** Of successes and of failures; undefined before the first. */
  readonly latency?: Latency;
  readonly failureLatency?: Latency;
}

/** `key` is the document's. */
export function reportOf(key: string, statistics: ToolStatistics): ToolReport {
  const { attempts, succeeded, timedOut, lost, cancelled, failed, followedBy, firstAt, lastAt } = statistics;
  const failures = Object.values(failed).reduce((sum, one) => sum + one, 0);
  const answered = succeeded + failures + timedOut + lost;
  const at = key.lastIndexOf("@");
  const latency = latencyOf(statistics.latency);
  const failureLatency = latencyOf(statistics.failureLatency);
  return {
    tool: key.slice(0, at),
    version: key.slice(at + 1),
    attempts,
    inFlight: attempts - answered - cancelled,
    succeeded,
    timedOut,
    lost,
    cancelled,
    failed: { ...failed },
    followedBy: { ...followedBy },
    ...(answered === 0 ? {} : { successShare: succeeded / answered }),
    ...(firstAt === undefined ? {} : { firstAt }),
    ...(lastAt === undefined ? {} : { lastAt }),
    ...(latency === undefined ? {} : { latency }),
    ...(failureLatency === undefined ? {} : { failureLatency }),
  };
}

function count(statistics: ToolStatistics, fact: AttemptFact, at: number): void {
  if (fact.type === "StepDispatched") countDispatch(statistics, at);
  else if (fact.type === "StepSucceeded") {
    statistics.succeeded++;
    countLatency(statistics.latency, fact.data.durationMs);
  } else if (fact.type === "StepCancelled") statistics.cancelled++;
  else countFailure(statistics, fact);
}

function countDispatch(statistics: ToolStatistics, at: number): void {
  statistics.attempts++;
  statistics.firstAt = Math.min(at, statistics.firstAt ?? at);
  statistics.lastAt = Math.max(at, statistics.lastAt ?? at);
}

function countFailure(statistics: ToolStatistics, fact: FactOf<"StepFailed" | "StepTimedOut" | "StepLost">): void {
  statistics.followedBy[fact.data.next.kind]++;
  if (fact.type === "StepTimedOut") statistics.timedOut++;
  else if (fact.type === "StepLost") statistics.lost++;
  else {
    const { category } = fact.data.error;
    statistics.failed[category] = (statistics.failed[category] ?? 0) + 1;
    countLatency(statistics.failureLatency, fact.data.durationMs);
  }
}

function countLatency(histogram: LatencyHistogram, durationMs: number | undefined): void {
  if (durationMs !== undefined) countDuration(histogram, durationMs);
}

function isAttemptFact(fact: ViewedFact["fact"]): fact is AttemptFact {
  return reads.has(fact.type);
}

function attemptOf(fact: ViewedFact["fact"]): { readonly step: string; readonly attempt: number } {
  return isAttemptFact(fact) ? fact.data : { step: "", attempt: 0 };
}

function toolKey({ data }: FactOf<"StepDispatched">): string {
  return `${data.tool}@${data.toolVersion}`;
}

function mergeFailures(left: ToolStatistics["failed"], right: ToolStatistics["failed"]): ToolStatistics["failed"] {
  const sums: ToolStatistics["failed"] = {};
  for (const category of ERROR_CATEGORIES) {
    const sum = (left[category] ?? 0) + (right[category] ?? 0);
    if (sum > 0) sums[category] = sum;
  }
  return sums;
}

function mergeFollowers(
  left: ToolStatistics["followedBy"],
  right: ToolStatistics["followedBy"],
): ToolStatistics["followedBy"] {
  return {
    retry: left.retry + right.retry,
    fallback: left.fallback + right.fallback,
    unknown: left.unknown + right.unknown,
    final: left.final + right.final,
    cancelled: left.cancelled + right.cancelled,
  };
}
