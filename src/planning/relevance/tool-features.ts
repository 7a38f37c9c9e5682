import { sigmoid, type Features } from "#src/planning/learning/linear.ts";
import {
  cosine,
  domainShares,
  fits,
  knownTerms,
  type CatalogIndex,
  type Terms,
} from "#src/planning/prediction/described-catalog.ts";
import { termsOf } from "#src/planning/prediction/terms.ts";
import type { Asked, PastRequests } from "#src/planning/relevance/past-requests.ts";
import { wordsOf } from "#src/planning/analysis/words.ts";
import { bareWord, rareCommon, rareShare, type RelevanceIndex } from "#src/planning/relevance/relevance-index.ts";

// What speaks for each tool of a catalog being needed for a request: by its description and its name, by what it takes and gives, by
// past requests that are alike, and then by what the other tools are that are likely needed.

/** Weights that need no example. */
export const PRIOR = {
  ...{ bias: -4, clause: 4, whole: 2, first: 1.5, named: 2, telling: 1, gives: 0.5, takes: 0.2, wins: 1 },
  ...{ near: 4, usual: 1 },
};
/** The same of what is known of the others. */
export const PRIOR_TOGETHER = { own: 1, feeds: 3 };

const OWN_TERM = 1;
const NONE: ReadonlySet<string> = new Set();
const NO_TERMS: Terms = new Map();
const LEAST_FIT = 0.01;
/** From this similarity on past requests have their full say. */
const SIMILAR = 2 / 3;

/** By tool. */
export function featuresOf(
  { index, past }: { readonly index: RelevanceIndex; readonly past: PastRequests },
  asked: Asked,
): readonly Features[] {
  const { described } = index;
  const { request, intents } = asked;
  const terms = knownTerms(described, request);
  const domains = domainShares(described, terms);
  const whole = fits(described, terms, { actions: new Set(intents.map(({ action }) => action)), domains });
  const clauses = intents.map(({ words, action }) =>
    fits(described, knownTerms(described, words), { actions: new Set([action]), domains }),
  );
  const bestOf = clauses.map((fitting) => Math.max(LEAST_FIT, ...fitting));
  const best = Math.max(LEAST_FIT, ...whole);
  const own = past.tools.length === 0 ? [] : [...new Set(termsOf(asked.text, NONE))];
  const votes = votesOf(asked, index.entries.length);
  const wins = winsOf(described, terms);
  const said = new Set(terms.keys());
  const words = new Set(wordsOf(request).map((word) => bareWord(word.words)));
  return index.entries.map(({ name }, tool): Features => {
    const each = clauses.map((fitting) => fitting[tool] ?? 0);
    return [
      ["bias", 1],
      ["clause", Math.max(0, ...each)],
      ["whole", whole[tool] ?? 0],
      ["first", Math.max(0, ...each.map((fit, at) => fit / (bestOf[at] ?? 1)))],
      ["first of all", (whole[tool] ?? 0) / best],
      ["topic", cosine(terms, described.tools[tool]?.topic ?? NO_TERMS)],
      ["wins", wins[tool] ?? 0],
      ...wordFeatures(index, tool, { said, words }),
      ["near", votes[tool] ?? 0],
      ["usual", past.shares[tool] ?? 0],
      ...own.map((term): [string, number] => [`${name} ${term}`, OWN_TERM]),
    ];
  });
}

function wordFeatures(
  index: RelevanceIndex,
  tool: number,
  { said, words }: { readonly said: ReadonlySet<string>; readonly words: ReadonlySet<string> },
): Features {
  const telling = index.telling[tool] ?? NONE;
  return [
    ["named", rareShare(index, index.named[tool] ?? NONE, said)],
    ["telling", [...telling].filter((word) => words.has(word)).length / Math.max(1, telling.size)],
    ["untold", telling.size > 0 && ![...telling].some((word) => words.has(word)) ? 1 : 0],
    ["gives", rareCommon(index, said, index.gives[tool] ?? NONE)],
    ["takes", rareCommon(index, said, index.takes[tool] ?? NONE)],
  ];
}

function votesOf({ alike, similarity }: Asked, tools: number): readonly number[] {
  const votes = new Array<number>(tools).fill(0);
  const say = Math.min(1, similarity / SIMILAR);
  for (const { tools: used, share } of alike) for (const tool of used) votes[tool] = (votes[tool] ?? 0) + share * say;
  return votes;
}

