import { contentHash } from "#events/canonical.ts";
import type { Limits } from "#src/ports/limits.ts";

// The limits of the configuration, looked up.
//
// C1. Of a key the entry with exactly its text counts; else, of the entries that end in `*`, the longest whose text before
//     the `*` begins the key; else DEFAULT_KEY_LIMIT. `*` alone stands for every key.
// C2. What stands for several keys is a limit of each, not of all together: `customer-*` at 2 lets two attempts of each
//     customer run. Who wants a limit of all together names a pool.

export interface DeclaredLimits {
  readonly pools?: Readonly<Record<string, { readonly slots: number }>> | undefined;
  readonly keys?: Readonly<Record<string, { readonly limit: number }>> | undefined;
  readonly resources?: Readonly<Record<string, { readonly capacity: number }>> | undefined;
}

/** One after the other. */
export const DEFAULT_KEY_LIMIT = 1;

export const ANY_KEY = "*";

export function limitsFrom({ pools = {}, keys = {}, resources = {} }: DeclaredLimits = {}): Limits {
  const slots = new Map(Object.entries(pools).map(([name, pool]) => [name, pool.slots]));
  const capacities = new Map(Object.entries(resources).map(([name, resource]) => [name, resource.capacity]));
  const exact = new Map(Object.entries(keys).map(([key, { limit }]) => [key, limit]));
  const prefixes = [...exact]
    .flatMap(([key, limit]) => (key.endsWith(ANY_KEY) ? [{ prefix: key.slice(0, -ANY_KEY.length), limit }] : []))
    .sort((one, other) => other.prefix.length - one.prefix.length);
  return {
    digest: contentHash([slots, exact, capacities].map((amounts) => Object.fromEntries(amounts))),
    pool: (name) => slots.get(name),
    resource: (name) => capacities.get(name),
    key: (key) => exact.get(key) ?? prefixes.find(({ prefix }) => key.startsWith(prefix))?.limit ?? DEFAULT_KEY_LIMIT,
  };
}
