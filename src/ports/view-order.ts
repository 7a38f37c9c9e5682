import type { ViewListOptions, ViewPlace } from "#src/ports/view-store.ts";

// The order in which views are listed, for everything that lists them: by rank, then by the key's UTF-8 bytes, as the
// index of the embedded store has them.

/** The first documents of some that are in any order: those behind the place, as many as are asked for. */
export function firstOf<Placed extends ViewPlace>(found: Placed[], options: Omit<ViewListOptions, "tags">): Placed[] {
  const { limit, after, direction = "forwards" } = options;
  const sign = direction === "forwards" ? 1 : -1;
  return found
    .filter((one) => after === undefined || sign * comparePlaces(one, after) > 0)
    .sort((left, right) => sign * comparePlaces(left, right))
    .slice(0, limit);
}

export function comparePlaces(left: ViewPlace, right: ViewPlace): number {
  return left.rank - right.rank || compareKeys(left.key, right.key);
}

/** Keys are nearly always ASCII, where code units have the same order; the bytes are made only where they may differ. */
function compareKeys(left: string, right: string): number {
  if (left === right) return 0;
  if (ASCII.test(left) && ASCII.test(right)) return left < right ? -1 : 1;
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}

const ASCII = /^[\0-\x7f]*$/;
