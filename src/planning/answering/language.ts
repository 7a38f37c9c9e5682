import type { Analysis } from "#src/planning/analysis/analyse.ts";
import { SMALL_WORDS } from "#src/planning/analysis/small-words.ts";
import { actionOf } from "#src/planning/analysis/verbs.ts";
import { wordsOf } from "#src/planning/analysis/words.ts";

// Whether a request is in English, which is what the planner can read: by its script, and by how many of its words are those that every
// English sentence has (after Grefenstette, "Comparing two language identification schemes", 1995).
//
// L1. What is quoted and what is a name or address is in no language: it says nothing here.
// L2. A request of few words is not judged by its words: "Oslo weather" has none of them.

export interface Foreign {
  /** The script where it is not Latin, e.g. `Cyrillic`; otherwise only that the words are not known. */
  readonly script?: string;
  /** Of the words that were judged, those that English sentences have, 0 to 1. */
  readonly known: number;
}

const SCRIPTS = [
  ...(["Han", "Cyrillic", "Arabic", "Devanagari", "Hiragana", "Katakana", "Hangul", "Greek", "Hebrew"] as const),
  ...(["Thai", "Bengali", "Tamil", "Georgian", "Armenian"] as const),
].map((script) => ({ script, letters: new RegExp(`\\p{Script=${script}}`, "gu") }));
const ENGLISH: ReadonlySet<string> = new Set(SMALL_WORDS);
/** Share of letters of another script that makes a request foreign. */
const FOREIGN_LETTERS = 0.3;
const LEAST_WORDS = 4;
/** Chosen by looking at English requests and some sentences of other languages, not measured on a set of either. */
const LEAST_KNOWN = 0.12;

/** Undefined where it is English, or too short to tell. `isTerm` tells words of the catalog, which count as known. */
export function foreignLanguage(analysis: Analysis, isTerm: (word: string) => boolean): Foreign | undefined {
  const text = ownWords(analysis);
  const words = wordsOf(text).map((word) => word.words.toLowerCase());
  const isKnown = (word: string): boolean => ENGLISH.has(word) || actionOf(word) !== undefined || isTerm(word);
  const known = words.filter(isKnown).length / Math.max(1, words.length);
  const script = foreignScript(text);
  if (script !== undefined) return { script, known };
  return words.length >= LEAST_WORDS && known < LEAST_KNOWN ? { known } : undefined;
}

/** L1. */
function ownWords({ text, values }: Analysis): string {
  let rest = "";
  let at = 0;
  for (const { from, to } of values) {
    rest += `${text.slice(at, from)} `;
    at = to;
  }
  return rest + text.slice(at);
}

function foreignScript(text: string): string | undefined {
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  return SCRIPTS.find((one) => (text.match(one.letters)?.length ?? 0) > letters * FOREIGN_LETTERS)?.script;
}
