import type { Analysis } from "#src/planning/analysis/analyse.ts";
import type { Action } from "#src/planning/analysis/verbs.ts";
import { wordsOf } from "#src/planning/analysis/words.ts";
import type { ArgumentModel, BoundCall } from "#src/planning/binding/argument-model.ts";
import { isAddress } from "#src/planning/binding/clause-span.ts";
import { saysRevisions } from "#src/planning/binding/said-patterns.ts";
import type { Span } from "#src/planning/binding/spans.ts";
import type { CatalogEntry } from "#src/planning/catalog/entry.ts";
import { formatFit } from "#src/planning/drafting/backward-chain.ts";
import { clauseCall } from "#src/planning/drafting/clause-call.ts";
import { NOTHING_MADE, type Around, type Making } from "#src/planning/drafting/making.ts";
import { clausesOf, type AskedClause } from "#src/planning/drafting/request-clauses.ts";
import { softmax } from "#src/planning/learning/linear.ts";
import { cosine, fits, knownTerms } from "#src/planning/prediction/described-catalog.ts";
import { actionNamed } from "#src/planning/prediction/terms.ts";
import { rareShare } from "#src/planning/relevance/relevance-index.ts";
import { isSeeing, showsWhatIsAt, takesAddress } from "#src/planning/relevance/seeing.ts";
import type { Relevance } from "#src/planning/relevance/tool-relevance.ts";

// Drafts clause by clause, for a catalog that nothing was learned about: one tool for each thing that is asked for, chosen by how its
// description fits the words and by how well the words fit its arguments.
//
// I1. Only tools of the catalog, arguments that they declare, and outputs of calls before.
// I2. A small beam over the clauses: so many tools for each, so many plans kept. What a clause says and no argument takes counts
//     against a plan.
// I3. None where no tool has a word in common with the request.

export interface IntentGrounds {
  readonly entries: readonly CatalogEntry[];
  readonly relevance: Relevance;
  readonly arguments: ArgumentModel;
}

export interface IntentDraft {
  readonly calls: readonly BoundCall[];
  readonly probability: number;
  readonly expected: number;
}

const TOOLS_A_CLAUSE = 6;
const BEAM = 8;
const MAX_DRAFTS = 5;
const MAX_CHAIN = 3;

/** Best first. */
export function intentDrafts(
  grounds: IntentGrounds,
  { analysis, spans }: { readonly analysis: Analysis; readonly spans: readonly Span[] },
): readonly IntentDraft[] {
  const clauses = clausesOf(analysis, {
    spans,
    verbs: verbsOf(grounds.entries),
  });
  const values = spans.filter(({ found }) => found !== undefined);
  let beam: readonly Plan[] = [{ making: NOTHING_MADE, score: 0, last: undefined }];
  for (const clause of clauses) {
    const addresses = spans.filter((span) => isAddress(span) && span.to <= clause.from).reverse();
    const tools = { addresses, values, ...fittingTools(grounds, clause) };
    beam = kept(beam.flatMap((plan) => goneOn(plan, { grounds, clause, ...tools })));
  }
  const made = beam.filter(({ making }) => making.calls.length > 0).slice(0, MAX_DRAFTS);
  const shares = softmax(made.map(({ score }) => score * STEEPNESS));
  return made.map(({ making, score }, at) => ({
    calls: making.calls,
    probability: shares[at] ?? 0,
    expected: 1 / (1 + Math.exp(1 - score / Math.max(1, clauses.length))),
  }));
}

const STEEPNESS = 2;

interface Plan {
  readonly making: Making;
  readonly score: number;
  /** Index of the call of the clause before. */
  readonly last: number | undefined;
}

/** The words that names end with: what comes first says where a tool comes from. */
function verbsOf(entries: readonly CatalogEntry[]): ReadonlySet<string> {
  return new Set(entries.flatMap(({ nameWords }) => nameWords.slice(1)));
}

interface Fitting {
  /** By entry. */
  readonly fitting: readonly number[];
  readonly candidates: readonly {
    readonly entry: CatalogEntry;
    readonly fit: number;
  }[];
}

/** Below this a tool has only a small word in common with the clause. */
const LEAST_FIT = 0.1;
const WEIGHT = {
  named: 0.5,
  format: 1.1,
  verb: 0.4,
  reaches: 0.6,
  writes: -1.2,
  best: 1,
};

function fittingTools({ entries, relevance: { index } }: IntentGrounds, clause: AskedClause): Fitting {
  const addresses = clause.spans.filter(isAddress);
  const words = plainWords(clause);
  const sees = addresses.length > 0 && isSeeing(words);
  const terms = knownTerms(index.described, words);
  const topic = knownTerms(index.described, withoutVerb(words, clause.verb));
  const plain = fits(index.described, terms, {
    actions: clause.actions,
    domains: new Map(),
  });
  const said = new Set(terms.keys());
  const most = Math.max(LEAST_FIT, ...plain);
  const fitting = entries.map((entry, at) => {
    const fit = plain[at] ?? 0;
    const isNamed = entry.nameWords.includes(clause.verb);
    const acts = entry.nameWords.some((word) => isAction(word, clause.actions));
    const reaches =
      reachesOne(entry, { addresses, acts }) || (sees && addresses.some(({ kind }) => showsWhatIsAt(entry, kind)));
    const isAbout = cosine(topic, index.described.tools[at]?.terms ?? new Map()) > 0 || isNamed;
    if (!reaches && !isAbout) return 0;
    const named = rareShare(index, index.named[at] ?? new Set(), said);
    const form = formOf(entry, {
      isNamed,
      reaches,
      addresses,
      actions: clause.actions,
    });
    return fit + (WEIGHT.best * fit) / most + WEIGHT.named * named + form;
  });
  const candidates = entries
    .map((entry, at) => ({ entry, fit: fitting[at] ?? 0 }))
    .filter(({ fit }) => fit > LEAST_FIT)
    .sort((one, other) => other.fit - one.fit)
    .slice(0, TOOLS_A_CLAUSE);
  return { fitting, candidates };
}

