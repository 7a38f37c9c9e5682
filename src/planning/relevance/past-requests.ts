import { analysed } from "#src/planning/analysis/analyse.ts";
import type { Intent } from "#src/planning/analysis/intents.ts";
import { knownTerms, type CatalogIndex } from "#src/planning/prediction/described-catalog.ts";
import { indexOf, nearest, type InvertedIndex } from "#src/planning/prediction/neighbours.ts";
import { vectorOf, vocabularyOf, type SparseVector, type Vocabulary } from "#src/planning/prediction/vocabulary.ts";
import { termsOf } from "#src/planning/prediction/terms.ts";
import type { RelevanceIndex } from "#src/planning/relevance/relevance-index.ts";

// Requests whose tools are known: which of them are like another one, and what their tools have to do with each other.
//
// P1. What only names somebody or something ("Berlin", "August 5") does not make two requests alike; what the catalog knows does.

export interface PastRequest {
  readonly request: string;
  readonly tools: readonly string[];
}

export interface PastRequests {
  readonly vocabulary: Vocabulary;
  readonly known: InvertedIndex;
  /** By request, as the vocabulary has it. */
  readonly vectors: ReadonlyMap<string, SparseVector>;
  /** By request, the numbers of its tools. */
  readonly tools: readonly ReadonlySet<number>[];
  /** By tool, the share of requests that needed it. */
  readonly shares: readonly number[];
  /** By tool, which others were needed where it was and how often, a little less where that is seldom known. */
  readonly together: readonly ReadonlyMap<number, number>[];
  readonly words: PastWords;
}

/** What each tool can have words of its own in. */
interface PastWords {
  /** Terms of past requests. */
  readonly numbers: ReadonlyMap<string, number>;
  /** By tool; undefined of what was never needed. */
  readonly columns: readonly (number | undefined)[];
  /** How many of the tools have one. */
  readonly count: number;
}

const LEAST_TEXTS = 2;

/** What was learned with others is gone on with: their vocabulary and words are kept. */
export function pastRequests(
  { entries, described }: RelevanceIndex,
  past: readonly PastRequest[],
  before?: PastRequests,
): PastRequests {
  const numbers = new Map(entries.map(({ name }, at) => [name, at]));
  const tools = past.map((one) => new Set(one.tools.flatMap((name) => numbers.get(name) ?? [])));
  const texts = new Map<string, string>();
  const textOf = (request: string): string => {
    const text = texts.get(request) ?? withoutNames(described, request).text;
    texts.set(request, text);
    return text;
  };
  const vocabulary =
    before?.vocabulary ??
    vocabularyOf(
      past.map(({ request }) => textOf(request)),
      Math.min(LEAST_TEXTS, past.length),
    );
  const vectors = new Map(
    past.map(({ request }) => [request, before?.vectors.get(request) ?? vectorOf(vocabulary, textOf(request))]),
  );
  const counts = countsOf(entries.length, tools);
  return {
    ...{ vocabulary, vectors, tools },
    known: indexOf(
      past.flatMap(({ request }) => vectors.get(request) ?? []),
      vocabulary.idf.length,
    ),
    shares: counts.map((count) => count / Math.max(1, past.length)),
    together: togetherOf(counts, tools),
    words:
      before?.words ??
      wordsOf(
        counts,
        past.map(({ request }) => textOf(request)),
      ),
  };
}

function countsOf(count: number, tools: readonly ReadonlySet<number>[]): readonly number[] {
  const counts = new Array<number>(count).fill(0);
  for (const set of tools) for (const tool of set) counts[tool] = (counts[tool] ?? 0) + 1;
  return counts;
}

function togetherOf(
  counts: readonly number[],
  tools: readonly ReadonlySet<number>[],
): readonly ReadonlyMap<number, number>[] {
  const together = counts.map(() => new Map<number, number>());
  for (const set of tools)
    for (const first of set)
      for (const second of set) {
        const shares = together[first];
        shares?.set(second, (shares.get(second) ?? 0) + 1 / ((counts[first] ?? 0) + 1));
      }
  return together;
}

/** Weights of words that are kept: of many words those of most requests are. */
const MAX_WEIGHTS = 2 ** 20;
const NONE: ReadonlySet<string> = new Set();

function wordsOf(counts: readonly number[], texts: readonly string[]): PastWords {
  let count = 0;
  const columns = counts.map((times) => (times > 0 ? count++ : undefined));
  const having = new Map<string, number>();
  for (const text of texts) for (const term of ownTerms(text)) having.set(term, (having.get(term) ?? 0) + 1);
  const kept = [...having]
    .sort(([, one], [, other]) => other - one)
    .slice(0, Math.floor(MAX_WEIGHTS / Math.max(1, count)));
  return { numbers: new Map(kept.map(([term], number) => [term, number])), columns, count };
}

function ownTerms(text: string): readonly string[] {
  return [...new Set(termsOf(text, NONE))];
}

/** A past request that is like the one that is asked about. */
export interface Alike {
  readonly tools: ReadonlySet<number>;
  /** Of all that are alike, they sum up to one. */
  readonly share: number;
}

const NEIGHBOURS = 8;
/** One that is less similar by a tenth than the nearest one weighs 1/e (decision 0026: measured on two sets of requests). */
const STEEPNESS = 10;

/** A request against those of the past. */
export interface Asked {
  readonly request: string;
  /** Without what only names something (P1). */
  readonly text: string;
  readonly alike: readonly Alike[];
  /** How similar the nearest one is, of [0, 1]. */
  readonly similarity: number;
  readonly intents: readonly Intent[];
  /** Numbers of the terms that past requests have as well. */
  readonly words: Int32Array;
}

/** `self` is the number of the past request that this is, which is not like itself. */
export function askedAmong(
  { index, past }: { readonly index: RelevanceIndex; readonly past: PastRequests },
  request: string,
  self?: number,
): Asked {
  const read = withoutNames(index.described, request);
  if (past.tools.length === 0) return { ...read, alike: [], similarity: 0, words: new Int32Array(0) };
  const words = Int32Array.from(ownTerms(read.text).flatMap((term) => past.words.numbers.get(term) ?? []));
  const near = nearest(past.known, vectorOf(past.vocabulary, read.text), NEIGHBOURS + 1).filter(
    (one) => one.text !== self,
  );
  const similarity = near[0]?.similarity ?? 0;
  const weights = near.map((one) => Math.exp(STEEPNESS * (one.similarity - similarity)));
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  const alike = near.map((one, at) => ({ tools: past.tools[one.text] ?? new Set(), share: (weights[at] ?? 0) / all }));
  return { ...read, alike, similarity, words };
}

/** P1. */
function withoutNames(described: CatalogIndex, request: string): Pick<Asked, "request" | "text" | "intents"> {
  const result = analysed(request, { now: 0 });
  if (result.kind === "unreadable") return { request, text: request, intents: [] };
  const { text: read, values, intents } = result.analysis;
  let text = "";
  let at = 0;
  for (const { from, to, kind, words } of values) {
    if (knownTerms(described, words).size > 0) continue;
    text += `${read.slice(at, from)} xx${kind.replace("-", "")} `;
    at = to;
  }
  return { request: read, text: text + read.slice(at), intents };
}
