import type { CatalogEntry } from "#src/planning/catalog/entry.ts";
import { nameWords } from "#src/planning/catalog/name-words.ts";
import { feedsBetween } from "#src/planning/graph/data-flow.ts";
import { describedCatalog, type CatalogIndex } from "#src/planning/prediction/described-catalog.ts";
import { termsOf } from "#src/planning/prediction/terms.ts";

// A catalog made ready for the question which of its tools a request needs: what each tool is about, what it gives, and which
// others give what it cannot do without.

export interface RelevanceIndex {
  readonly entries: readonly CatalogEntry[];
  readonly described: CatalogIndex;
  /** By tool, the terms of the names of what it gives. */
  readonly gives: readonly ReadonlySet<string>[];
  /** By tool, the terms of the names of what it takes. */
  readonly takes: readonly ReadonlySet<string>[];
  /** By tool, the terms of its own name. */
  readonly named: readonly ReadonlySet<string>[];
  /** By tool, the terms of its name that tell it from others that are named alike. */
  readonly telling: readonly ReadonlySet<string>[];
  /** By term, in how many tools' names or outputs it stands. */
  readonly spread: ReadonlyMap<string, number>;
  /** By tool, the tools that give one of its required arguments, and how well. */
  readonly feeders: readonly ReadonlyMap<number, number>[];
}

export function relevanceIndex(entries: readonly CatalogEntry[]): RelevanceIndex {
  const described = describedCatalog(entries.map((entry) => ({ ...entry, domains: entry.domains ?? [] })));
  const terms = (text: string): ReadonlySet<string> => new Set(termsOf(text, NOTHING));
  const gives = entries.map(({ outputs }) => terms(outputs.map(({ path }) => spaced(path.at(-1) ?? "")).join(" , ")));
  const takes = entries.map(({ parameters }) =>
    terms(
      parameters
        .map(({ path, options = [] }) =>
          [spaced(path.at(-1) ?? ""), ...options.filter((one) => typeof one === "string")].join(" , "),
        )
        .join(" , "),
    ),
  );
  const named = entries.map(({ name }) => terms(spaced(name)));
  const spread = new Map<string, number>();
  for (const [at, own] of gives.entries())
    for (const term of new Set([...own, ...(named[at] ?? []), ...(takes[at] ?? [])]))
      spread.set(term, (spread.get(term) ?? 0) + 1);
  return {
    entries,
    described,
    gives,
    takes,
    named,
    telling: tellingTerms(entries, named),
    spread,
    feeders: entries.map((entry) => feedersOf(entry, entries)),
  };
}

const NOTHING: ReadonlySet<string> = new Set();

function spaced(name: string): string {
  return nameWords(name).join(" ");
}

/** Tools of one server or service have the beginnings of their names in common. */
function tellingTerms(
  entries: readonly CatalogEntry[],
  named: readonly ReadonlySet<string>[],
): readonly ReadonlySet<string>[] {
  const families = new Map<string, number[]>();
  for (const [at, { nameWords: words }] of entries.entries()) {
    const family = families.get(words[0] ?? "") ?? [];
    families.set(words[0] ?? "", family);
    family.push(at);
  }
  return entries.map(({ nameWords: words }, at) => {
    const family = families.get(words[0] ?? "") ?? [];
    const isTelling = (term: string): boolean =>
      family.filter((other) => named[other]?.has(term)).length <= Math.max(1, family.length * COMMON_IN_FAMILY);
    return new Set([...(named[at] ?? [])].filter(isTelling));
  });
}

const COMMON_IN_FAMILY = 0.34;

/** Below this the argument more likely comes from the request. */
const LEAST_FEED = 0.6;

function feedersOf(entry: CatalogEntry, entries: readonly CatalogEntry[]): ReadonlyMap<number, number> {
  const feeders = new Map<number, number>();
  for (const [at, other] of entries.entries()) {
    if (other === entry) continue;
    const fits = feedsBetween(other, entry)
      .filter(({ parameter, fit }) => parameter.isRequired && fit >= LEAST_FEED)
      .map(({ fit }) => fit);
    if (fits.length > 0) feeders.set(at, Math.max(...fits));
  }
  return feeders;
}

/** How much of what a set of terms says stands in another, of [0, 1]: what few tools have counts more. */
export function rareShare(index: RelevanceIndex, of: ReadonlySet<string>, within: ReadonlySet<string>): number {
  let all = 0;
  let common = 0;
  for (const term of of) {
    const weight = Math.log(1 + index.entries.length / (index.spread.get(term) ?? index.entries.length));
    all += weight;
    if (within.has(term)) common += weight;
  }
  return all > 0 ? common / all : 0;
}

/** Rare terms that both have, weighted, not as a share. */
export function rareCommon(index: RelevanceIndex, one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  let common = 0;
  for (const term of one)
    if (other.has(term)) common += Math.log(index.entries.length / (index.spread.get(term) ?? index.entries.length));
  return common;
}
