import type { StretchName } from "../stretches.ts";
import type { DiskBytes } from "./disk.ts";
import type { Memory } from "./inspector.ts";
import type { Vitals } from "./vitals.ts";

// What was measured over a run. Times are milliseconds since its beginning.

export interface Sample {
  readonly atMs: number;
  readonly stretch: StretchName;
  /** Undefined while no process was there. */
  readonly vitals: Vitals | undefined;
  readonly disk: DiskBytes;
  /** Plans that had ended. */
  readonly plans: number;
  /** Steps that had succeeded. */
  readonly steps: number;
}

export interface MemorySample extends Memory {
  readonly atMs: number;
  readonly plans: number;
}

/** From a plan's first fact to its last. */
export interface Latency {
  readonly atMs: number;
  readonly ms: number;
}

export interface Death {
  readonly atMs: number;
  readonly moment: string;
  /** Milliseconds from the start of the next process to its first fact; undefined where it had none. */
  readonly goingOnMs: number | undefined;
  /** How much of that it waited for a core. */
  readonly queuedMs: number;
}

export interface Connections {
  /** E.g. `facts over HTTP`. */
  readonly kind: string;
  readonly connections: number;
  readonly facts: number;
}

export interface SoakRecord {
  readonly samples: readonly Sample[];
  /** Of the process that is not killed. */
  readonly memory: readonly MemorySample[];
  readonly latencies: readonly Latency[];
  readonly deaths: readonly Death[];
  readonly subscribers: readonly Connections[];
  /** When the process that is not killed came, and when it went. */
  readonly calm: { readonly fromMs: number; readonly toMs: number };
  /** Looks at which the load was held back. */
  readonly held: number;
  readonly totals: Readonly<Record<"plans" | "facts" | "steps" | "answers" | "effects", number>>;
  /** What was broken: the name of the claim first. */
  readonly broken: readonly string[];
}
