import type { BoundCall } from "#src/planning/binding/argument-model.ts";
import { callsIn, type Call } from "#src/planning/binding/source.ts";
import type { CatalogEntry } from "#src/planning/catalog/entry.ts";
import type { Draft } from "#src/planning/drafting/planner.ts";

// Drafts of one request, made without and with a language model, by how probable it is that they do what was asked: that these are the
// tools, that the arguments are what was meant, that every step succeeds, and that nothing is missing, each of which is told beside it.
//
// C1. Tools: the offline planner gives a probability to each set that it tried, the model names one set and is right with a probability of
//     its own. They are two witnesses, and go together by Bayes' rule, as observers with error rates do (Dawid & Skene, 1979).
// C2. Of steps and of the model's plans what was seen counts, with a few assumed cases before it (the mean of a beta distribution).
// C3. Pure. Nobody is left out: what ranks second is kept with its reasons.

/** How the model's plans have done, of those somebody has judged or that have run. */
interface ModelStanding {
  readonly plans: number;
  /** Of these, those with the right tools. */
  readonly toolsRight: number;
  readonly calls: number;
  /** Of these, those with the right arguments. */
  readonly argumentsRight: number;
}

export interface Comparison {
  readonly entries: readonly CatalogEntry[];
  readonly standing?: ModelStanding;
}

export interface ComparedCall extends Call {
  readonly missing: readonly string[];
}

export interface RankedDraft {
  readonly origin: "offline" | "model";
  /** Index among the drafts of its origin. */
  readonly index: number;
  readonly calls: readonly ComparedCall[];
  /** Predicted success, 0 to 1. */
  readonly score: number;
  readonly parts: {
    readonly tools: number;
    readonly arguments: number;
    readonly steps: number;
    readonly complete: number;
  };
  /** Of the longest chain of steps that wait for each other, by medians. */
  readonly durationMs: number;
  /** By unit, of all steps. */
  readonly costs: Readonly<Record<string, number>>;
  /** For people, the weakest part first. */
  readonly reasons: readonly string[];
}

/** The best first. `model` is undefined where there is no plan of a model. */
export function comparedDrafts(
  drafts: readonly Draft[],
  model: { readonly calls: readonly ComparedCall[] } | undefined,
  { entries, standing = NOTHING_SEEN }: Comparison,
): readonly RankedDraft[] {
  const known = new Map(entries.map((entry) => [entry.name, entry]));
  const shares = toolShares(drafts, model?.calls, standing);
  const ranked = [
    ...drafts.map(({ calls }, index) =>
      rankedDraft(
        { origin: "offline", index, calls, tools: shares.get(keyOf(calls)) ?? 0, said: saidBy(calls) },
        known,
      ),
    ),
    ...(model === undefined
      ? []
      : [modelDraft(model.calls, { tools: shares.get(keyOf(model.calls)) ?? 0, standing, known })]),
  ];
  const units = new Set(ranked.flatMap(({ costs }) => Object.keys(costs)));
  const [unit] = units.size === 1 ? units : [];
  return ranked.sort((one, other) => byPromise(one, other, unit));
}

const NOTHING_SEEN: ModelStanding = { plans: 0, toolsRight: 0, calls: 0, argumentsRight: 0 };

/** As good as so many plans that were seen. */
const ASSUMED_WEIGHT = 10;
/** Between what the offline planner reaches and what is reported of large models on such tasks; a standing takes its place. */
const ASSUMED_TOOLS_RIGHT = 0.7;
const ASSUMED_ARGUMENTS_RIGHT = 0.85;
/** That the right set is none of those that the offline planner tried. */
const ELSEWHERE = 0.1;

/** By set of tools, how probable it is that it is the one. */
function toolShares(
  drafts: readonly Draft[],
  model: readonly Call[] | undefined,
  { plans, toolsRight }: ModelStanding,
): ReadonlyMap<string, number> {
  const offline = new Map<string, number>();
  for (const { calls, probability } of drafts) {
    offline.set(keyOf(calls), Math.max(probability, offline.get(keyOf(calls)) ?? 0));
  }
  if (model === undefined) return offline;
  const named = keyOf(model);
  // What is left over are sets that were tried and became no draft, and sets that were not tried at all: the model's may be one.
  const sum = [...offline.values()].reduce((one, other) => one + other, 0);
  const rest = Math.max(ELSEWHERE, 1 - sum);
  const scale = (1 - rest) / Math.max(sum, Number.MIN_VALUE);
  const before = new Map([...offline].map(([key, share]) => [key, share * scale]));
  const isNew = !before.has(named);
  if (isNew) before.set(named, rest);
  const right = assumed(ASSUMED_TOOLS_RIGHT, toolsRight, plans);
  // Sets that were not tried are many. What is left over is spread over all of them, and so are the mistakes of a model that names one of
  // them: how many there are is in both, and falls away.
  const others = isNew ? 1 : Math.max(1, before.size);
  const weights = [...before].map(
    ([key, share]) => [key, share * (key === named ? right : (1 - right) / others)] as const,
  );
  // That it is yet another one stays possible.
  const none = (rest * (1 - right)) / others;
  const all = weights.reduce((total, [, weight]) => total + weight, none);
  return new Map(weights.map(([key, weight]) => [key, weight / all]));
}

