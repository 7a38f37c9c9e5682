import type { ToolReport } from "#projections/tool-statistics.ts";
import type { Quantiles } from "#src/planning/estimate/plan-estimate.ts";

// How tools have done so far and what their calls cost, as far as an estimate asks.
// The border to the views of history: what a store says of tools becomes what an estimate reads.

export interface ToolHistory {
  /** Attempts that ended by themselves. */
  readonly attempts: number;
  readonly succeeded: number;
  /** Of successes, in ms. */
  readonly duration?: Quantiles;
  /** Of failures, in ms. */
  readonly failureDuration?: Quantiles;
}

export interface Durations {
  of(tool: string, version: string): ToolHistory | undefined;
}

export const NO_HISTORY: Durations = { of: () => undefined };

/** Of one call. */
export interface Price {
  readonly amount: number;
  readonly currency: string;
}

export interface Costs {
  of(tool: string): Price | undefined;
}

export const NO_PRICES: Costs = { of: () => undefined };

/** Of the version that is asked for where it has succeeded, else of the one that ran last. */
export function historyFrom(reports: readonly ToolReport[]): Durations {
  const byTool = Map.groupBy(reports, ({ tool }) => tool);
  return {
    of: (tool, version) => {
      const versions = (byTool.get(tool) ?? []).toSorted((a, b) => (b.lastAt ?? 0) - (a.lastAt ?? 0));
      const exact = versions.find((report) => report.version === version && report.latency !== undefined);
      const found = exact ?? versions.find(({ latency }) => latency !== undefined);
      return found === undefined ? undefined : historyOf(found);
    },
  };
}

function historyOf({ attempts, inFlight, cancelled, succeeded, latency, failureLatency }: ToolReport): ToolHistory {
  return {
    attempts: attempts - inFlight - cancelled,
    succeeded,
    ...(latency === undefined ? {} : { duration: { p50: latency.p50Ms, p90: latency.p90Ms } }),
    ...(failureLatency === undefined
      ? {}
      : {
          failureDuration: {
            p50: failureLatency.p50Ms,
            p90: failureLatency.p90Ms,
          },
        }),
  };
}
