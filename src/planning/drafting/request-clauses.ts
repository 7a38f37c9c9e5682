import type { Analysis } from "#src/planning/analysis/analyse.ts";
import type { Said } from "#src/planning/analysis/value.ts";
import { actionOf, type Action } from "#src/planning/analysis/verbs.ts";
import { wordsOf } from "#src/planning/analysis/words.ts";
import { isAddress, type Clause } from "#src/planning/binding/clause-span.ts";
import { TARGET } from "#src/planning/binding/said-addresses.ts";
import type { Span } from "#src/planning/binding/spans.ts";

// A request as the clauses that ask for one thing each: the intents of the analysis, and what only the catalog knows to be asked for,
// because a tool is named so: "wrap the text".

export interface AskedClause extends Clause {
  readonly actions: ReadonlySet<Action>;
  readonly spans: readonly Span[];
}

interface Words {
  readonly spans: readonly Span[];
  /** Words that tools are named by, beyond where they come from. */
  readonly verbs: ReadonlySet<string>;
}

const MAX_CLAUSES = 12;
const CUT = /,?\s+(?:and then|and also|after that|and|then|also)\s+|[,;]\s+/giu;

export function clausesOf({ text, intents }: Analysis, { spans, verbs }: Words): readonly AskedClause[] {
  const gaps = gapsOf(text, intents).filter(
    (gap) => intents.length === 0 || verbs.has(wordsOf(text, gap.from, gap.to).map(plain).find(isTelling) ?? ""),
  );
  const parts = [...intents, ...gaps]
    .flatMap((said) => cutAgain(text, said, { spans, verbs }))
    .sort((one, other) => one.from - other.from)
    .slice(0, MAX_CLAUSES);
  return parts.map((part, at) => clauseOf(part, at, { own: intents, spans }));
}

/** What stands between the intents. */
function gapsOf(text: string, intents: readonly Said[]): readonly Said[] {
  const bounds = [...intents.map(({ from }) => from), text.length];
  return bounds.flatMap((to, at) => {
    const from = intents[at - 1]?.to ?? 0;
    const words = text.slice(from, to);
    const lead = /^(?:[\s,;.:!?]|(?:and|then|also)\b){0,40}/iu.exec(words)?.[0].length ?? 0;
    const own = words.slice(lead).trimEnd();
    return /\p{L}/u.test(own) ? [{ from: from + lead, to: from + lead + own.length, words: own }] : [];
  });
}

const POLITE: ReadonlySet<string> = new Set(["please", "kindly", "now", "then", "also", "and", "can", "could", "you"]);

function isTelling(word: string): boolean {
  return !POLITE.has(word);
}

function plain({ words }: Said): string {
  return words.toLowerCase();
}

/** Where a word begins a clause that only names of tools know: "read a.txt and wrap it". */
function cutAgain(text: string, said: Said, { spans, verbs }: Words): readonly Said[] {
  const values = spans.filter(({ kind }) => kind !== "phrase");
  const parts: Said[] = [];
  let from = said.from;
  for (const { 0: cut, index } of said.words.matchAll(CUT)) {
    const at = said.from + index;
    const next = at + cut.length;
    const [first, second] = wordsOf(text, next, Math.min(said.to, next + REACH_CHARS)).map(plain);
    const isInside = values.some((value) => value.from < next && at < value.to);
    if (isInside || first === undefined || second === undefined || !verbs.has(first)) continue;
    parts.push({ from, to: at, words: text.slice(from, at) });
    from = next;
  }
  return [...parts, { from, to: said.to, words: text.slice(from, said.to) }];
}

const REACH_CHARS = 60;
const BACK = /^(?:it|its|that|this|them|these|those|they|result|results|output|outputs)$/iu;

function clauseOf(
  { from, to, words }: Said,
  at: number,
  { own, spans }: { readonly own: Analysis["intents"]; readonly spans: readonly Span[] },
): AskedClause {
  const intent = own.find((one) => one.from === from);
  const first = wordsOf(words).map(plain).find(isTelling) ?? "";
  const verb = intent?.verb.toLowerCase() ?? first;
  const refersBack = at > 0 && wordsOf(words).some((word) => BACK.test(word.words));
  const within = spans.filter((span) => from <= span.from && span.to <= to);
  const action = intent?.action ?? actionOf(first);
  const addresses = within.filter(isAddress);
  // What is to be somewhere else is also to be written there.
  const isMoved = addresses.length > 1 && addresses.some(({ left }) => TARGET.has(left));
  return {
    ...{ from, to, words, verb, refersBack, spans: within },
    actions: new Set([...(action === undefined ? [] : [action]), ...(isMoved ? (["create"] as const) : [])]),
  };
}
