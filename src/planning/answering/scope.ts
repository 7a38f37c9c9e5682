import type { Analysis } from "#src/planning/analysis/analyse.ts";
import { actionOf, type Action } from "#src/planning/analysis/verbs.ts";
import { capabilityOf } from "#src/planning/answering/capability.ts";
import type { CatalogEntry } from "#src/planning/catalog/entry.ts";
import { nameWords } from "#src/planning/catalog/name-words.ts";
import { knownTerms, type CatalogIndex } from "#src/planning/prediction/described-catalog.ts";
import { termsOf } from "#src/planning/prediction/terms.ts";
import { isMoving, takesAddress } from "#src/planning/relevance/seeing.ts";

// Whether a catalog has anything to do with a request. A prediction always finds the likeliest tool; here counts how much of what is said
// the tools say too: words that no tool knows speak against all of them, which a cosine over known words alone does not see.
//
// S1. Verbs and words that stand in descriptions of any subject ("list", "details", "date") say half as much as others.
// S2. Names, numbers and dates of a request say nothing of what it is about, unless a tool knows them.
// S3. Where a tool is described as doing just that to just that ("Lists the files" for "list the files in src"), other words of the request
//     say what with, and speak against nothing.
// S4. A request that says nothing but addresses ("show me notes.txt", "copy a.txt to b.txt") is for the tools that have to be given one.

export interface Scope {
  readonly entries: readonly CatalogEntry[];
  readonly described: CatalogIndex;
  /** By tool, the weights of its terms, of unit length. */
  readonly tools: readonly ReadonlyMap<string, number>[];
  /** By tool, what it says that it does to what. */
  readonly deeds: readonly Deed[];
  /** By term, how many tools say it. */
  readonly spread: ReadonlyMap<string, number>;
}

interface Deed {
  readonly action: Action | undefined;
  /** Terms of what it does it to. */
  readonly objects: ReadonlySet<string>;
}

/** A tool of the catalog, and how much it has to do with a request. */
export interface Near {
  readonly tool: string;
  readonly capability: string;
  /** 0 to about 1; from LEAST_LIKENESS on it has something to do with it. */
  readonly likeness: number;
}

/** Measured (decision 0031): of requests that a catalog was made for one or two of a hundred are below. */
export const LEAST_LIKENESS = 0.28;

const NAME_WEIGHT = 2;
const MOST_COUNTED = 4;

export function catalogScope(entries: readonly CatalogEntry[], described: CatalogIndex): Scope {
  const counted = entries.map(({ name, description, domains = [] }) => {
    const counts = new Map<string, number>();
    const add = (text: string, weight: number): void => {
      for (const term of termsOf(text, NONE)) counts.set(term, (counts.get(term) ?? 0) + weight);
    };
    add(nameWords(name).join(" "), NAME_WEIGHT);
    add([description, ...domains].join(" , "), 1);
    return counts;
  });
  const spread = new Map<string, number>();
  for (const counts of counted) for (const term of counts.keys()) spread.set(term, (spread.get(term) ?? 0) + 1);
  const tools = counted.map((counts) => {
    const weights = [...counts].map(([term, count]): readonly [string, number] => [
      term,
      (1 + Math.log(Math.min(count, MOST_COUNTED))) * weightOf(term, spread, entries.length),
    ]);
    const length = lengthOf(weights.map(([, weight]) => weight));
    return new Map(weights.map(([term, weight]) => [term, weight / length]));
  });
  return { entries, described, tools, spread, deeds: entries.map(({ description }) => deedOf(description)) };
}

