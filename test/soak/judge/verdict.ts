import type { SoakRecord } from "../measured/record.ts";

/** One claim about a run, and whether it holds. */
export interface Verdict {
  /** E.g. `memory is flat`. */
  readonly claim: string;
  /** Undefined where the run was too short to say. */
  readonly holds: boolean | undefined;
  readonly found: string;
  readonly bound: string;
}

export type Judgement = (record: SoakRecord, least: Least) => readonly Verdict[];

/** What a series has to have before something is said of it. */
export interface Least {
  /** Of one process, after it has warmed up. */
  readonly spanMs: number;
  readonly plans: number;
}

export const LEAST: Least = { spanMs: 120_000, plans: 200 };

/** Of the time of the process that is not killed the first third is its warming up: code is compiled, caches are filled. */
const WARM_UP_SHARE = 1 / 3;

export interface Judged {
  readonly fromMs: number;
  readonly toMs: number;
  readonly isLongEnough: boolean;
}

/** The time over which a process is judged that lives on. */
export function judgedOf({ calm }: Pick<SoakRecord, "calm">, { spanMs }: Least): Judged {
  const fromMs = calm.fromMs + (calm.toMs - calm.fromMs) * WARM_UP_SHARE;
  return { fromMs, toMs: calm.toMs, isLongEnough: calm.toMs - fromMs >= spanMs };
}

/** What was measured in it. */
export function during<T extends { readonly atMs: number }>(all: readonly T[], { fromMs, toMs }: Judged): readonly T[] {
  return all.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs);
}

const BYTES_PER_MIB = 2 ** 20;

export function mib(bytes: number): string {
  return `${(bytes / BYTES_PER_MIB).toFixed(1)} MiB`;
}
