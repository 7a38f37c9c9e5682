import { analysed, MAX_REQUEST_CHARS } from "#src/planning/analysis/analyse.ts";
import type { Action } from "#src/planning/analysis/verbs.ts";
import {
  cosine,
  domainShares,
  fits,
  knownTerms,
  type CatalogIndex,
  type IndexedTool,
} from "#src/planning/prediction/described-catalog.ts";

// The tools of a catalog that a request needs, by descriptions alone. Tools that are used together are about the same thing and do
// different things with it, so that pairs are chosen and not tools: both fit the request, and each other.
//
// M1. At least two tools are answered if two have a word in common with the request, and at most three.
// M2. Of a long request the beginning is read.
// M3. Their order is that of the clauses they fit best; within one clause what looks something up comes first.

interface Fit {
  readonly tool: IndexedTool;
  readonly fit: number;
  /** Index of the clause that it fits best. */
  readonly clause: number;
}

const CANDIDATES = 20;
const CLAUSES_WEIGHT = 0.5;
/** No date is read here. */
const NO_TIME = { now: 0 };

export function predictedByDescription(index: CatalogIndex, request: string): readonly string[] {
  const fitting = fittingTools(index, request.slice(0, MAX_REQUEST_CHARS));
  const best = bestPair(fitting.candidates);
  const third = thirdOf(fitting.candidates, best, fitting.clauses);
  const isLookup = ({ tool }: Fit): boolean => looksUp(tool);
  return [...best, ...third]
    .sort((one, other) => one.clause - other.clause || Number(isLookup(other)) - Number(isLookup(one)))
    .map(({ tool }) => tool.name);
}

function fittingTools(index: CatalogIndex, request: string): { candidates: readonly Fit[]; clauses: number } {
  const result = analysed(request, NO_TIME);
  const intents = result.kind === "unreadable" ? [] : result.analysis.intents;
  const terms = knownTerms(index, request);
  const domains = domainShares(index, terms);
  const whole = fits(index, terms, { actions: new Set(intents.map(({ action }) => action)), domains });
  const clauses = intents.map(({ words, action }) =>
    fits(index, knownTerms(index, words), { actions: new Set([action]), domains }),
  );
  const candidates = index.tools.map((tool, at) => {
    const each = clauses.map((clause) => clause[at] ?? 0);
    const mean = each.reduce((sum, fit) => sum + fit, 0) / Math.max(1, each.length);
    return { tool, fit: (whole[at] ?? 0) + CLAUSES_WEIGHT * mean, clause: each.indexOf(Math.max(...each)) };
  });
  return {
    candidates: candidates
      .filter(({ fit }) => fit > 0)
      .sort((one, other) => other.fit - one.fit)
      .slice(0, CANDIDATES),
    clauses: clauses.length,
  };
}

function bestPair(candidates: readonly Fit[]): readonly Fit[] {
  const scale = candidates[0]?.fit ?? 0;
  let best = candidates.slice(0, 2);
  let most = -Infinity;
  for (const [at, one] of candidates.entries())
    for (const other of candidates.slice(at + 1)) {
      const score = one.fit + other.fit + scale * affinity(one.tool, other.tool);
      if (score <= most) continue;
      most = score;
      best = [one, other];
    }
  return best;
}

const SAME_TOPIC = 0.6;
const SAME_ACTIONS = -0.3;
const LOOKS_UP_FIRST = 0.1;
const SAME_DOMAIN = 0.3;

/** How much more likely two tools are together than their fits say. */
function affinity(one: IndexedTool, other: IndexedTool): number {
  const topic = cosine(one.topic, other.topic);
  const isSame = doTheSame(one, other);
  const isPrepared = looksUp(one) !== looksUp(other);
  return (
    (isSame ? SAME_ACTIONS : SAME_TOPIC) * topic +
    (isPrepared ? LOOKS_UP_FIRST : 0) * topic +
    (shareDomain(one, other) ? SAME_DOMAIN : 0)
  );
}

const LOOKING_UP: ReadonlySet<Action> = new Set<Action>(["find", "read", "check"]);

function looksUp({ actions }: IndexedTool): boolean {
  return actions.some((action) => LOOKING_UP.has(action));
}

function doTheSame(one: IndexedTool, other: IndexedTool): boolean {
  return one.actions.join() === other.actions.join();
}

function shareDomain(one: IndexedTool, other: IndexedTool): boolean {
  return one.domains.some((domain) => other.domains.includes(domain));
}

const THIRD_FROM = 1.2;
const THIRD_FROM_MANY = 0.96;
const MANY_CLAUSES = 3;
const TOO_ALIKE = 0.5;

/** A third tool, where one fits as well as the best, and the others. */
function thirdOf(candidates: readonly Fit[], pair: readonly Fit[], clauses: number): readonly Fit[] {
  const scale = candidates[0]?.fit ?? 0;
  const scored = candidates
    .filter((one) => !pair.includes(one) && !pair.some(({ tool }) => isDouble(tool, one.tool)))
    .map((one) => {
      const topics = pair.reduce((sum, { tool }) => sum + cosine(tool.topic, one.tool.topic), 0) / 2;
      const domain = pair.slice(0, 1).some(({ tool }) => shareDomain(tool, one.tool)) ? SAME_DOMAIN : 0;
      return { one, score: one.fit + scale * (SAME_TOPIC * topics + domain) };
    })
    .sort((one, other) => other.score - one.score);
  const enough = scale * (clauses >= MANY_CLAUSES ? THIRD_FROM_MANY : THIRD_FROM);
  return scored
    .slice(0, 1)
    .filter(({ score }) => score > enough)
    .map(({ one }) => one);
}

function isDouble(one: IndexedTool, other: IndexedTool): boolean {
  return doTheSame(one, other) && cosine(one.topic, other.topic) > TOO_ALIKE;
}
