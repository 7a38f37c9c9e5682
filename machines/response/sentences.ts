import { MAX_SENTENCES } from "#events/plan-facts.ts";

// Where the sentences of a text are. A rule of its own and not that of the platform, whose tables differ from release to release:
// the same text is cut in the same way for ever.
//
// S1. Sentences cover the text from its first to its last character; space between two belongs to the first.
// S2. There are MAX_SENTENCES at most: the last one goes on to the end.

export interface TextRange {
  readonly from: number;
  /** Behind its last character. */
  readonly to: number;
}

const ENDS: ReadonlySet<string> = new Set(".!?…");
/** These need no space behind them. */
const FULL_ENDS: ReadonlySet<string> = new Set("。！？");
const CLOSING: ReadonlySet<string> = new Set("\"'”’)]");

/** What a full stop behind it does not end: "e.g.", "No. 5". */
const SHORTENED = /(?:^|[\s(])(?:(?:\p{L}\.){2,}|(?:mr|mrs|ms|dr|st|no|vs|approx|incl|cf)\.)$/iu;
/** The longest of them, with what is before. */
const REACH_CHARS = 10;

/** Linear in the text. */
export function sentencesOf(text: string): readonly TextRange[] {
  const ranges: TextRange[] = [];
  let from = 0;
  let hasWord = false;
  for (let at = 0; at < text.length && ranges.length < MAX_SENTENCES - 1;) {
    const isEmpty = isSpace(text.charAt(at));
    hasWord ||= !isEmpty;
    const end = endAt(text, at);
    const next = spaceEnd(text, Math.max(end, at + 1));
    if (hasWord && next < text.length && endsThere(text, { at, end, next })) {
      ranges.push({ from, to: next });
      from = next;
      hasWord = false;
    }
    at = end > at || isEmpty ? next : at + 1;
  }
  return [...ranges, { from, to: text.length }];
}

/** Behind the full stops at a place, and what closes behind them; the place itself where there is none. */
function endAt(text: string, at: number): number {
  let end = at;
  while (ENDS.has(text.charAt(end)) || FULL_ENDS.has(text.charAt(end))) end++;
  if (end > at) while (CLOSING.has(text.charAt(end))) end++;
  return end;
}

function spaceEnd(text: string, from: number): number {
  let end = from;
  while (isSpace(text.charAt(end))) end++;
  return end;
}

function isSpace(char: string): boolean {
  return char !== "" && char.trim() === "";
}

interface PossibleEnd {
  readonly at: number;
  readonly end: number;
  readonly next: number;
}

function endsThere(text: string, { at, end, next }: PossibleEnd): boolean {
  if (isSpace(text.charAt(end)) && text.slice(end, next).includes("\n")) return true;
  if (end === at) return false;
  if (FULL_ENDS.has(text.charAt(at))) return true;
  if (next === end) return false;
  if (text.charAt(at) !== ".") return true;
  const before = text.slice(Math.max(0, end - REACH_CHARS), end);
  return !/^\p{Ll}/u.test(text.slice(next, next + 2)) && !SHORTENED.test(before);
}
