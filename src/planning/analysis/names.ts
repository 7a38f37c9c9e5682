import type { BareValue, Said } from "#src/planning/analysis/value.ts";
import { wordsOf } from "#src/planning/analysis/words.ts";
import { isVerb } from "#src/planning/analysis/verbs.ts";

// Names: runs of capitalized words, as in "New York" or "Bank of America". The first word of a sentence is capitalized anyway: it
// begins a name only where it is neither a verb nor a word that sentences begin with.

const JOINS: ReadonlySet<string> = new Set("of de da du del la le van von den der al bin".split(" "));
const BEGINNERS: ReadonlySet<string> = new Set(
  (
    "i i'm i'd i've i'll a an the this that these those my our your his her its their it we you he she they there here please kindly hello hi hey dear " +
    "thanks thank ok okay yes no not and or but so if when while after before once since because as for from to in on at by with without about what " +
    "which who whom whose where why how is are was were am be do does did can could would will shall should may might must let lets let's " +
    "have has had also then next first second finally afterwards additionally today tomorrow yesterday now if any some all each every " +
    "mr mrs ms dr step steps moreover however furthermore besides meanwhile instead otherwise additionally lastly originally please"
  ).split(" "),
);
const MAX_NAME_WORDS = 8;

export function namesIn(text: string, sentences: readonly Said[]): readonly BareValue[] {
  return sentences.flatMap(({ from, to }) => namesInSentence(text, wordsOf(text, from, to)));
}

function namesInSentence(text: string, words: readonly Said[]): readonly BareValue[] {
  const names: BareValue[] = [];
  for (let index = 0; index < words.length; index++) {
    if (!beginsName(words[index], index === 0)) continue;
    const last = endOfName(text, words, index);
    const [first, end] = [words[index], words[last]];
    if (first === undefined || end === undefined) continue;
    // "Ann's" is Ann's: the name is Ann.
    const value = text.slice(first.from, end.to).replace(/['’]s$/u, "");
    names.push({ kind: "name", value, from: first.from, to: first.from + value.length, words: value });
    index = last;
  }
  return names;
}

/** Index of the last word of the name that begins there. */
function endOfName(text: string, words: readonly Said[], index: number): number {
  let last = index;
  for (let next = index + 1; next < index + MAX_NAME_WORDS; next++) {
    const word = words[next]?.words ?? "";
    const isName = isCapitalized(word) && !BEGINNERS.has(word.toLowerCase());
    if (!isNextTo(text, words[next - 1], words[next]) || !(isName || JOINS.has(word))) break;
    if (isName) last = next;
  }
  return last;
}

function beginsName(word: Said | undefined, isFirst: boolean): boolean {
  if (word === undefined || !isCapitalized(word.words)) return false;
  const lower = word.words.toLowerCase().replaceAll("’", "'");
  const isShortened = /n't$|'(?:m|d|ve|ll|re)$/.test(lower);
  return !isShortened && !BEGINNERS.has(lower.replace(/'s$/, "")) && !(isFirst && isVerb(lower));
}

function isCapitalized(word: string): boolean {
  return /^\p{Lu}/u.test(word);
}

/** Only white space is between them. */
function isNextTo(text: string, one: Said | undefined, other: Said | undefined): boolean {
  return one !== undefined && other !== undefined && /^[ \t]+$/.test(text.slice(one.to, other.from));
}
