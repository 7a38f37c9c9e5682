import type { PastPlan } from "#src/planning/binding/source.ts";
import type { CatalogEntry } from "#src/planning/catalog/entry.ts";
import { feedsBetween } from "#src/planning/graph/data-flow.ts";

// In which order tools are called, and which of them more than once: what gives an argument before what takes it, as plans before had
// it, and else as the request says it.

/** By pair of tools, how often the first came before the second, less how often it came after. */
export type LearnedOrder = ReadonlyMap<string, number>;

export function learnedOrder(past: readonly PastPlan[]): LearnedOrder {
  const counts = new Map<string, number>();
  for (const { calls } of past)
    for (const [at, { tool }] of calls.entries())
      for (const { tool: later } of calls.slice(at + 1)) {
        if (tool === later) continue;
        counts.set(`${tool} ${later}`, (counts.get(`${tool} ${later}`) ?? 0) + 1);
        counts.set(`${later} ${tool}`, (counts.get(`${later} ${tool}`) ?? 0) - 1);
      }
  return counts;
}

export interface Ordering {
  readonly order: LearnedOrder;
  /** Where in the request a tool is asked for. */
  readonly place: (entry: CatalogEntry) => { readonly from: number } | undefined;
}

/** One entry for each call. */
export function orderedCalls(tools: readonly CatalogEntry[], ordering: Ordering): readonly CatalogEntry[] {
  const remaining = new Set(tools);
  const calls: CatalogEntry[] = [];
  while (remaining.size > 0) {
    const ranked = [...remaining].map((entry) => ({
      entry,
      waits: waitsFor(entry, remaining, ordering.order),
      from: ordering.place(entry)?.from ?? 0,
    }));
    const { entry: next } = ranked.reduce((one, other) =>
      other.waits < one.waits || (other.waits === one.waits && other.from < one.from) ? other : one,
    );
    remaining.delete(next);
    calls.push(...Array.from({ length: timesNeeded(next, tools) }, () => next));
  }
  return calls;
}

const SURE_FEED = 0.8;

/** How many of the others it waits for. */
function waitsFor(entry: CatalogEntry, remaining: ReadonlySet<CatalogEntry>, order: LearnedOrder): number {
  return [...remaining].filter((other) => {
    if (other === entry) return false;
    const learned = order.get(`${other.name} ${entry.name}`);
    return learned === undefined || learned === 0 ? feeds(other, entry) && !feeds(entry, other) : learned > 0;
  }).length;
}

function feeds(from: CatalogEntry, to: CatalogEntry): boolean {
  return feedsBetween(from, to).some(({ parameter, fit }) => parameter.isRequired && fit >= SURE_FEED);
}

const MAX_TIMES = 4;

/** "originSkyId" and "destinationSkyId" of one tool are two calls of the one that gives a "skyId". */
function timesNeeded(entry: CatalogEntry, tools: readonly CatalogEntry[]): number {
  const roles = tools.map((other) => {
    if (other === entry) return 1;
    const byPath = new Map<string, Set<string>>();
    for (const { output, parameter, fit } of feedsBetween(entry, other)) {
      const { qualifiers } = parameter.meaning;
      if (!parameter.isRequired || fit < SURE_FEED || qualifiers.length === 0) continue;
      const path = output.path.join(".");
      byPath.set(path, (byPath.get(path) ?? new Set()).add(qualifiers.join(" ")));
    }
    return Math.max(1, ...[...byPath.values()].map((one) => one.size));
  });
  return Math.min(MAX_TIMES, Math.max(1, ...roles));
}
