import { MAX_REQUEST_CHARS } from "#src/planning/analysis/analyse.ts";
import { PAUSE, stemsOf } from "#src/planning/prediction/stems.ts";

// Texts as sparse vectors of unit length, weighted by tf-idf (Salton & Buckley, "Term-weighting approaches in automatic text
// retrieval", 1988): stems, the third of the text they stand in, pairs of them, and the 3 to 5 letters inside of them. Pairs that
// are some words apart, in their order, and thirds tell in which order things are to be done.
//
// V1. What a vocabulary has not seen has no place in a vector: the vector of a foreign text may be empty.
// V2. Of a long text the beginning is read, and of many features those that stand in most texts are kept.

/** Places and the weights there, of the same length; places are in no order and none is there twice. */
export interface SparseVector {
  readonly indexes: Int32Array;
  readonly values: Float32Array;
}

/** The place of each feature, and by place its inverse document frequency. */
export interface Vocabulary {
  readonly places: ReadonlyMap<string, number>;
  readonly idf: Float32Array;
}

/** Every feature has a place, a row of weights and a list of texts: together about 300 bytes. */
const MAX_FEATURES = 40_000;

/** The vocabulary of what stands in at least so many of the texts. */
export function vocabularyOf(texts: readonly string[], minimumTexts: number): Vocabulary {
  const counts = new Map<string, number>();
  for (const text of texts)
    for (const feature of new Set(featuresOf(text))) counts.set(feature, (counts.get(feature) ?? 0) + 1);
  const kept = [...counts]
    .filter(([, count]) => count >= minimumTexts)
    .sort(([, one], [, other]) => other - one)
    .slice(0, MAX_FEATURES);
  return {
    places: new Map(kept.map(([feature], place) => [feature, place])),
    idf: Float32Array.from(kept, ([, count]) => Math.log(1 + texts.length / count)),
  };
}

export function vectorOf({ places, idf }: Vocabulary, text: string): SparseVector {
  const counts = new Map<number, number>();
  for (const feature of featuresOf(text)) {
    const place = places.get(feature);
    if (place !== undefined) counts.set(place, (counts.get(place) ?? 0) + 1);
  }
  const indexes = Int32Array.from(counts.keys());
  const values = Float32Array.from(counts, ([place, count]) => (1 + Math.log(count)) * (idf[place] ?? 0));
  const length = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  return { indexes, values: length > 0 ? values.map((value) => value / length) : values };
}

/** The share of the words of a text that have a place, of [0, 1]: a vector says nothing of the others (V1). */
export function knownShare({ places }: Vocabulary, text: string): number {
  const words = new Set(stemsOf(text.slice(0, MAX_REQUEST_CHARS)).filter((stem) => stem !== PAUSE && !isNumber(stem)));
  return [...words].filter((word) => places.has(word)).length / Math.max(1, words.size);
}

const LETTERS = [3, 4, 5];
const BEGINNING = "^";
const END = "$";
const THIRDS = 3;
/** How many words further a pair may reach. */
const REACH = 8;

function featuresOf(text: string): readonly string[] {
  const stems = stemsOf(text.slice(0, MAX_REQUEST_CHARS));
  const words = stems.filter((stem) => stem !== PAUSE);
  const placed = words.map((word, index) => `${word}/${Math.floor((index * THIRDS) / words.length)}`);
  const pairs = [BEGINNING, ...stems].map((stem, index) => `${stem} ${stems[index] ?? END}`);
  const lettered = [...new Set(words)].filter((word) => !isNumber(word));
  return [...words, ...placed, ...pairs, ...distantPairs(words), ...lettered.flatMap(lettersOf)];
}

function distantPairs(words: readonly string[]): readonly string[] {
  return words.flatMap((word, index) => {
    if (isNumber(word)) return [];
    const others = words.slice(index + 2, index + 1 + REACH);
    return others.filter((other) => !isNumber(other)).map((other) => `${word}…${other}`);
  });
}

function isNumber(stem: string): boolean {
  return stem.startsWith("#");
}

function lettersOf(stem: string): readonly string[] {
  const word = `<${stem}>`;
  return LETTERS.flatMap((length) =>
    Array.from({ length: Math.max(0, word.length - length + 1) }, (_, from) => `…${word.slice(from, from + length)}`),
  );
}
