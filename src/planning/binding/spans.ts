import type { Analysis } from "#src/planning/analysis/analyse.ts";
import { SMALL_WORDS } from "#src/planning/analysis/small-words.ts";
import type { FoundValue, Said, ValueKind } from "#src/planning/analysis/value.ts";
import { actionOf } from "#src/planning/analysis/verbs.ts";
import { wordsOf } from "#src/planning/analysis/words.ts";
import { nameWords } from "#src/planning/catalog/name-words.ts";

// What of a request could be an argument: the values that were found in it, and runs of words that are none ("running shoes"), each
// with its surroundings. Their number is bounded: a long request is no reason to be slow.

export interface Span extends Said {
  readonly kind: ValueKind | "phrase";
  /** The found value that it is; undefined of a phrase. */
  readonly found?: FoundValue;
  /** The word before and the word after, in lower case; a mark of punctuation between counts as one. */
  readonly left: string;
  readonly right: string;
  /** How many spans of its kind stand before it. */
  readonly nth: number;
  /** Whether nothing before it is the same. */
  readonly isNew: boolean;
  /** Whether what it says ends there: no other word that says something stands right before or after it. */
  readonly isWhole: boolean;
  /** Whether small words join it: "gyms in London". */
  readonly isJoined: boolean;
  /** Whether it cuts a found value in two. */
  readonly cuts: boolean;
  readonly words: string;
  readonly count: number;
  /** The words as names of tools and options are read, once for all arguments that they are held against. */
  readonly parts: readonly string[];
}

const MAX_PHRASE_WORDS = 6;
const MAX_SPANS = 400;
const SMALL: ReadonlySet<string> = new Set(SMALL_WORDS);

export function spansOf({ text, values }: Analysis): readonly Span[] {
  const words = wordsOf(text);
  const around = ({ from, to }: Said): { left: string; right: string } => ({
    left: neighbour(
      text.slice(0, from),
      words.findLast((word) => word.to <= from),
    ),
    right: afterwards(
      text,
      to,
      words.find((word) => word.from >= to),
    ),
  });
  const counts = new Map<string, number>();
  const seen = new Set<string>();
  const found = values.flatMap(bothEnds).map((value): Span => {
    const { kind, from, to } = value;
    const same = `${kind} ${JSON.stringify(value.value)}`;
    const isNew = !seen.has(same);
    seen.add(same);
    const nth = counts.get(kind) ?? 0;
    if (isNew) counts.set(kind, nth + 1);
    const count = wordsOf(value.words).length;
    return {
      kind,
      from,
      to,
      words: value.words,
      found: value,
      ...around(value),
      nth,
      isNew,
      cuts: false,
      count,
      parts: nameWords(value.words),
      ...shapeOf(text, value, words),
    };
  });
  return [...found, ...phrasesOf(text, { words, values, around })].slice(0, MAX_SPANS);
}

/** The days of a range are two dates. */
function bothEnds(value: FoundValue): readonly FoundValue[] {
  if (value.kind !== "date-range") return [value];
  const { end, ...one } = value;
  return [
    { ...one, kind: "date" },
    { ...one, kind: "date", value: end },
  ];
}

function phrasesOf(
  text: string,
  {
    words,
    values,
    around,
  }: { words: readonly Said[]; values: readonly FoundValue[]; around: (span: Said) => { left: string; right: string } },
): readonly Span[] {
  const phrases: Span[] = [];
  for (const [at, first] of words.entries()) {
    if (SMALL.has(first.words.toLowerCase()) && first.words.toLowerCase() !== "the") continue;
    for (let count = 1; count <= MAX_PHRASE_WORDS && at + count <= words.length; count += 1) {
      const last = words[at + count - 1];
      if (last === undefined || SMALL.has(last.words.toLowerCase())) continue;
      const span = { from: first.from, to: last.to, words: text.slice(first.from, last.to) };
      if (/[.!?;:\n]\s/u.test(span.words)) break;
      if (values.some((value) => value.from === span.from && value.to === span.to)) continue;
      const cuts = values.some(
        (value) => value.from < span.to && span.from < value.to && !(span.from <= value.from && value.to <= span.to),
      );
      phrases.push({
        kind: "phrase",
        ...span,
        ...around(span),
        nth: 0,
        isNew: true,
        cuts,
        count,
        parts: nameWords(span.words),
        ...shapeOf(text, span, words),
      });
    }
  }
  return phrases;
}

function shapeOf(
  text: string,
  { from, to }: Said,
  words: readonly Said[],
): { readonly isWhole: boolean; readonly isJoined: boolean } {
  const before = words.findLast((word) => word.to <= from);
  const after = words.find((word) => word.from >= to);
  const isFree = (word: Said | undefined, gap: string): boolean =>
    word === undefined ||
    /[^\s\p{L}\p{N}]/u.test(gap) ||
    SMALL.has(word.words.toLowerCase()) ||
    actionOf(word.words.toLowerCase()) !== undefined;
  const inner = words.filter((word) => from < word.from && word.to < to);
  return {
    isWhole:
      isFree(before, text.slice(before?.to ?? 0, from)) && isFree(after, text.slice(to, after?.from ?? text.length)),
    isJoined: inner.some((word) => SMALL.has(word.words.toLowerCase())),
  };
}

function neighbour(before: string, word: Said | undefined): string {
  const mark = /[^\s\p{L}\p{N}]\s*$/u.exec(before)?.[0].trim();
  return mark !== undefined && mark !== "" ? mark : (word?.words.toLowerCase() ?? "^");
}

function afterwards(text: string, to: number, word: Said | undefined): string {
  const mark = /^\s*([^\s\p{L}\p{N}])/u.exec(text.slice(to))?.[1];
  return mark ?? word?.words.toLowerCase() ?? "$";
}
