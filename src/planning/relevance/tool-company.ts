import { sigmoid } from "#src/planning/learning/linear.ts";
import type { PastRequests } from "#src/planning/relevance/past-requests.ts";
import type { RelevanceIndex } from "#src/planning/relevance/relevance-index.ts";
import { FEATURES, GIVES, TELLING, UNTOLD } from "#src/planning/relevance/tool-features.ts";

// What the other tools that a request likely needs say about each one: who takes what it gives, who gives what it takes, who is of its
// family, and with whom it was needed before.

/** Weights that need no example, in the order in which the features stand. */
const PRIOR = [
  ["bias together", 0],
  ["own", 1],
  ["feeds", 3],
  ["family", 0],
  ["told in family", 0],
  ["untold in family", 0],
  ["gives in family", 0],
  ["fed", 0],
  ["with others", 0],
  ["never with", 0],
] as const;

export const PRIOR_TOGETHER: readonly number[] = PRIOR.map(([, weight]) => weight);

export interface Company {
  readonly index: RelevanceIndex;
  readonly past: PastRequests;
}

/** By tool, from how likely each seems alone; `rows` are the features of all tools. */
export function companyOf(
  { index, past }: Company,
  rows: Float64Array,
  scores: readonly number[],
): (tool: number) => Float64Array {
  const likely = scores.map(sigmoid);
  const feeds = feedsOf(index, likely);
  const families = likeliestOf(index, likely);
  const isKnown = (one: number): boolean => (past.shares[one] ?? 0) > 0;
  // Nothing was ever needed together with what was never needed: only the others are gone through for every tool.
  const known = [...likely.entries()].filter(([tool, one]) => one > LEAST_LIKELY && isKnown(tool));
  return (tool) => {
    const { withOthers, neverWith } = besideOthers(past, known, { tool, isKnown: isKnown(tool) });
    const likeliest = families.get(index.families[tool] ?? []);
    const family = (likeliest?.tool === tool ? likeliest.next : likeliest?.most) ?? 0;
    const told = (feature: number): number => family * (rows[tool * FEATURES + feature] ?? 0);
    return Float64Array.of(
      ...[1, scores[tool] ?? 0, feeds[tool] ?? 0],
      // What tells a tool from its family weighs where the family is likely: "reviews" of a shop, where a product is searched for.
      ...[family, told(TELLING), told(UNTOLD), told(GIVES)],
      ...[fedBy(index, tool, likely), withOthers, neverWith],
    );
  };
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
    const share = together[other]?.get(tool) ?? 0;
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

const LEAST_LIKELY = 0.01;
/** What even an unlikely feeder weighs. */
const ANY_FEEDER = 0.2;

/** By tool, how likely the likeliest one is that takes an argument from it, by how much it is the one to give it. */
function feedsOf({ feeders }: RelevanceIndex, likely: readonly number[]): Float64Array {
  const feeds = new Float64Array(likely.length);
  for (const [taker, giving] of feeders.entries()) {
    let most = 0;
    for (const [feeder, fit] of giving) most = Math.max(most, fit * (ANY_FEEDER + (likely[feeder] ?? 0)));
    for (const [feeder, fit] of giving) {
      const share = ((fit * (ANY_FEEDER + (likely[feeder] ?? 0))) / most) ** 2;
      feeds[feeder] = Math.max(feeds[feeder] ?? 0, (likely[taker] ?? 0) * share * share);
    }
  }
  return feeds;
}
