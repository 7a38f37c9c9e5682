import type { SparseVector } from "#src/planning/prediction/vocabulary.ts";

// Which known texts are nearest to a request, by the cosine of their vectors. An inverted index: only texts that share a feature
// with the request are looked at (Zobel & Moffat, "Inverted files for text search engines", 2006).
//
// I1. Four bytes an entry: a text's number and its weight are 16 bits each. A weight is off by 1/131070 at most.

/** More texts have no number. */
export const MAX_TEXTS = 10_000;
/** What stands for a weight of one. */
const ONE = 65_535;

/** The entries of a feature are those from its start to the start of the next one. */
export interface InvertedIndex {
  readonly texts: number;
  readonly starts: Uint32Array;
  readonly numbers: Uint16Array;
  readonly weights: Uint16Array;
}

interface Neighbour {
  readonly text: number;
  /** Cosine, of [0, 1]. */
  readonly similarity: number;
}

/** Of at most MAX_TEXTS vectors. */
export function indexOf(vectors: readonly SparseVector[], features: number): InvertedIndex {
  const starts = startsOf(vectors, features);
  const entries = starts.at(-1) ?? 0;
  const index = { texts: vectors.length, starts, numbers: new Uint16Array(entries), weights: new Uint16Array(entries) };
  const free = Uint32Array.from(starts);
  for (const [text, { indexes, values }] of vectors.entries())
    for (const [at, feature] of indexes.entries()) {
      const entry = free[feature] ?? 0;
      index.numbers[entry] = text;
      index.weights[entry] = Math.round((values[at] ?? 0) * ONE);
      free[feature] = entry + 1;
    }
  return index;
}

function startsOf(vectors: readonly SparseVector[], features: number): Uint32Array {
  const starts = new Uint32Array(features + 1);
  for (const { indexes } of vectors)
    for (const feature of indexes) starts[feature + 1] = (starts[feature + 1] ?? 0) + 1;
  let sum = 0;
  return starts.map((count) => (sum += count));
}

/** The nearest first; the earlier of two that are as near. */
export function nearest(index: InvertedIndex, vector: SparseVector, most: number): readonly Neighbour[] {
  const found: Neighbour[] = [];
  for (const [text, similarity] of similarities(index, vector).entries()) {
    const isNear = found.length < most || similarity > (found.at(-1)?.similarity ?? 0);
    if (similarity <= 0 || !isNear) continue;
    const place = found.findIndex((other) => other.similarity < similarity);
    found.splice(place === -1 ? found.length : place, 0, { text, similarity });
    if (found.length > most) found.pop();
  }
  return found;
}

function similarities({ texts, starts, numbers, weights }: InvertedIndex, vector: SparseVector): Float32Array {
  const sums = new Float32Array(texts);
  for (const [at, feature] of vector.indexes.entries()) {
    const scale = (vector.values[at] ?? 0) / ONE;
    const end = starts[feature + 1] ?? 0;
    for (let entry = starts[feature] ?? 0; entry < end; entry += 1) {
      const text = numbers[entry] ?? 0;
      sums[text] = (sums[text] ?? 0) + scale * (weights[entry] ?? 0);
    }
  }
  return sums;
}
