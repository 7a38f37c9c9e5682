// Rows of weighted terms, by term: in which rows it stands and how strongly. A text is held against a thousand tools in as many steps as
// its words have places in them (Zobel & Moffat, "Inverted files for text search engines", 2006).

interface Posting {
  readonly rows: Int32Array;
  readonly weights: Float64Array;
}

export type Postings = ReadonlyMap<string, Posting>;

export function postingsOf(rows: readonly ReadonlyMap<string, number>[]): Postings {
  const byTerm = new Map<string, [number[], number[]]>();
  for (const [row, terms] of rows.entries())
    for (const [term, weight] of terms) {
      const [at, weights] = byTerm.get(term) ?? [[], []];
      if (at.length === 0) byTerm.set(term, [at, weights]);
      at.push(row);
      weights.push(weight);
    }
  return new Map(
    [...byTerm].map(([term, [at, weights]]) => [
      term,
      { rows: Int32Array.from(at), weights: Float64Array.from(weights) },
    ]),
  );
}

const ALL_ALIKE = 1;

/** The same of sets, where every term weighs as much. */
export function postingsOfSets(rows: readonly ReadonlySet<string>[]): Postings {
  return postingsOf(rows.map((terms) => new Map([...terms].map((term) => [term, ALL_ALIKE]))));
}

/** By row, the sum over the terms of their weights here and there: the cosine, where both are of unit length. */
export function products(postings: Postings, terms: Iterable<readonly [string, number]>, rows: number): Float64Array {
  const sums = new Float64Array(rows);
  for (const [term, weight] of terms) {
    const posting = postings.get(term);
    if (posting === undefined) continue;
    const { rows: at, weights } = posting;
    for (let place = 0; place < at.length; place += 1) {
      const row = at[place] ?? 0;
      sums[row] = (sums[row] ?? 0) + weight * (weights[place] ?? 0);
    }
  }
  return sums;
}