/** Calls of the same tools, in whatever order. */
function keyOf(calls: readonly Call[]): string {
  return JSON.stringify(calls.map(({ tool }) => tool).sort());
}

function assumed(mean: number, successes: number, of: number): number {
  return (mean * ASSUMED_WEIGHT + successes) / (ASSUMED_WEIGHT + of);
}

/** Of each call the geometric mean of its arguments' shares. */
function saidBy(calls: readonly BoundCall[]): number {
  return Math.exp(calls.reduce((sum, { sureness }) => sum + sureness, 0));
}

interface Weighed {
  readonly origin: RankedDraft["origin"];
  readonly index: number;
  readonly calls: readonly ComparedCall[];
  readonly tools: number;
  /** That the arguments are right. */
  readonly said: number;
}

type Known = ReadonlyMap<string, CatalogEntry>;

function modelDraft(
  calls: readonly ComparedCall[],
  { tools, standing, known }: { readonly tools: number; readonly standing: ModelStanding; readonly known: Known },
): RankedDraft {
  const right = assumed(ASSUMED_ARGUMENTS_RIGHT, standing.argumentsRight, standing.calls);
  return rankedDraft({ origin: "model", index: 0, calls, tools, said: right ** calls.length }, known);
}

function rankedDraft({ origin, index, calls, tools, said }: Weighed, known: Known): RankedDraft {
  const parts = { tools, arguments: said, steps: successOf(calls, known), complete: completeness(calls, known) };
  const score = parts.tools * parts.arguments * parts.steps * parts.complete;
  const reasons = reasonsFor(parts, calls);
  return {
    origin,
    index,
    calls,
    score,
    parts,
    durationMs: durationOf(calls, known),
    costs: costsOf(calls, known),
    reasons,
  };
}

/** The same as in estimates: of a tool that has not run. */
const ASSUMED_SUCCESS = 0.95;
const ASSUMED_RUNS = 5;

function successOf(calls: readonly Call[], known: Known): number {
  return calls.reduce((product, { tool }) => {
    const { runs = 0, successRate = 0 } = known.get(tool)?.observed ?? {};
    return (product * (ASSUMED_SUCCESS * ASSUMED_RUNS + successRate * runs)) / (ASSUMED_RUNS + runs);
  }, 1);
}

function completeness(calls: readonly ComparedCall[], known: Known): number {
  const missing = calls.reduce((sum, call) => sum + call.missing.length, 0);
  const required = calls.reduce((sum, { tool }) => {
    const own = known.get(tool)?.parameters.filter(({ path, isRequired }) => path.length === 1 && isRequired) ?? [];
    return sum + own.length;
  }, 0);
  return missing === 0 ? 1 : 1 - missing / Math.max(required, missing + 1);
}

const ASSUMED_MS = 1_000;

function durationOf(calls: readonly Call[], known: Known): number {
  const ends: number[] = [];
  for (const call of calls) {
    const begins = Math.max(0, ...[...neededBy(call)].map((before) => ends[before] ?? 0));
    ends.push(begins + (known.get(call.tool)?.observed?.durationMs?.p50 ?? ASSUMED_MS));
  }
  return Math.max(0, ...ends);
}

function neededBy({ arguments: given, after = [] }: Call): ReadonlySet<number> {
  return new Set([...after, ...Object.values(given).flatMap(callsIn)]);
}

function costsOf(calls: readonly Call[], known: Known): Readonly<Record<string, number>> {
  const costs = new Map<string, number>();
  for (const { tool } of calls) {
    const cost = known.get(tool)?.cost;
    if (cost !== undefined) costs.set(cost.unit, (costs.get(cost.unit) ?? 0) + cost.amount);
  }
  return Object.fromEntries(costs);
}

/** Scores that differ by less are the same. */
const HUNDREDTHS = 100;

/** Then the shorter one, the cheaper one where all count the same, the one of fewer steps; at last a fixed order. */
function byPromise(one: RankedDraft, other: RankedDraft, unit: string | undefined): number {
  const costOf = ({ costs }: RankedDraft): number => (unit === undefined ? 0 : (costs[unit] ?? 0));
  return (
    Math.round(other.score * HUNDREDTHS) - Math.round(one.score * HUNDREDTHS) ||
    one.durationMs - other.durationMs ||
    costOf(one) - costOf(other) ||
    one.calls.length - other.calls.length ||
    Number(other.origin === "model") - Number(one.origin === "model") ||
    one.index - other.index
  );
}

const TOLD: Readonly<Record<keyof RankedDraft["parts"], string>> = {
  tools: "that these are the tools",
  arguments: "that the arguments are what was meant",
  steps: "that every step succeeds",
  complete: "of the required arguments that are there",
};

function reasonsFor(parts: RankedDraft["parts"], calls: readonly ComparedCall[]): readonly string[] {
  const told = [
    { share: parts.tools, words: TOLD.tools },
    { share: parts.arguments, words: TOLD.arguments },
    { share: parts.steps, words: TOLD.steps },
    { share: parts.complete, words: TOLD.complete },
  ];
  const missing = calls.flatMap((call) => call.missing.map((name) => `${call.tool} lacks ${name}`));
  const weakestFirst = told.toSorted((one, other) => one.share - other.share);
  return [...weakestFirst.map(({ share, words }) => `${Math.round(share * HUNDREDTHS)} % ${words}`), ...missing];
}
