// Which of several chains to answer with: not the most probable one but the one that is expected to share most with the true one,
// as F1 of its tools plus F1 of its links. Minimum Bayes risk decoding (Kumar & Byrne, 2004) over a list of candidates.

interface Candidate {
  readonly chain: readonly number[];
  /** Of all candidates they sum up to one. */
  readonly probability: number;
}

/** A link counts a little less than a tool. */
const LINKS_WEIGHT = 0.9;

/** The chain of the candidate that is expected to score best; the earlier of two that are as good, and empty of none. */
export function bestExpected(candidates: readonly Candidate[]): readonly number[] {
  const counted = candidates.map(({ chain, probability }) => ({
    chain,
    probability,
    tools: [...new Set(chain)],
    links: [...new Set(chain.slice(1).map((tool, index) => (chain[index] ?? 0) * A_LINK + tool))],
  }));
  const probable = counted.filter(({ probability }) => probability > 0);
  let best: readonly number[] = [];
  let most = -1;
  for (const { chain, tools, links } of counted) {
    let expected = 0;
    for (const other of probable)
      expected += other.probability * (f1Of(tools, other.tools) + LINKS_WEIGHT * f1Of(links, other.links));
    if (expected > most) {
      most = expected;
      best = chain;
    }
  }
  return best;
}

/** More than there are tools: a link is one number. */
const A_LINK = 2 ** 20;

/** For a few numbers in each, none of them twice: faster than sets. */
function f1Of(one: readonly number[], other: readonly number[]): number {
  if (one.length + other.length === 0) return 1;
  let both = 0;
  for (const item of one) if (other.includes(item)) both += 1;
  return (2 * both) / (one.length + other.length);
}

/** F1 of two sets: one where both are empty. */
export function f1<Item>(one: ReadonlySet<Item>, other: ReadonlySet<Item>): number {
  if (one.size + other.size === 0) return 1;
  let both = 0;
  for (const item of one) if (other.has(item)) both += 1;
  return (2 * both) / (one.size + other.size);
}

/** The pairs of consecutive members, of their numbers or names. */
export function linksOf(chain: readonly (number | string)[]): readonly string[] {
  return chain.slice(1).map((tool, index) => `${chain[index] ?? ""} -> ${tool}`);
}
