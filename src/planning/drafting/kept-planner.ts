import type { PastPlan } from "#src/planning/binding/source.ts";
import type { CatalogEntry } from "#src/planning/catalog/entry.ts";
import { sha256Bytes } from "#src/planning/prediction/fingerprint.ts";
import { planner, type Planner, type PlannerOptions } from "#src/planning/drafting/planner.ts";

// The planner of the last request, for the next one: what a catalog and a past teach is learned once, as long as both are the same.
//
// K1. A planner is a function of catalog, past and the day on which it learned: another past, tool or day makes another one.
// K2. One is kept: a process has one catalog and one past.
// K3. How tools have done so far changes with each run and teaches nothing: the entries are always those of the request.

/** What "tomorrow" was in past requests is read as of the moment when they were learned. */
const MAX_AGE_MS = 86_400_000;

interface Kept {
  readonly planner: Planner;
  readonly key: string;
  readonly now: number;
}

export class KeptPlanner {
  #kept: Kept | undefined;

  for(entries: readonly CatalogEntry[], options: PlannerOptions): Planner {
    const key = keyOf(entries, options.past ?? []);
    const { now, trained } = options;
    if (this.#kept?.key !== key || Math.abs(now - this.#kept.now) > MAX_AGE_MS) {
      this.#kept = { planner: planner(entries, options), key, now };
    }
    const { relevance, arguments: bound, order } = this.#kept.planner;
    return { entries, relevance, arguments: bound, order, ...(trained === undefined ? {} : { trained }) };
  }
}

/** What tools say of themselves, and what was asked and called. */
function keyOf(entries: readonly CatalogEntry[], past: readonly PastPlan[]): string {
  const told = entries.map(({ name, version, description, domains, inputSchema, outputSchema, sideEffects }) => [
    ...[name, version, description, domains, inputSchema, outputSchema, sideEffects],
  ]);
  return sha256Bytes(Buffer.from(JSON.stringify([told, past])));
}
