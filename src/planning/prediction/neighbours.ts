import type { SparseVector } from "#src/planning/prediction/vocabulary.ts";

// Which known texts are nearest to a request, by the cosine of their vectors. An inverted index: only texts that share a feature
// with the request are looked at (Zobel & Moffat, "Inverted files for text search engines", 2006).

/** For each feature the texts that have it, and its weights there. */
export interface InvertedIndex {
  readonly texts: number;
  readonly postings: readonly SparseVector[];
}

interface Neighbour {
  readonly text: number;
  /** Cosine, of [0, 1]. */
  readonly similarity: number;
}

export function indexOf(vectors: readonly SparseVector[], features: number): InvertedIndex {
  const postings = Array.from({ length: features }, () => ({
    texts: new Array<number>(),
    weights: new Array<number>(),
  }));
  for (const [text, vector] of vectors.entries())
    for (const [at, feature] of vector.indexes.entries()) {
      postings[feature]?.texts.push(text);
      postings[feature]?.weights.push(vector.values[at] ?? 0);
    }
  return {
    texts: vectors.length,
    postings: postings.map(({ texts, weights }) => ({
      indexes: Int32Array.from(texts),
      values: Float32Array.from(weights),
    })),
  };
}

/** The nearest first; the earlier of two that are as near. */
export function nearest(index: InvertedIndex, vector: SparseVector, most: number): readonly Neighbour[] {
  return Array.from(similarities(index, vector), (similarity, text) => ({ text, similarity }))
    .filter(({ similarity }) => similarity > 0)
    .sort((one, other) => other.similarity - one.similarity)
    .slice(0, most);
}

function similarities({ texts, postings }: InvertedIndex, vector: SparseVector): Float32Array {
  const sums = new Float32Array(texts);
  for (const [at, feature] of vector.indexes.entries()) {
    const posting = postings[feature];
    if (posting) addScaled(sums, posting, vector.values[at] ?? 0);
  }
  return sums;
}

function addScaled(sums: Float32Array, { indexes, values }: SparseVector, scale: number): void {
  for (let entry = 0; entry < indexes.length; entry += 1) {
    const text = indexes[entry] ?? 0;
    sums[text] = (sums[text] ?? 0) + scale * (values[entry] ?? 0);
  }
}
