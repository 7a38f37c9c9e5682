// How much may be under way at once, as the configuration says: per pool, per concurrency key, per named resource.

export interface Limits {
  /** Attempts at once in a pool; undefined where there is no such pool. */
  pool(name: string): number | undefined;
  /** Attempts at once with this concurrency key. */
  key(key: string): number;
  /** What there is of a resource; undefined where there is no such resource. */
  resource(name: string): number | undefined;
}

/** Every pool and resource there may be, without a bound; for engines without a configuration. */
export const UNLIMITED: Limits = { pool: () => Infinity, key: () => Infinity, resource: () => Infinity };
