import {
  domainShares,
  fits,
  knownTerms,
  type CatalogIndex,
  type Terms,
} from "#src/planning/prediction/described-catalog.ts";
import { products } from "#src/planning/prediction/postings.ts";
import type { Asked, PastRequests } from "#src/planning/relevance/past-requests.ts";
import { wordsOf } from "#src/planning/analysis/words.ts";
import { bareWord, type RelevanceIndex } from "#src/planning/relevance/relevance-index.ts";

// What speaks for each tool of a catalog being needed for a request: by its description and its name, by what it takes and gives, and by
// past requests that are alike. What the other tools are that are likely needed comes after it (tool-company.ts).

/** Weights that need no example, in the order in which the features stand. */
const PRIOR = [
  ["bias", -4],
  ["clause", 4],
  ["whole", 2],
  ["first", 1.5],
  ["first of all", 0],
  ["topic", 0],
  ["wins", 1],
  ["named", 2],
  ["telling", 1],
  ["untold", 0],
  ["gives", 0.5],
  ["takes", 0.2],
  ["near", 4],
  ["usual", 1],
] as const;

export const PRIOR_ALONE: readonly number[] = PRIOR.map(([, weight]) => weight);
export const FEATURES = PRIOR.length;
/** Places of those that others look at. */
export const TELLING = PRIOR.findIndex(([name]) => name === "telling");
export const UNTOLD = PRIOR.findIndex(([name]) => name === "untold");
export const GIVES = PRIOR.findIndex(([name]) => name === "gives");

const LEAST_FIT = 0.01;
/** From this similarity on past requests have their full say. */
const SIMILAR = 2 / 3;

/** The features of all tools, one after the other. */
export function featuresOf(
  { index, past }: { readonly index: RelevanceIndex; readonly past: PastRequests },
  asked: Asked,
): Float64Array {
  const { described, entries } = index;
  const terms = knownTerms(described, asked.request);
  const [clause, first] = clausesOf(index, asked, terms);
  const domains = domainShares(described, terms);
  const whole = fits(described, terms, { actions: new Set(asked.intents.map(({ action }) => action)), domains });
  const best = Math.max(LEAST_FIT, ...whole);
  const told = words(index, asked.request);
  const said = [...terms.keys()].map((term) => [term, 1] as const);
  const columns = [
    new Float64Array(entries.length).fill(1),
    clause,
    whole,
    first,
    whole.map((fit) => fit / best),
    products(described.topics, terms, entries.length),
    winsOf(described, terms),
    products(index.names, said, entries.length),
    ...told,
    products(index.gives, said, entries.length),
    products(index.takes, said, entries.length),
    votesOf(asked, entries.length),
    past.shares,
  ];
  const rows = new Float64Array(entries.length * FEATURES);
  for (const [feature, column] of columns.entries())
    for (let tool = 0; tool < entries.length; tool += 1) rows[tool * FEATURES + feature] = column[tool] ?? 0;
  return rows;
}

/** By tool, how well it fits the clause that it fits best, and how near it comes there to the tool that fits that clause best. */
function clausesOf(
  { described, entries }: RelevanceIndex,
  { intents }: Asked,
  terms: Terms,
): readonly [Float64Array, Float64Array] {
  const domains = domainShares(described, terms);
  const clause = new Float64Array(entries.length);
  const first = new Float64Array(entries.length);
  for (const { words: said, action } of intents) {
    const fitting = fits(described, knownTerms(described, said), { actions: new Set([action]), domains });
    const best = Math.max(LEAST_FIT, ...fitting);
    for (const [tool, fit] of fitting.entries()) {
      clause[tool] = Math.max(clause[tool] ?? 0, fit);
      first[tool] = Math.max(first[tool] ?? 0, fit / best);
    }
  }
  return [clause, first];
}

/** By tool, the share of the words that tell it from its family which are said, and whether none of them is. */
function words({ telling, tellingWords }: RelevanceIndex, request: string): readonly [Float64Array, Float64Array] {
  const said = new Set(wordsOf(request).map((word) => bareWord(word.words)));
  const told = products(
    telling,
    [...said].map((word) => [word, 1] as const),
    tellingWords.length,
  );
  const untold = told.map((count, tool) => (count === 0 && (tellingWords[tool] ?? 0) > 0 ? 1 : 0));
  return [told.map((count, tool) => count / Math.max(1, tellingWords[tool] ?? 0)), untold];
}

function votesOf({ alike, similarity }: Asked, tools: number): readonly number[] {
  const votes = new Array<number>(tools).fill(0);
  const say = Math.min(1, similarity / SIMILAR);
  for (const { tools: used, share } of alike) for (const tool of used) votes[tool] = (votes[tool] ?? 0) + share * say;
  return votes;
}

/** The share of what a request says that a tool says as strongly as any. */
function winsOf({ tools, terms: postings }: CatalogIndex, terms: Terms): Float64Array {
  const wins = new Float64Array(tools.length);
  for (const [term, weight] of terms) {
    const posting = postings.get(term);
    if (posting === undefined) continue;
    const most = posting.weights.reduce((one, other) => Math.max(one, other), 0);
    for (const [place, tool] of posting.rows.entries())
      wins[tool] = (wins[tool] ?? 0) + weight * weight * ((posting.weights[place] ?? 0) / most) ** 2;
  }
  return wins;
}
