import { SMALL_WORDS } from "#src/planning/analysis/small-words.ts";
import { actionOf, type Action } from "#src/planning/analysis/verbs.ts";
import type { FoundValue, Said } from "#src/planning/analysis/value.ts";
import { wordsOf } from "#src/planning/analysis/words.ts";

// What is asked for: one intent for each thing that is to be done, in the order in which they are said.
//
// I1. A sentence is cut where another verb begins after a comma, "and", "then" or "also": "cancel the ticket and tell me why" is two.
// I2. A question asks to find something. A sentence that asks for nothing (a greeting, a reason) is no intent.

export interface Intent extends Said {
  readonly action: Action;
  /** The word that told it. */
  readonly verb: string;
  /** What it is about: the words of the clause that are neither verb nor value nor small, in lower case. */
  readonly topics: readonly string[];
  /** Indexes of the values that stand in the clause. */
  readonly values: readonly number[];
}

const QUESTION =
  /^(?:(?:what|which|who|whom|whose|where|when|why|how)(?:['’]s)?|is|are|was|were|do|does|did|can|could|has|have)$/iu;
/** Of these the ones that begin a question after a comma; the others go on with what was said: "the ticket, which is booked". */
const FREE_QUESTION = /^(?:what|why|how)(?:['’]s)?$/iu;
const ASKING: ReadonlySet<string> = new Set("can could would will please".split(" "));
/** Where another clause may begin. */
const CUT = /,?\s+(?:and then|and also|after that|afterwards|and|then|also|plus)\s+|[,:]\s+/giu;
const SMALL: ReadonlySet<string> = new Set([...SMALL_WORDS, "i'm", "i'd", "i'll", "i've", "let's"]);

export function intentsIn(text: string, sentences: readonly Said[], values: readonly FoundValue[]): readonly Intent[] {
  return sentences.flatMap((sentence) =>
    clausesOf(text, sentence, values).flatMap((clause) => intentOf(text, clause, values) ?? []),
  );
}

/** I1. */
function clausesOf(text: string, sentence: Said, values: readonly FoundValue[]): readonly Said[] {
  const clauses: Said[] = [];
  let from = sentence.from;
  for (const { 0: cut, index } of sentence.words.matchAll(CUT)) {
    const at = sentence.from + index;
    const next = at + cut.length;
    const isInside = values.some((value) => value.from < next && at < value.to);
    if (isInside || !beginsWithVerb(text, next, sentence.to)) continue;
    clauses.push({ from, to: at, words: text.slice(from, at) });
    from = next;
  }
  return [...clauses, { from, to: sentence.to, words: text.slice(from, sentence.to) }];
}

function beginsWithVerb(text: string, from: number, to: number): boolean {
  const [first, second] = wordsOf(text, from, Math.min(to, from + REACH_CHARS)).map(({ words }) => words.toLowerCase());
  if (first === undefined) return false;
  if (FREE_QUESTION.test(first)) return true;
  const verb = ASKING.has(first) || first === "to" ? second : first;
  // A noun that could be a verb stands behind an article or alone at the end: "the book and record".
  return (
    verb !== undefined && !SMALL.has(verb) && actionOf(verb) !== undefined && (second !== undefined || first === verb)
  );
}

const REACH_CHARS = 60;

function intentOf(text: string, clause: Said, values: readonly FoundValue[]): Intent | undefined {
  const own = values.filter((value) => isWithin(value, clause));
  const words = wordsOf(text, clause.from, clause.to).filter((word) => !own.some((value) => isWithin(word, value)));
  const lower = words.map((word) => word.words.toLowerCase());
  const asked = askedIn(lower);
  const verb = words[asked?.at ?? 0]?.words;
  if (asked === undefined || verb === undefined) return undefined;
  const isTopic = (word: string): boolean => !SMALL.has(word) && !QUESTION.test(word);
  const topics = lower.filter((word, index) => index !== asked.at && isTopic(word));
  return { ...clause, action: asked.action, verb, topics, values: own.map((value) => values.indexOf(value)) };
}

function isWithin(one: Said, other: Said): boolean {
  return other.from <= one.from && one.to <= other.to;
}

/** I2: what a clause asks for, and by which of its words; undefined where it asks for nothing. */
function askedIn(words: readonly string[]): { readonly action: Action; readonly at: number } | undefined {
  const [first = ""] = words;
  if (QUESTION.test(first) && !ASKING.has(first)) return { action: "find", at: 0 };
  const at = askedVerbIn(words);
  if (at < 0) return undefined;
  const [verb = "", next = ""] = words.slice(at);
  const action = actionOf(`${verb}-${next}`) ?? actionOf(verb);
  return action && { action, at };
}

const ARTICLES: ReadonlySet<string> = new Set(
  "a an the my our your his her its their this that these those of".split(" "),
);

/** Index of the verb that says what is to be done; -1 for none. "the flight booked on Friday needs to be changed" asks for a change. */
function askedVerbIn(words: readonly string[]): number {
  const verbs = words.flatMap((word, index) => (isAskedVerb(word, words[index - 1]) ? [index] : []));
  const isAsked = (index: number): boolean => !/ed$/.test(words[index] ?? "") || words[index - 1] === "be";
  return verbs.find(isAsked) ?? verbs[0] ?? -1;
}

function isAskedVerb(word: string, before: string | undefined): boolean {
  return !SMALL.has(word) && actionOf(word) !== undefined && (before === undefined || !ARTICLES.has(before));
}
