import type { Said } from "#src/planning/analysis/value.ts";

// Words and sentences of a request, with their places. Every pattern here and in the finders takes linear time: a request is
// hostile until it is read.

const WORD = /[\p{L}\p{N}]+(?:['’_-][\p{L}\p{N}]+)*/gu;
/** Ends a sentence where white space follows: a stop inside a path, number or address does not. */
const SENTENCE_END = /[.!?;…]+(?=\s)|\n+/gu;

/** "don't" and "follow-up" are one word each. */
export function wordsOf(text: string, from = 0, to = text.length): readonly Said[] {
  return Array.from(text.slice(from, to).matchAll(WORD), ({ 0: words, index }) => ({
    from: from + index,
    to: from + index + words.length,
    words,
  }));
}

/** Sentences without their ends. What is `closed` is not cut: "6 a.m. tomorrow", or a quotation. */
export function sentencesOf(text: string, closed: readonly { readonly from: number; readonly to: number }[]): Said[] {
  const sentences: Said[] = [];
  let from = 0;
  const end = (at: number, next: number): void => {
    const words = text.slice(from, at);
    const lead = words.length - words.trimStart().length;
    if (words.trim() !== "")
      sentences.push({ from: from + lead, to: from + words.trimEnd().length, words: words.trim() });
    from = next;
  };
  for (const { 0: mark, index } of text.matchAll(SENTENCE_END)) {
    const isInside = closed.some((one) => one.from <= index && index < one.to);
    if (!isInside && !ABBREVIATIONS.has(lastWord(text, index))) end(index, index + mark.length);
  }
  end(text.length, text.length);
  return sentences;
}

const ABBREVIATIONS: ReadonlySet<string> = new Set([
  "mr",
  "mrs",
  "ms",
  "dr",
  "prof",
  "st",
  "no",
  "vs",
  "e.g",
  "i.e",
  "etc",
  "a.m",
  "p.m",
  "approx",
  "inc",
  "ltd",
]);
const MAX_WORD_CHARS = 20;

function lastWord(text: string, before: number): string {
  const tail = text.slice(Math.max(0, before - MAX_WORD_CHARS), before);
  return tail.slice(tail.search(/[\p{L}.]*$/u)).toLowerCase();
}
