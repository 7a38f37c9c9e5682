import type { Json } from "#events/json.ts";

// Small values that several processes agree on: who is there, and who owns which partition. Every implementation and its
// in-memory twin pass test/contracts/leases.ts.
//
// L1. A change is made against the revision that its writer has seen: of two who have seen the same, one is refused.
// L2. Revisions grow over all keys of one store, and are never used twice: later changes have larger ones.
// L3. Nothing here expires by itself. Whoever sees a revision unchanged for some time, by its own monotonic clock, may draw
//     its conclusions: clocks of machines differ by minutes, and servers' expiry differs by version.

export interface LeaseEntry {
  /** `[a-z0-9.-]+`, dots between its parts. */
  readonly key: string;
  readonly value: Json;
  readonly revision: number;
}

/** A removed key has no value any more. */
export type LeaseChange = LeaseEntry | (Pick<LeaseEntry, "key" | "revision"> & { readonly value?: undefined });

export interface LeaseList {
  /** Each as it is now, or a moment ago. */
  readonly entries: readonly LeaseEntry[];
  /** The newest revision when asking began: what has this one or an older one, and is not among the entries, was removed. */
  readonly asOf: number;
}

/** Faults of all, retryable: `leases-unavailable`; what was asked may have happened nevertheless. */
export interface Leases extends AsyncDisposable {
  /** Sets a key that has this revision; 0 for one that is not there. The new revision, or undefined where somebody was faster. */
  put(key: string, value: Json, expected: number): Promise<number | undefined>;
  /** False where it has another revision. */
  remove(key: string, expected: number): Promise<boolean>;
  /** What there is now. */
  list(): Promise<LeaseList>;
  /** What there is, then every change, at least the newest of each key, until the signal. It comes back by itself after a break. */
  watch(signal: AbortSignal): AsyncIterable<LeaseChange>;
}
