import type { Json } from "#events/json.ts";
import type { Question } from "#src/planning/answering/questions.ts";
import { actionOf } from "#src/planning/analysis/verbs.ts";
import { SMALL_WORDS } from "#src/planning/analysis/small-words.ts";
import type { Said } from "#src/planning/analysis/value.ts";
import { wordsOf } from "#src/planning/analysis/words.ts";
import type { CatalogEntry } from "#src/planning/catalog/entry.ts";
import type { Source } from "#src/planning/binding/source.ts";
import { nameWords } from "#src/planning/catalog/name-words.ts";
import type { Draft } from "#src/planning/drafting/planner.ts";
import type { Reference, Result, Turn } from "#src/planning/conversation/session.ts";

// "that", "it", "the result", "the second flight": what a request takes from what was given before.
//
// R1. What is named in the same request before is what "it" means: "read a.txt and translate it" refers to nothing earlier.
// R2. A reference is a place, never the content there: planning gives it to a plan as an input, where it is data like any other.
// R3. What a call is named after is what it gives, and not what it is given: "get the weather" is no word about the weather of before.

export interface Referred extends Said {
  /** Of the plan's input: `result`, `result2`. */
  readonly input: string;
  readonly place: Reference;
  readonly result: Result;
}

export interface References {
  readonly references: readonly Referred[];
  readonly questions: readonly Question[];
}

const PRONOUNS: ReadonlySet<string> = new Set("that it this them those these".split(" "));
const RESULT_NOUNS: ReadonlySet<string> = new Set("result results answer answers output outputs response".split(" "));
const ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth".split(" ");
const SMALL: ReadonlySet<string> = new Set(SMALL_WORDS);
const PREPOSITIONS: ReadonlySet<string> = new Set("of about from to with in for on into".split(" "));
const MAX_REFERENCES = 4;

export function referencesIn(text: string, turn: Turn, answers: Readonly<Record<string, Json>>): References {
  const words = wordsOf(text);
  const references: Referred[] = [];
  const questions: Question[] = [];
  const named = namedBefore(words);
  for (const [at, word] of words.entries()) {
    const spoken = named[at] === true ? undefined : referringAt(words, at, turn.results);
    if (spoken === undefined || references.length + questions.length >= MAX_REFERENCES) continue;
    const said = { from: word.from, to: spoken.last.to, words: text.slice(word.from, spoken.last.to) };
    const result = resultFor(spoken, turn.results, answers[`result.${said.from}`]);
    if (result === undefined) {
      questions.push(whatIs(said, turn.results));
      continue;
    }
    const path = spoken.item === undefined ? result.path : [...result.path, String(spoken.item)];
    const input = references.length === 0 ? "result" : `result${references.length + 1}`;
    references.push({ ...said, input, place: { plan: result.plan, path }, result });
  }
  return { references, questions };
}

interface Spoken {
  readonly last: Said;
  /** What it is called, in lower case; undefined of a bare "it". */
  readonly noun?: string;
  readonly item?: number;
}

/** What refers to something earlier and begins with this word; undefined where nothing does. */
function referringAt(words: readonly Said[], at: number, results: readonly Result[]): Spoken | undefined {
  const [own, second, third] = words.slice(at, at + 3);
  if (own === undefined) return undefined;
  const [word, next] = [lowerOf(own), lowerOf(second)];
  const called =
    second === undefined || !(word === "the" || PRONOUNS.has(word))
      ? undefined
      : (calledSpoken(second, results) ?? itemSpoken(next, third, results));
  if (called !== undefined) return called;
  return PRONOUNS.has(word) && isObject(lowerOf(words[at - 1]), word, next) ? { last: own } : undefined;
}

/** "the result", "that forecast". */
function calledSpoken(word: Said, results: readonly Result[]): Spoken | undefined {
  const noun = lowerOf(word);
  if (RESULT_NOUNS.has(noun)) return { last: word };
  return isCalled(results, noun) ? { last: word, noun } : undefined;
}

/** "the second one", "the second flight". */
function itemSpoken(ordinal: string, third: Said | undefined, results: readonly Result[]): Spoken | undefined {
  const item = ORDINALS.indexOf(ordinal);
  if (third === undefined || item < 0) return undefined;
  const noun = lowerOf(third);
  if (noun === "one") return { last: third, item };
  return isCalled(results, noun) ? { last: third, item, noun } : undefined;
}

function lowerOf(word: Said | undefined): string {
  return word === undefined ? "" : word.words.toLowerCase();
}

function isCalled(results: readonly Result[], noun: string): boolean {
  return results.some((one) => isNoun(one, noun));
}

const CLAUSE: ReadonlySet<string> = new Set("he she we they i is was are the a an there it".split(" "));
const AFTERWARDS: ReadonlySet<string> = new Set(["", "today", "tomorrow", "tonight", "again", "instead", "later"]);

