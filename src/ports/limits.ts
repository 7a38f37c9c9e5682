// How much of the shared things plans may take together: slots of pools, attempts of equal concurrency keys, amounts of
// resources. Plans name them, the configuration says how much there is, and whoever dispatches asks here.
//
// L1. An answer is the same for the life of the process that asks.
// L2. A concurrency key always has a limit: who writes one wants attempts with it to wait for each other.

export interface Limits {
  /** Attempts at once of steps with this `pool`; undefined for one that was not declared. */
  pool(name: string): number | undefined;
  /** Attempts at once with this concurrency key, as its template gave it. */
  key(key: string): number;
  /** Units there are for `uses`; undefined for a resource that was not declared. */
  resource(name: string): number | undefined;
  /** The same text for those that say the same of everything; undefined where nobody compares. */
  readonly digest?: string;
}

/** Nothing waits for anything: for tests, and for programs that limit elsewhere. */
export const UNLIMITED: Limits = { pool: () => Infinity, key: () => Infinity, resource: () => Infinity };