/** From the verb that a description begins with to the first word that says how or where. */
function deedOf(description: string): Deed {
  const [first = "", ...others] = (/^[^.:;,(]{0,120}/.exec(description)?.[0] ?? "").split(/\s+/u);
  const end = others.findIndex((word) => PREPOSITIONS.has(word.toLowerCase()));
  const objects = termsOf((end < 0 ? others : others.slice(0, end)).join(" "), NONE).filter(
    (term) => !ANYWHERE.has(term),
  );
  return { action: actionOf(first), objects: new Set(objects) };
}

const PREPOSITIONS: ReadonlySet<string> = new Set(
  "of in on at by from to for with into about below inside within using that which whose".split(" "),
);

const NONE: ReadonlySet<string> = new Set();

/** S1. */
const ANYWHERE: ReadonlySet<string> = new Set(
  termsOf(
    "detail details list item items data result results value type kind current currently available availability real time top best latest " +
      "recent new good better specific given related relevant various account code date day days week month year hour minute today tomorrow " +
      "yesterday morning afternoon evening place location city country area region price cost amount total service services system provide " +
      "based option options need way thing content level status state first last next own possible different same other people person member " +
      "personal record records",
    NONE,
  ),
);
const SAYS_LITTLE = 0.5;

function weightOf(term: string, spread: ReadonlyMap<string, number>, tools: number): number {
  const rarity = Math.log(1 + tools / (spread.get(term) ?? 1));
  const isAction = actionOf(term) !== undefined || actionOf(`${term}e`) !== undefined;
  return rarity * (isAction ? SAYS_LITTLE : 1) * (ANYWHERE.has(term) ? SAYS_LITTLE : 1);
}

function lengthOf(weights: readonly number[]): number {
  return Math.sqrt(weights.reduce((sum, weight) => sum + weight * weight, 0)) || 1;
}

/** What the planner finds for a tool alone counts a little: it knows what tools take and give, and past requests. */
const OPINION = { weight: 0.03, least: -1, most: 6 };

/** By tool. `scores` are those of the drafts. */
export function likenesses(scope: Scope, analysis: Analysis, scores: readonly number[]): readonly number[] {
  const { tools, spread, described, deeds } = scope;
  const terms = [...new Set(termsOf(withoutNames(described, analysis), described.compounds))];
  const weights = terms.map((term) => weightOf(term, spread, tools.length));
  const length = lengthOf(weights);
  const addressed = addressesAlone(analysis);
  return tools.map((tool, at) => {
    const entry = scope.entries[at];
    const isAddressed = entry !== undefined && addressed.some((kind) => takesAddress(entry, kind));
    const common = terms.reduce((sum, term, place) => sum + (weights[place] ?? 0) * (tool.get(term) ?? 0), 0);
    const opinion = Math.min(OPINION.most, Math.max(OPINION.least, scores[at] ?? 0));
    const likeness = Math.max(0, common / length + OPINION.weight * opinion);
    return isAddressed || isAskedFor(deeds[at], analysis) ? Math.max(likeness, LEAST_LIKENESS) : likeness;
  });
}

/** S4: the kinds of the addresses, where nothing else is said. */
function addressesAlone({ text, values }: Analysis): readonly string[] {
  const addresses = values.filter(({ kind }) => kind === "path" || kind === "url");
  const rest = addresses.reduceRight((words, { from, to }) => `${words.slice(0, from)} ${words.slice(to)}`, text);
  return isMoving(rest) ? addresses.map(({ kind }) => kind) : [];
}

/** Of the noun phrase behind the verb. */
const OBJECT_WORDS = 2;

/** S3. */
function isAskedFor(deed: Deed | undefined, { intents }: Analysis): boolean {
  return intents.some(
    ({ action, topics }) =>
      action === deed?.action &&
      topics.slice(0, OBJECT_WORDS).some((topic) => termsOf(topic, NONE).some((term) => deed.objects.has(term))),
  );
}

/** S2. */
function withoutNames(described: CatalogIndex, { text, values }: Analysis): string {
  let rest = "";
  let at = 0;
  for (const { from, to, words } of values) {
    if (knownTerms(described, words).size > 0) continue;
    rest += `${text.slice(at, from)} `;
    at = to;
  }
  return rest + text.slice(at);
}

const MAX_NEAREST = 5;

/** The likeliest first; of as likely ones in the order of the catalog. */
export function nearestTools({ entries }: Scope, likeness: readonly number[]): readonly Near[] {
  return entries
    .map((entry, at) => ({ entry, likeness: likeness[at] ?? 0 }))
    .sort((one, other) => other.likeness - one.likeness)
    .slice(0, MAX_NEAREST)
    .map(({ entry, likeness: near }) => ({
      tool: entry.name,
      capability: capabilityOf(entry),
      likeness: Math.round(near * ROUNDED) / ROUNDED,
    }));
}

const ROUNDED = 1_000;
