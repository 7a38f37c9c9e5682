// A run in three stretches: one process after the other is killed, then one lives long, then they are killed again.
//
// T1. Memory can only be judged of a process that lives: what grows slowly has not grown by the time of the next kill. So half of
//     the time belongs to one process. Kills stand before and after it, so that it takes up a store that was killed over, and
//     the end can be held against the beginning.
// T2. Without kills all of the time is one process's.

export type StretchName = "kills" | "calm" | "kills again" | "end";

export interface Stretch {
  readonly name: StretchName;
  /** Milliseconds from the beginning of the run. */
  readonly fromMs: number;
  readonly toMs: number;
}

const KILLED_SHARE = 0.25;

export function stretchesOf(durationMs: number, killsPerMinute: number): readonly Stretch[] {
  if (killsPerMinute === 0) return [{ name: "calm", fromMs: 0, toMs: durationMs }];
  const calmFromMs = durationMs * KILLED_SHARE;
  const calmToMs = durationMs - calmFromMs;
  return [
    { name: "kills", fromMs: 0, toMs: calmFromMs },
    { name: "calm", fromMs: calmFromMs, toMs: calmToMs },
    { name: "kills again", fromMs: calmToMs, toMs: durationMs },
  ];
}
