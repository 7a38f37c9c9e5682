import type { Constraint } from "#src/planning/analysis/constraints.ts";
import { SMALL_WORDS } from "#src/planning/analysis/small-words.ts";
import type { Said } from "#src/planning/analysis/value.ts";
import { actionOf } from "#src/planning/analysis/verbs.ts";
import { wordsOf } from "#src/planning/analysis/words.ts";
import type { CatalogEntry } from "#src/planning/catalog/entry.ts";
import { actionNamed, termsOf } from "#src/planning/prediction/terms.ts";

// Which tools the words of a prohibition mean: "without send_sms", "do not use Google", "don't delete anything", "never pay".
//
// F1. A prohibition is never ignored: where no tool is meant for sure the answer is none, and whoever asked is asked.
// F2. It rather forbids too much than too little: every tool that is named, or does what is forbidden to what is named, is meant.

export interface Prohibition extends Said {
  /** What must not be done or used, in the words of the request. */
  readonly what: string;
  /** Names of the tools that it forbids, in the order of the catalog; empty where none is meant for sure. */
  readonly tools: readonly string[];
  /** `answer`: whoever asked was asked. */
  readonly by: "name" | "side-effects" | "action" | "subject" | "answer" | "nothing";
}

type Rule = Pick<Prohibition, "tools" | "by">;

export function prohibitionsOf(
  constraints: readonly Constraint[],
  entries: readonly CatalogEntry[],
): readonly Prohibition[] {
  return constraints.flatMap((one): readonly Prohibition[] => {
    if (one.kind !== "forbidden") return [];
    const { from, to, words, what } = one;
    return [{ from, to, words, what, ...meantBy(what, entries) }];
  });
}

function meantBy(what: string, entries: readonly CatalogEntry[]): Rule {
  const words = wordsOf(what).map((word) => word.words.toLowerCase());
  const rules: readonly (() => Rule)[] = [
    () => ruleOf("name", entries, (entry) => isNamed(entry, what)),
    () => bySideEffects(words, entries),
    () => byAction(words, entries),
    () => bySubject(words, entries),
  ];
  for (const rule of rules) {
    const meant = rule();
    if (meant.tools.length > 0) return meant;
  }
  return { tools: [], by: "nothing" };
}

function ruleOf(
  by: Prohibition["by"],
  entries: readonly CatalogEntry[],
  isMeant: (entry: CatalogEntry) => boolean,
): Rule {
  return { by, tools: entries.filter(isMeant).map(({ name }) => name) };
}

/** By its name as it is written, or by the words of its name one after the other: "send sms" is `send_sms`. */
export function isNamed({ name, nameWords: words }: CatalogEntry, text: string): boolean {
  const said = spaced(text.toLowerCase());
  return said.includes(spaced(name.toLowerCase())) || (words.length > 1 && said.includes(spaced(words.join(" "))));
}

/** With one space between words and around all of them, so that a name is found as whole words. */
function spaced(text: string): string {
  return ` ${text
    .split(/[^\p{L}\p{N}]+/u)
    .join(" ")
    .trim()} `;
}

const ANYTHING: ReadonlySet<string> = new Set(
  "anything any something everything nothing it that them things".split(" "),
);
const CHANGES: ReadonlySet<string> = new Set(
  "change changing changes modify modifying write writing touch touching".split(" "),
);

/** "Don't change anything" forbids whatever has side effects, "nothing irreversible" what cannot be undone. */
function bySideEffects(words: readonly string[], entries: readonly CatalogEntry[]): Rule {
  const isIrreversible = words.includes("irreversible") || words.includes("irreversibly");
  if (isIrreversible) return ruleOf("side-effects", entries, ({ sideEffects }) => sideEffects === "irreversible");
  const isChange = words.some((word) => CHANGES.has(word)) && words.every((word) => CHANGES.has(word) || isEmpty(word));
  return ruleOf("side-effects", entries, ({ sideEffects }) => isChange && sideEffects !== "read");
}

const SMALL: ReadonlySet<string> = new Set(SMALL_WORDS);

function isEmpty(word: string): boolean {
  return ANYTHING.has(word) || SMALL.has(word);
}

/** "sending anything": all that send; "delete the file": what deletes and has to do with files. */
function byAction(words: readonly string[], entries: readonly CatalogEntry[]): Rule {
  const [first = "", ...rest] = words.filter((word) => !SMALL.has(word));
  const action = actionOf(first);
  const topics = topicsOf(rest);
  if (action === undefined) return { by: "nothing", tools: [] };
  const acting = entries.filter((entry) => doesAction(entry, action));
  return ruleOf("action", acting, (entry) => topics.size === 0 || saysOneOf(entry, topics));
}

function doesAction({ nameWords: words, description }: CatalogEntry, action: string): boolean {
  const [first = ""] = wordsOf(description.slice(0, FIRST_CHARS)).map((word) => word.words);
  return actionOf(first) === action || words.some((word) => actionNamed(word) === action);
}

const FIRST_CHARS = 100;

/** "the news tool", "Google", "anything about payments". */
function bySubject(words: readonly string[], entries: readonly CatalogEntry[]): Rule {
  const topics = topicsOf(words);
  return ruleOf("subject", entries, (entry) => topics.size > 0 && saysAllOf(entry, topics));
}

function topicsOf(words: readonly string[]): ReadonlySet<string> {
  return new Set(termsOf(words.filter((word) => !isEmpty(word)).join(" "), NONE));
}

const NONE: ReadonlySet<string> = new Set();

function termsSaid({ nameWords: words, description, domains = [] }: CatalogEntry): ReadonlySet<string> {
  return new Set(termsOf([words.join(" "), description, ...domains].join(" , "), NONE));
}

function saysOneOf(entry: CatalogEntry, topics: ReadonlySet<string>): boolean {
  const said = termsSaid(entry);
  return [...topics].some((topic) => said.has(topic));
}

function saysAllOf(entry: CatalogEntry, topics: ReadonlySet<string>): boolean {
  const said = termsSaid(entry);
  return [...topics].every((topic) => said.has(topic));
}
