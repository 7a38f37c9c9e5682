import { actionOf, type Action } from "#src/planning/analysis/verbs.ts";
import { nameWords } from "#src/planning/catalog/name-words.ts";
import { postingsOf, products, type Postings } from "#src/planning/prediction/postings.ts";
import { actionNamed, termsOf } from "#src/planning/prediction/terms.ts";

// A catalog of tools by what its names and descriptions say, for requests that nothing was learned from. A tool fits a text by the
// cosine of their terms under tf-idf, more so if it does what is asked for, and if it belongs to a domain that the request is about.

export interface DescribedTool {
  readonly name: string;
  readonly description: string;
  readonly domains: readonly string[];
}

/** Weights by term, of unit length. */
export type Terms = ReadonlyMap<string, number>;

export interface IndexedTool {
  readonly name: string;
  readonly domains: readonly string[];
  readonly actions: readonly Action[];
  readonly terms: Terms;
  /** The terms that say no action: what the tool is about. */
  readonly topic: Terms;
}

export interface CatalogIndex {
  readonly tools: readonly IndexedTool[];
  /** Where each term stands, by number of the tool: all that they say, and what they are about. */
  readonly terms: Postings;
  readonly topics: Postings;
  /** The inverse document frequency of each term. */
  readonly idf: ReadonlyMap<string, number>;
  readonly domains: ReadonlyMap<string, Terms>;
  readonly compounds: ReadonlySet<string>;
}

/** A term of the name counts as so many of the description. */
const NAME_WEIGHT = 2;

export function describedCatalog(tools: readonly DescribedTool[]): CatalogIndex {
  const counted = tools.map(({ name, description }) => {
    const named = termsOf(spaced(name), NO_COMPOUNDS);
    const counts = new Map<string, number>();
    for (const term of named) counts.set(term, (counts.get(term) ?? 0) + NAME_WEIGHT);
    for (const term of termsOf(description, NO_COMPOUNDS)) counts.set(term, (counts.get(term) ?? 0) + 1);
    return counts;
  });
  const having = new Map<string, number>();
  for (const counts of counted) for (const term of counts.keys()) having.set(term, (having.get(term) ?? 0) + 1);
  const idf = new Map([...having].map(([term, count]) => [term, Math.log(1 + tools.length / count)]));
  const indexed = tools.map(({ name, domains }, index) => {
    const weighted = [...(counted[index] ?? [])].map(([term, count]): [string, number] => [
      term,
      (1 + Math.log(count)) * (idf.get(term) ?? 0),
    ]);
    const actions = [...new Set(nameWords(name).flatMap((word) => actionNamed(word) ?? []))];
    const topic = unit(new Map(weighted.filter(([term]) => !saysAction(term))));
    return { name, domains, actions, terms: unit(new Map(weighted)), topic };
  });
  return {
    tools: indexed,
    terms: postingsOf(indexed.map((tool) => tool.terms)),
    topics: postingsOf(indexed.map((tool) => tool.topic)),
    idf,
    domains: domainsOf(indexed),
    compounds: new Set(tools.flatMap(({ name }) => nameWords(name))),
  };
}

const NO_COMPOUNDS: ReadonlySet<string> = new Set();

function spaced(name: string): string {
  return nameWords(name).join(" ");
}

function saysAction(term: string): boolean {
  return actionOf(term) !== undefined || actionOf(`${term}e`) !== undefined;
}

const DOMAIN_NAME_WEIGHT = 3;

/** A domain is about what its tools are about; a tool of several says less of each. */
function domainsOf(tools: readonly IndexedTool[]): ReadonlyMap<string, Terms> {
  const sums = new Map<string, Map<string, number>>();
  for (const { domains, topic } of tools)
    for (const domain of domains) {
      const sum = sums.get(domain) ?? new Map<string, number>();
      sums.set(domain, sum);
      for (const [term, weight] of topic) sum.set(term, (sum.get(term) ?? 0) + weight / domains.length);
    }
  for (const [domain, sum] of sums)
    for (const term of termsOf(domain, NO_COMPOUNDS)) sum.set(term, (sum.get(term) ?? 0) + DOMAIN_NAME_WEIGHT);
  return new Map([...sums].map(([domain, sum]) => [domain, unit(sum)]));
}

/** The terms of a text that the catalog knows. */
export function knownTerms({ idf, compounds }: CatalogIndex, text: string): Terms {
  return unit(new Map(termsOf(text, compounds).flatMap((term) => (idf.has(term) ? [[term, idf.get(term) ?? 0]] : []))));
}

/** How much a text is about each domain, of [0, 1]: one for the nearest. */
export function domainShares({ domains }: CatalogIndex, terms: Terms): ReadonlyMap<string, number> {
  const shares = [...domains].map(([domain, about]): [string, number] => [domain, cosine(terms, about)]);
  const most = Math.max(0, ...shares.map(([, share]) => share));
  return new Map(shares.map(([domain, share]) => [domain, most > 0 ? share / most : 0]));
}

/** Of tools whose names say no action. */
const MAYBE = 0.3;

/** By tool, how well it fits a text, the actions asked for there and the domains: zero or more. */
export function fits(
  { tools, terms: postings }: CatalogIndex,
  terms: Terms,
  asked: { readonly actions: ReadonlySet<Action>; readonly domains: ReadonlyMap<string, number> },
): readonly number[] {
  const cosines = products(postings, terms, tools.length);
  return tools.map((tool, at) => {
    const cosine = cosines[at] ?? 0;
    if (cosine === 0) return 0;
    const done = tool.actions.filter((action) => asked.actions.has(action)).length;
    const acts = tool.actions.length > 0 ? done / tool.actions.length : MAYBE;
    const domain = Math.max(0, ...tool.domains.map((one) => asked.domains.get(one) ?? 0));
    return cosine * (1 + acts) * (1 + domain);
  });
}

export function cosine(one: Terms, other: Terms): number {
  let sum = 0;
  for (const [term, weight] of one) sum += weight * (other.get(term) ?? 0);
  return sum;
}

function unit(weights: ReadonlyMap<string, number>): Terms {
  const length = Math.sqrt([...weights.values()].reduce((sum, weight) => sum + weight * weight, 0));
  return length > 0 ? new Map([...weights].map(([term, weight]) => [term, weight / length])) : weights;
}
