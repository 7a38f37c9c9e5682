import { addressesIn } from "#src/planning/analysis/addresses.ts";
import { datesIn, type Moment } from "#src/planning/analysis/dates.ts";
import { namesIn } from "#src/planning/analysis/names.ts";
import { optionsIn, type Choice } from "#src/planning/analysis/options.ts";
import { quantitiesIn } from "#src/planning/analysis/quantities.ts";
import type { BareValue, FoundValue, Said, ValueKind } from "#src/planning/analysis/value.ts";
import { sentencesOf, wordsOf } from "#src/planning/analysis/words.ts";

// All values of a request, in the order in which they stand, with the words before each.
//
// F1. Of two finders that want the same words the one that knows more about them has them: a date is no number, a quotation only a quotation.

export interface ValuesOptions extends Moment {
  /** What parameters of tools may be. */
  readonly choices?: readonly Choice[];
}

export interface FoundValues {
  readonly values: readonly FoundValue[];
  readonly sentences: readonly Said[];
}

/** Of two at one place: what is marked by the asker, then what has a form of its own, then the rest. */
const RANK: Readonly<Record<ValueKind, number>> = {
  ...{ quoted: 0, url: 1, email: 1, path: 2, "date-range": 3, "date-time": 3, date: 3, time: 3 },
  ...{ money: 4, percent: 4, duration: 4, identifier: 5, name: 6, option: 7, number: 8 },
};

export function valuesIn(text: string, { choices = [], ...moment }: ValuesOptions): FoundValues {
  const marked = disjoint([...addressesIn(text), ...datesIn(text, moment), ...quantitiesIn(text)]);
  const sentences = sentencesOf(text, marked);
  const all = disjoint([...marked, ...namesIn(text, sentences), ...optionsIn(text, choices)]);
  return { values: all.map((value, index) => ({ ...value, label: labelOf(text, value, all[index - 1]) })), sentences };
}

/** In order; of those that overlap the one of the better rank stands, and of one rank the longer one. */
function disjoint(values: readonly BareValue[]): readonly BareValue[] {
  const length = ({ from, to }: Said): number => to - from;
  const byRank = [...values].sort((a, b) => RANK[a.kind] - RANK[b.kind] || length(b) - length(a) || a.from - b.from);
  const taken: BareValue[] = [];
  const covered = new Set<number>();
  for (const value of byRank) {
    const places = Array.from({ length: length(value) }, (_, index) => value.from + index);
    if (places.some((place) => covered.has(place))) continue;
    for (const place of places) covered.add(place);
    taken.push(value);
  }
  return taken.sort((a, b) => a.from - b.from);
}

const LABEL_WORDS = 3;
const LABEL_CHARS = 80;
/** Nothing of what stands before one of these says what comes after it. */
const BREAK = /[.;!?\n](?:\s|$)|,/gu;

/** The words between the value and what comes before it, at most LABEL_WORDS. */
function labelOf(text: string, { from }: Said, before: Said | undefined): string {
  const start = Math.max(before?.to ?? 0, from - LABEL_CHARS);
  const gap = text.slice(start, from);
  const broken = Math.max(0, ...Array.from(gap.matchAll(BREAK), ({ 0: mark, index }) => index + mark.length));
  const words = wordsOf(gap, broken).map(({ words }) => words.toLowerCase());
  return words.slice(-LABEL_WORDS).join(" ");
}
