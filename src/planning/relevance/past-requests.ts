import { analysed } from "#src/planning/analysis/analyse.ts";
import type { Intent } from "#src/planning/analysis/intents.ts";
import { knownTerms, type CatalogIndex } from "#src/planning/prediction/described-catalog.ts";
import { indexOf, nearest, type InvertedIndex } from "#src/planning/prediction/neighbours.ts";
import { vectorOf, vocabularyOf, type Vocabulary } from "#src/planning/prediction/vocabulary.ts";
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
  /** By request, the numbers of its tools. */
  readonly tools: readonly ReadonlySet<number>[];
  /** By tool, the share of requests that needed it. */
  readonly shares: readonly number[];
  /** How often the second tool was needed where the first was, a little less where that is seldom known. */
  readonly together: readonly (readonly number[])[];
}

const LEAST_TEXTS = 2;

export function pastRequests({ entries, described }: RelevanceIndex, past: readonly PastRequest[]): PastRequests {
  const numbers = new Map(entries.map(({ name }, at) => [name, at]));
  const texts = past.map(({ request }) => withoutNames(described, request).text);
  const vocabulary = vocabularyOf(texts, Math.min(LEAST_TEXTS, past.length));
  const tools = past.map((one) => new Set(one.tools.flatMap((name) => numbers.get(name) ?? [])));
  const vectors = texts.map((text) => vectorOf(vocabulary, text));
  return {
    vocabulary,
    known: indexOf(vectors, vocabulary.idf.length),
    tools,
    shares: entries.map((_entry, at) => tools.filter((set) => set.has(at)).length / Math.max(1, past.length)),
    together: togetherOf(entries.length, tools),
  };
}

function togetherOf(count: number, tools: readonly ReadonlySet<number>[]): readonly (readonly number[])[] {
  return Array.from({ length: count }, (_one, first) => {
    const having = tools.filter((set) => set.has(first));
    if (having.length === 0) return [];
    const shares = new Array<number>(count).fill(0);
    for (const set of having)
      for (const second of set) shares[second] = (shares[second] ?? 0) + 1 / (having.length + 1);
    return shares;
  });
}

/** A past request that is like the one that is asked about. */
export interface Alike {
  readonly tools: ReadonlySet<number>;
  /** Of all that are alike, they sum up to one. */
  readonly share: number;
}

const NEIGHBOURS = 8;
/** One that is less similar by a twentieth than the nearest one weighs 1/e. */
const STEEPNESS = 20;

/** A request against those of the past. */
export interface Asked {
  readonly request: string;
  /** Without what only names something (P1). */
  readonly text: string;
  readonly alike: readonly Alike[];
  /** How similar the nearest one is, of [0, 1]. */
  readonly similarity: number;
  readonly intents: readonly Intent[];
}

/** `self` is the number of the past request that this is, which is not like itself. */
export function askedAmong(
  { index, past }: { readonly index: RelevanceIndex; readonly past: PastRequests },
  request: string,
  self?: number,
): Asked {
  const read = withoutNames(index.described, request);
  if (past.tools.length === 0) return { ...read, alike: [], similarity: 0 };
  const near = nearest(past.known, vectorOf(past.vocabulary, read.text), NEIGHBOURS + 1).filter(
    (one) => one.text !== self,
  );
  const similarity = near[0]?.similarity ?? 0;
  const weights = near.map((one) => Math.exp(STEEPNESS * (one.similarity - similarity)));
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  const alike = near.map((one, at) => ({ tools: past.tools[one.text] ?? new Set(), share: (weights[at] ?? 0) / all }));
  return { ...read, alike, similarity };
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
