// What a suite measures, and how it is written down.

export interface Metric {
  readonly suite: string;
  readonly metric: string;
  readonly value: number;
  readonly unit: string;
  /** The raw limit that was measured in the same run, in the unit of the value. */
  readonly limit?: number;
  /** value / limit. */
  readonly ratio?: number;
  /** What the value is the ratio of medians of: all runs' samples are pooled, and left out of what is written. */
  readonly pooled?: { readonly over: readonly number[]; readonly under: readonly number[] };
}

/** One run of one suite in this process. A suite gets a fresh directory for what it writes, and where its data is if that was said. */
export type Suite = (directory: string, data?: string) => Promise<readonly Metric[]>;

/** What a suite reads is missing, or not in the format: its message says what and where. */
export class UnusableData extends Error {}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

export function ratioOfMedians({ over, under }: NonNullable<Metric["pooled"]>): number {
  return median(over) / median(under);
}

export function against(metric: Omit<Metric, "limit" | "ratio">, limit: number): Metric {
  return { ...metric, limit, ratio: metric.value / limit };
}
