import type { CatalogEntry, MeantField } from "#src/planning/catalog/entry.ts";
import { nameWords } from "#src/planning/catalog/name-words.ts";
import { feedOf } from "#src/planning/graph/data-flow.ts";
import { describedCatalog, type CatalogIndex } from "#src/planning/prediction/described-catalog.ts";
import { postingsOf, postingsOfSets, type Postings } from "#src/planning/prediction/postings.ts";
import { termsOf } from "#src/planning/prediction/terms.ts";

// A catalog made ready for the question which of its tools a request needs: what each tool is about, what it gives, and which
// others give what it cannot do without.

export interface RelevanceIndex {
  readonly entries: readonly CatalogEntry[];
  readonly described: CatalogIndex;
  /** The terms of the names of what a tool gives; what few tools have counts more. */
  readonly gives: Postings;
  /** The same of what it takes. */
  readonly takes: Postings;
  /** By tool, the terms of its own name. */
  readonly named: readonly ReadonlySet<string>[];
  /** The same, as shares of all that the name says. */
  readonly names: Postings;
  /** The words of its name that tell it from others that are named alike. */
  readonly telling: Postings;
  /** By tool, how many these are. */
  readonly tellingWords: readonly number[];
  readonly families: readonly (readonly number[])[];
  /** By term, in how many tools' names, arguments or outputs it stands. */
  readonly spread: ReadonlyMap<string, number>;
  /** By tool, the tools that give one of its required arguments, and how well. */
  readonly feeders: readonly ReadonlyMap<number, number>[];
  /** By tool, the tools that surely take a required argument from it. */
  readonly takers: readonly (readonly number[])[];
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
  const feeders = feedersOf(entries);
  const families = familiesOf(entries);
  const telling = tellingTerms(
    families,
    entries.map(({ nameWords: words }) => new Set(words.map(bareWord))),
  );
  const rarity = { entries, spread };
  return {
    ...{ entries, described, named, spread, feeders, families },
    gives: postingsOf(gives.map((own) => rareWeights(rarity, own))),
    takes: postingsOf(takes.map((own) => rareWeights(rarity, own))),
    names: postingsOf(named.map((own) => rareShares(rarity, own))),
    telling: postingsOfSets(telling),
    tellingWords: telling.map(({ size }) => size),
    takers: takersOf(feeders),
  };
}

const NOTHING: ReadonlySet<string> = new Set();

function spaced(name: string): string {
  return nameWords(name).join(" ");
}

/** By tool, the tools whose names begin alike, with itself: those of one server or service. */
function familiesOf(entries: readonly CatalogEntry[]): readonly (readonly number[])[] {
  const families = new Map<string, number[]>();
  for (const [at, { nameWords: words }] of entries.entries()) {
    const family = families.get(words[0] ?? "") ?? [];
    families.set(words[0] ?? "", family);
    family.push(at);
  }
  return entries.map(({ nameWords: words }) => families.get(words[0] ?? "") ?? []);
}

function tellingTerms(
  families: readonly (readonly number[])[],
  named: readonly ReadonlySet<string>[],
): readonly ReadonlySet<string>[] {
  return families.map((family, at) => {
    const isTelling = (term: string): boolean =>
      family.filter((other) => named[other]?.has(term)).length <= Math.max(1, family.length * COMMON_IN_FAMILY);
    return new Set([...(named[at] ?? [])].filter(isTelling));
  });
}

/** "followers" and "follower" are one, "following" is another. */
export function bareWord(word: string): string {
  return word.toLowerCase().replace(/(?<=..[^s])s$/, "");
}

const COMMON_IN_FAMILY = 0.34;

/** Below this the argument more likely comes from the request. It is more than words of descriptions alone can reach. */
const LEAST_FEED = 0.6;

interface GivenField {
  readonly tool: number;
  readonly field: MeantField;
}

/** Only fields of one kind are held against each other: all pairs of a thousand tools would be millions. */
function feedersOf(entries: readonly CatalogEntry[]): readonly ReadonlyMap<number, number>[] {
  const givers = new Map<string, GivenField[]>();
  for (const [tool, { outputs }] of entries.entries())
    for (const field of outputs)
      for (const kind of field.meaning.kinds) {
        const known = givers.get(kind) ?? [];
        givers.set(kind, known);
        known.push({ tool, field });
      }
  return entries.map(({ parameters }, taker) => {
    const feeders = new Map<number, number>();
    for (const parameter of parameters.filter(({ isRequired }) => isRequired))
      for (const { tool, field } of parameter.meaning.kinds.flatMap((kind) => givers.get(kind) ?? [])) {
        const fit = tool === taker ? 0 : feedOf(field, parameter);
        if (fit >= LEAST_FEED) feeders.set(tool, Math.max(fit, feeders.get(tool) ?? 0));
      }
    return feeders;
  });
}

/** From this on who gives an argument is surely meant to. */
export const SURE_FEED = 0.84;

function takersOf(feeders: readonly ReadonlyMap<number, number>[]): readonly (readonly number[])[] {
  const takers = feeders.map(() => new Array<number>());
  for (const [taker, giving] of feeders.entries())
    for (const [giver, fit] of giving) if (fit >= SURE_FEED) takers[giver]?.push(taker);
  return takers;
}

type Rarity = Pick<RelevanceIndex, "entries" | "spread">;

/** How much of what a set of terms says stands in another, of [0, 1]: what few tools have counts more. */
export function rareShare(index: Rarity, of: ReadonlySet<string>, within: ReadonlySet<string>): number {
  let common = 0;
  for (const [term, share] of rareShares(index, of)) if (within.has(term)) common += share;
  return common;
}

/** Of all that a set of terms says, what each of them says. */
function rareShares({ entries, spread }: Rarity, of: ReadonlySet<string>): ReadonlyMap<string, number> {
  const weights = [...of].map((term) => Math.log(1 + entries.length / (spread.get(term) ?? entries.length)));
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  return new Map([...of].map((term, at) => [term, (weights[at] ?? 0) / all]));
}

/** What a term says that a tool has: nothing where all have it. */
function rareWeights({ entries, spread }: Rarity, of: ReadonlySet<string>): ReadonlyMap<string, number> {
  return new Map([...of].map((term) => [term, Math.log(entries.length / (spread.get(term) ?? entries.length))]));
}