interface Form {
  readonly isNamed: boolean;
  readonly reaches: boolean;
  readonly addresses: readonly Span[];
  readonly actions: ReadonlySet<Action>;
}

/** What speaks for a tool beyond its words. */
function formOf(entry: CatalogEntry, { isNamed, reaches, addresses, actions }: Form): number {
  const formats = addresses.map((span) => formatFit(entry, span));
  return (
    (formats.length > 0 ? WEIGHT.format * Math.max(...formats) : 0) +
    (isNamed ? WEIGHT.verb : 0) +
    (reaches ? WEIGHT.reaches : 0) +
    (entry.sideEffects !== "read" && asksToRead(actions) ? WEIGHT.writes : 0)
  );
}

/** Whether it takes what an address of the clause is, and does what is asked for; with a URL there is little else to do. */
function reachesOne(
  entry: CatalogEntry,
  { addresses, acts }: { readonly addresses: readonly Span[]; readonly acts: boolean },
): boolean {
  return addresses.some(({ kind }) => takesAddress(entry, kind) && (acts || kind === "url"));
}

function isAction(word: string, actions: ReadonlySet<Action>): boolean {
  const action = actionNamed(word);
  return action !== undefined && actions.has(action);
}

const READS: ReadonlySet<Action> = new Set<Action>(["find", "read", "check", "compute", "compare", "summarize"]);

function asksToRead(actions: ReadonlySet<Action>): boolean {
  return actions.size > 0 && [...actions].every((action) => READS.has(action));
}

/** What people say, in the words that tools are described with. */
const SAME_WORDS: readonly (readonly [RegExp, string])[] = [
  [/\bfolders?\b/giu, "directory"],
  [/\bwhat(?: has| have)? changed\b/giu, "compare diff"],
  [/\b(?:how many|(?:the )?number of)\b/giu, "count"],
];

/** Outputs are JSON: whatever reads the file has done it. */
const AS_JSON = /\b(?:convert|turn|export|transform)\b(?<between>.*?)\b(?:to|into|as) (?:an? )?json\b/giu;

/** What is quoted or an address says nothing of what is to be done. */
function plainWords({ from, words, spans }: AskedClause): string {
  let text = words;
  for (const span of spans)
    if (span.kind === "quoted" || isAddress(span))
      text = text.slice(0, span.from - from) + " ".repeat(span.to - span.from) + text.slice(span.to - from);
  const plain = SAME_WORDS.reduce((sum, [said, meant]) => sum.replaceAll(said, meant), text);
  return spans.some(isAddress) ? plain.replaceAll(AS_JSON, "read $<between>") : plain;
}

function withoutVerb(words: string, verb: string): string {
  return wordsOf(words)
    .map((word) => word.words)
    .filter((word) => word.toLowerCase() !== verb)
    .join(" ");
}

interface Clausal extends Fitting {
  readonly grounds: IntentGrounds;
  readonly clause: AskedClause;
  readonly addresses: readonly Span[];
  readonly values: readonly Span[];
}

/** For what no tool is found. */
const UNDONE = -1.5;
const UNTAKEN = 0.7;

function goneOn(plan: Plan, { grounds, clause, addresses, values, fitting, candidates }: Clausal): readonly Plan[] {
  const around: Around = {
    ...{
      clause,
      spans: clause.spans,
      addresses,
      fitting,
      values,
      last: plan.last,
      call: clauseCall,
    },
    entries: grounds.entries,
    arguments: grounds.arguments,
    feeders: grounds.relevance.index.feeders,
  };
  const more = candidates.map(({ entry, fit }): Plan => {
    const making = clauseCall(entry, plan.making, {
      around,
      depth: MAX_CHAIN,
      role: [],
      isGiver: false,
    });
    const gained = making.evidence - plan.making.evidence;
    const score = plan.score + fit + gained - UNTAKEN * untaken(making, { clause, before: plan });
    return { making, score, last: making.calls.length - 1 };
  });
  return [...more, { ...plan, score: plan.score + UNDONE, last: undefined }];
}

const LOOSE: ReadonlySet<Span["kind"]> = new Set<Span["kind"]>(["phrase", "name", "option"]);

/** How much of what the clause says was for nothing. */
function untaken(
  { used, calls }: Making,
  { clause, before }: { readonly clause: AskedClause; readonly before: Plan },
): number {
  const values = clause.spans.filter(
    ({ kind, from, to }) => !LOOSE.has(kind) && !used.some((one) => one.from < to && from < one.to),
  );
  const own = calls.slice(before.making.calls.length);
  const takes = own.some(({ arguments: given }) =>
    Object.values(given).some((source) => source.kind === "output" && source.call < before.making.calls.length),
  );
  const range = saysRevisions(clause.words) && !own.some(({ arguments: given }) => hasRange(given)) ? 1 : 0;
  return values.length + range + (clause.refersBack && before.last !== undefined && !takes ? 1 : 0);
}

function hasRange(given: BoundCall["arguments"]): boolean {
  return Object.values(given).some((source) => source.kind === "said" && saysRevisions(source.said.words));
}

function kept(plans: readonly Plan[]): readonly Plan[] {
  return plans.toSorted((one, other) => other.score - one.score).slice(0, BEAM);
}
