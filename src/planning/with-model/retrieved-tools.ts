import type { CatalogEntry } from "#src/planning/catalog/entry.ts";
import { likelyTools, neededTools, type Relevance } from "#src/planning/relevance/tool-relevance.ts";

// Which tools a model is offered for a request: few enough to be read, and more than a plan without a model would take, since what the
// model is for are requests that words alone do not tell.

const MAX_RETRIEVED = 20;
/** Sets of tools that are offered whole. */
const MAX_SETS = 3;
/** Below this the request has nothing to do with a tool. */
const LEAST_LIKELY = 0.005;

/** The best first: those of the likeliest sets, then the likeliest ones, each with who gives what it cannot do without. */
export function retrievedTools(relevance: Relevance, request: string): readonly CatalogEntry[] {
  const { probabilities } = likelyTools(relevance, request);
  const inSets = neededTools(relevance, request)
    .slice(0, MAX_SETS)
    .flatMap(({ tools }) => tools);
  const likely = [...probabilities.keys()]
    .filter((tool) => (probabilities[tool] ?? 0) >= LEAST_LIKELY)
    .sort((one, other) => (probabilities[other] ?? 0) - (probabilities[one] ?? 0));
  const { entries, feeders } = relevance.index;
  const feeding = (tool: number): readonly number[] =>
    [...(feeders[tool] ?? [])].sort(([, one], [, other]) => other - one).map(([feeder]) => feeder);
  const firstOf = (tool: number): readonly number[] => [tool, ...feeding(tool).slice(0, MAX_FEEDERS)];
  const found = new Set([...inSets, ...likely.flatMap(firstOf)]);
  return [...found].slice(0, MAX_RETRIEVED).flatMap((tool) => entries[tool] ?? []);
}

const MAX_FEEDERS = 2;