/** The share of what a request says that a tool says as strongly as any. */
function winsOf({ tools }: CatalogIndex, terms: Terms): readonly number[] {
  const wins = new Array<number>(tools.length).fill(0);
  for (const [term, weight] of terms) {
    const strengths = tools.map((tool) => tool.terms.get(term) ?? 0);
    const most = Math.max(...strengths);
    if (most === 0) continue;
    for (const [tool, strength] of strengths.entries())
      if (strength > 0) wins[tool] = (wins[tool] ?? 0) + weight * weight * (strength / most) ** 2;
  }
  return wins;
}

/** By tool, from how likely each seems alone. */
export function featuresTogether(
  { index, past }: { readonly index: RelevanceIndex; readonly past: PastRequests },
  rows: readonly Features[],
  scores: readonly number[],
): readonly Features[] {
  const likely = scores.map(sigmoid);
  const feeds = feedsOf(index, likely);
  const families = likeliestOf(index, likely);
  const isKnown = (one: number): boolean => (past.shares[one] ?? 0) > 0;
  // Nothing was ever needed together with what was never needed: only the others are gone through for every tool.
  const known = [...likely.entries()].filter(([tool, one]) => one > LEAST_LIKELY && isKnown(tool));
  return index.entries.map((_entry, tool): Features => {
    const { withOthers, neverWith } = besideOthers(past, known, { tool, isKnown: isKnown(tool) });
    return [
      ["bias together", 1],
      ["own", scores[tool] ?? 0],
      ["feeds", feeds[tool] ?? 0],
      ...inFamily(families.get(index.families[tool] ?? []), tool, rows[tool] ?? []),
      ["fed", fedBy(index, tool, likely)],
      ["with others", withOthers],
      ["never with", neverWith],
    ];
  });
}

/** How likely the others are that it was needed with, and those that it was never needed with. */
function besideOthers(
  { together }: PastRequests,
  known: readonly (readonly [tool: number, likely: number])[],
  { tool, isKnown }: { readonly tool: number; readonly isKnown: boolean },
): { readonly withOthers: number; readonly neverWith: number } {
  let withOthers = 0;
  let neverWith = 0;
  for (const [other, one] of known) {
    if (other === tool) continue;
    const share = together[other]?.[tool] ?? 0;
    withOthers = Math.max(withOthers, one * share);
    if (share === 0 && isKnown) neverWith = Math.max(neverWith, one);
  }
  return { withOthers, neverWith };
}

function fedBy({ feeders }: RelevanceIndex, tool: number, likely: readonly number[]): number {
  let fed = 0;
  for (const feeder of feeders[tool]?.keys() ?? []) fed = Math.max(fed, likely[feeder] ?? 0);
  return fed;
}

interface Likeliest {
  readonly tool: number;
  readonly most: number;
  /** Of the others. */
  readonly next: number;
}

/** By family, so that a server of a thousand tools is gone through once and not once for each of them. */
function likeliestOf(
  { families }: RelevanceIndex,
  likely: readonly number[],
): ReadonlyMap<readonly number[], Likeliest> {
  return new Map(
    [...new Set(families)].map((family) => {
      let best: Likeliest = { tool: -1, most: 0, next: 0 };
      for (const tool of family) {
        const one = likely[tool] ?? 0;
        if (one > best.most) best = { tool, most: one, next: best.most };
        else if (one > best.next) best = { ...best, next: one };
      }
      return [family, best];
    }),
  );
}

/** What tells a tool from its family weighs where the family is likely: "reviews" of a shop, where a product is searched for. */
function inFamily(likeliest: Likeliest | undefined, tool: number, row: Features): Features {
  const family = (likeliest?.tool === tool ? likeliest.next : likeliest?.most) ?? 0;
  const valueOf = (name: string): number => row.find(([one]) => one === name)?.[1] ?? 0;
  return [
    ["family", family],
    ["told in family", family * valueOf("telling")],
    ["untold in family", family * valueOf("untold")],
    ["gives in family", family * valueOf("gives")],
  ];
}

const LEAST_LIKELY = 0.01;
/** What even an unlikely feeder weighs. */
const ANY_FEEDER = 0.2;

/** By tool, how likely the likeliest one is that takes an argument from it, by how much it is the one to give it. */
function feedsOf({ feeders }: RelevanceIndex, likely: readonly number[]): readonly number[] {
  const feeds = new Array<number>(likely.length).fill(0);
  for (const [taker, giving] of feeders.entries()) {
    const strengths = [...giving].map(([feeder, fit]) => [feeder, fit * (ANY_FEEDER + (likely[feeder] ?? 0))] as const);
    const most = Math.max(...strengths.map(([, strength]) => strength));
    for (const [feeder, strength] of strengths)
      feeds[feeder] = Math.max(feeds[feeder] ?? 0, (likely[taker] ?? 0) * (strength / most) ** 4);
  }
  return feeds;
}
