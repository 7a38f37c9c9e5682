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
  const sets = candidates.map(({ chain, probability }) => ({
    chain,
    probability,
    tools: new Set(chain),
    links: new Set(linksOf(chain)),
  }));
  let best: readonly number[] = [];
  let most = -1;
  for (const { chain, tools, links } of sets) {
    let expected = 0;
    for (const other of sets)
      if (other.probability > 0)
        expected += other.probability * (f1(tools, other.tools) + LINKS_WEIGHT * f1(links, other.links));
    if (expected > most) {
      most = expected;
      best = chain;
    }
  }
  return best;
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