/** Behind a verb or preposition. "that flight" is another thing than "that", and "find out that he left" goes on as a clause. */
function isObject(before: string, word: string, next: string): boolean {
  const isBehind = actionOf(before) !== undefined || PREPOSITIONS.has(before) || before === "up" || before === "out";
  const isAlone = word === "it" || word === "them" || AFTERWARDS.has(next) || SMALL.has(next);
  return isBehind && isAlone && !CLAUSE.has(next);
}

/** R1: in a clause before; what stands beside a pronoun under one verb is another thing than it ("count the words in it"). */
function namedBefore(words: readonly Said[]): readonly boolean[] {
  let isNamed = false;
  let isNamedHere = false;
  let hasVerb = false;
  return words.map(({ words: word }) => {
    const before = isNamed || (!hasVerb && isNamedHere);
    if (actionOf(word) !== undefined) {
      isNamed ||= isNamedHere;
      [hasVerb, isNamedHere] = [true, false];
    } else if (!SMALL.has(word.toLowerCase())) isNamedHere = true;
    return before;
  });
}

function isNoun({ name, tool }: Result, noun: string): boolean {
  const bare = (word: string): string => word.toLowerCase().replace(/(?<=..[^s])s$/u, "");
  return (
    noun !== "" &&
    !SMALL.has(noun) &&
    [...nameWords(name), ...nameWords(tool)].some((word) => bare(word) === bare(noun))
  );
}

function resultFor({ noun, item }: Spoken, results: readonly Result[], answer: Json | undefined): Result | undefined {
  const named = noun === undefined ? results : results.filter((one) => isNoun(one, noun));
  const fitting = item === undefined ? named : named.filter(({ items }) => items !== undefined && item < items);
  if (fitting.length === 1) return fitting[0];
  return fitting.find(({ name }) => name === answer);
}

function whatIs(said: Said, results: readonly Result[]): Question {
  const names = results.map(({ name }) => name);
  const why = names.length === 0 ? "the last request has given nothing" : "the last request gave several things";
  return {
    id: `result.${said.from}`,
    text: `What is “${said.words}”: ${why}${names.length === 0 ? "" : `, ${names.join(", ")}`}?`,
    schema: names.length === 0 ? { type: "string" } : { type: "string", enum: names },
    about: [],
    ...(names.length === 0 ? {} : { choices: names.map((name) => ({ value: name, text: name })) }),
    words: said,
  };
}

/** An argument that an earlier result is for. */
export interface ReferredArgument {
  readonly call: number;
  readonly parameter: string;
  readonly reference: Referred;
}

const CONTENT: ReadonlySet<string> = new Set("text data input value document file path".split(" "));

/** The draft with references as those arguments that were missing, and which ones these are. */
export function withReferences(
  draft: Draft,
  references: readonly Referred[],
  entries: readonly CatalogEntry[],
): { readonly draft: Draft; readonly bound: readonly ReferredArgument[] } {
  const missing = draft.calls.flatMap(({ tool, missing: names }, call) =>
    names.map((parameter) => ({ call, parameter, isContent: isContent(tool, parameter, entries) })),
  );
  const free = [
    ...missing.filter((one) => one.isContent),
    ...missing.filter((one) => !one.isContent && missing.length === 1),
  ];
  const bound: ReferredArgument[] = [];
  for (const reference of references) {
    const place = free.find(
      ({ call, parameter }) =>
        !bound.some((one) => one.call === call && one.parameter === parameter) &&
        !isAskedFor(reference, draft.calls[call]?.tool ?? "", entries),
    );
    if (place !== undefined) bound.push({ call: place.call, parameter: place.parameter, reference });
  }
  const isBound = (call: number, parameter: string): boolean =>
    bound.some((one) => one.call === call && one.parameter === parameter);
  const calls = draft.calls.map((call, at) => {
    const own = bound.filter((one) => one.call === at);
    const sources = own.map(({ parameter, reference: { place, from, to, words } }): [string, Source] => [
      parameter,
      { kind: "earlier", ...place, said: { from, to, words } },
    ]);
    return {
      ...call,
      arguments: { ...call.arguments, ...Object.fromEntries(sources) },
      missing: call.missing.filter((parameter) => !isBound(at, parameter)),
    };
  });
  return { draft: { ...draft, calls }, bound };
}

/** R3. */
function isAskedFor({ words }: Referred, tool: string, entries: readonly CatalogEntry[]): boolean {
  const own = entries.find(({ name }) => name === tool)?.nameWords ?? [];
  return wordsOf(words).some((word) => own.includes(word.words.toLowerCase()));
}

function isContent(tool: string, parameter: string, entries: readonly CatalogEntry[]): boolean {
  const field = entries
    .find(({ name }) => name === tool)
    ?.parameters.find(({ path }) => path.length === 1 && path[0] === parameter);
  return field?.meaning.kinds.some((kind) => CONTENT.has(kind)) ?? false;
}
