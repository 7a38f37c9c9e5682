import {
  learnChoice,
  LinearLearner,
  sharesOf,
  softmax,
  type Features,
  type Lesson,
  type LinearModel,
} from "#src/planning/learning/linear.ts";
import { inEpochs } from "#src/planning/prediction/epochs.ts";
import { f1 } from "#src/planning/prediction/expected-f1.ts";
import { cosine } from "#src/planning/prediction/described-catalog.ts";
import type { Alike, PastRequests } from "#src/planning/relevance/past-requests.ts";
import { SURE_FEED, type RelevanceIndex } from "#src/planning/relevance/relevance-index.ts";

// Which tools together: sets of the likeliest ones and those of past requests, and how probable each is. What no tool knows alone counts
// here: a tool that looks something up for nobody, one that lacks what it needs, and what was used together before.
//
// S1. A conditional logit over the sets that are looked at, learned from past requests and held near weights that need none.

/** Numbers of tools, the likeliest first. */
type ToolSet = readonly number[];

export interface Surroundings {
  readonly index: RelevanceIndex;
  readonly past: PastRequests;
}

/** What is known of one request. */
export interface Likely {
  /** By tool. */
  readonly probabilities: readonly number[];
  readonly alike: readonly Alike[];
}

const PRIOR = { expected: 6, odds: 0.3, alike: 1, idle: -0.5, unfed: -0.5, "never together": -0.5, doubles: -2 };
const HOLD = 0.02;
const EPOCHS = { epochs: 15, rate: 0.1 };

/** Of the past requests from this number on. */
export function learnedSets(around: Surroundings, requests: readonly Likely[], from: number): LinearModel {
  const learner = new LinearLearner(PRIOR, HOLD);
  const lessons = requests.map((likely, at): Lesson => {
    const sets = setsOf(likely);
    const known = around.past.tools[from + at] ?? new Set();
    const scores = sets.map((set) => f1(new Set(set), known));
    const most = Math.max(...scores);
    const right = new Set(sets.keys().filter((set) => scores[set] === most));
    return { choices: featuresOf(around, likely, sets), right };
  });
  inEpochs(lessons.length, EPOCHS, (at, rate) => {
    const lesson = lessons[at];
    if (lesson !== undefined) learnChoice(learner, lesson, rate);
  });
  return learner;
}

export interface ProbableSet {
  readonly tools: ToolSet;
  /** Of all sets that were looked at, they sum up to one. */
  readonly probability: number;
  /** How much it is expected to have in common with the right one, as F1. */
  readonly expected: number;
}

/** The best expected first. */
export function probableSets(model: LinearModel, around: Surroundings, likely: Likely): readonly ProbableSet[] {
  const sets = setsOf(likely);
  const shares = sharesOf(model, featuresOf(around, likely, sets));
  const expected = expectedF1(sets, shares);
  return sets
    .map((tools, at) => ({ tools, probability: shares[at] ?? 0, expected: expected[at] ?? 0 }))
    .sort((one, other) => other.expected - one.expected);
}

/** Where somebody else has an opinion as well: pooled linearly, by how much that one has to say, of [0, 1]. The best expected first. */
export function pooledSets(
  own: readonly ProbableSet[],
  others: readonly Pick<ProbableSet, "tools" | "probability">[],
  say: number,
): readonly ProbableSet[] {
  const pool = new Map<string, { readonly tools: ToolSet; readonly probability: number }>();
  const add = (tools: ToolSet, probability: number): void => {
    const known = pool.get(keyOf(tools));
    pool.set(keyOf(tools), { tools: known?.tools ?? tools, probability: (known?.probability ?? 0) + probability });
  };
  for (const { tools, probability } of others) add(tools, say * probability);
  for (const { tools, probability } of own) add(tools, (1 - say) * probability);
  const sets = [...pool.values()];
  const expected = expectedF1(
    sets.map(({ tools }) => tools),
    sets.map(({ probability }) => probability),
  );
  return sets
    .map((one, at) => ({ ...one, expected: expected[at] ?? 0 }))
    .sort((one, other) => other.expected - one.expected);
}

const MAX_TOOLS = 7;
const LEAST_LIKELY = 0.02;

/** So many of the likeliest tools, each time without one or none of them; and those of past requests that are alike. */
function setsOf({ probabilities, alike }: Likely): readonly ToolSet[] {
  const likeliest = [...probabilities.keys()]
    .filter((tool) => (probabilities[tool] ?? 0) > LEAST_LIKELY)
    .sort((one, other) => (probabilities[other] ?? 0) - (probabilities[one] ?? 0))
    .slice(0, MAX_TOOLS);
  const sets = new Map<string, ToolSet>();
  const add = (set: ToolSet): void => {
    if (set.length > 0) sets.set(keyOf(set), set);
  };
  for (let count = 1; count <= likeliest.length; count += 1) {
    const first = likeliest.slice(0, count);
    add(first);
    for (const left of first.slice(0, -1)) add(first.filter((one) => one !== left));
  }
  for (const { tools } of alike) add([...tools]);
  return [...sets.values()];
}

export function keyOf(set: ToolSet): string {
  return [...set].sort((one, other) => one - other).join(" ");
}

function featuresOf(around: Surroundings, likely: Likely, sets: readonly ToolSet[]): readonly Features[] {
  const { probabilities, alike } = likely;
  const odds = sets.map((set) => set.reduce((sum, tool) => sum + logit(probabilities[tool] ?? 0), 0));
  const expected = expectedF1(sets, softmax(odds));
  const most = Math.max(...odds);
  return sets.map((set, at): Features => {
    const key = keyOf(set);
    const share = alike.reduce((sum, one) => sum + (keyOf([...one.tools]) === key ? one.share : 0), 0);
    return [
      ["expected", expected[at] ?? 0],
      ["odds", (odds[at] ?? 0) - most],
      ["alike", share],
      ["size", set.length],
      ["single", Number(set.length === 1)],
      ...fitting(around, set),
    ];
  });
}

/** How the tools of a set fit each other. */
function fitting({ index, past }: Surroundings, set: ToolSet): Features {
  const idle = set.filter((tool) => {
    const takers = index.takers[tool] ?? [];
    return takers.length > 0 && !takers.some((taker) => set.includes(taker));
  });
  const unfed = set.filter((tool) => {
    const givers = [...(index.feeders[tool] ?? [])].filter(([, fit]) => fit >= SURE_FEED);
    return givers.length > 0 && !givers.some(([giver]) => set.includes(giver));
  });
  const isKnown = (tool: number): boolean => (past.shares[tool] ?? 0) > 0;
  const together = (one: number, other: number): number => past.together[one]?.get(other) ?? 0;
  const pairs = set.flatMap((one, at) => set.slice(at + 1).map((other) => [one, other] as const));
  const known = pairs.filter(([one, other]) => isKnown(one) && isKnown(other));
  const usual = set.map((tool) => Math.max(0, ...set.map((other) => (other === tool ? 0 : together(other, tool)))));
  return [
    ["idle", idle.length],
    ["unfed", unfed.length],
    ["doubles", pairs.filter(([one, other]) => isDouble(index, one, other) && together(one, other) === 0).length],
    ["never together", known.filter(([one, other]) => together(one, other) === 0).length],
    ["usual together", usual.reduce((sum, share) => sum + share, 0) / set.length],
    ["usually more", mostMissing(past, set)],
  ];
}

const ALIKE = 0.75;

/** Two tools that say nearly the same of themselves. */
function isDouble({ described }: RelevanceIndex, one: number, other: number): boolean {
  const [first, second] = [described.tools[one], described.tools[other]];
  return first !== undefined && second !== undefined && cosine(first.terms, second.terms) > ALIKE;
}

/** How often, at most, another tool was used where one of these was. */
function mostMissing({ together }: PastRequests, set: ToolSet): number {
  let most = 0;
  for (const tool of set)
    for (const [other, share] of together[tool] ?? []) if (share > most && !set.includes(other)) most = share;
  return most;
}

const SUREST = 0.999;

function logit(probability: number): number {
  const bounded = Math.min(SUREST, Math.max(1 - SUREST, probability));
  return Math.log(bounded / (1 - bounded));
}

/** By set, how much it has in common with the others, each by its share. */
function expectedF1(sets: readonly ToolSet[], shares: readonly number[]): readonly number[] {
  const members = sets.map((set) => new Set(set));
  return members.map((one, at) =>
    sets.reduce((sum, other, place) => {
      const common = other.reduce((count, tool) => count + Number(one.has(tool)), 0);
      return sum + ((shares[place] ?? 0) * 2 * common) / (other.length + (sets[at]?.length ?? 0));
    }, 0),
  );
}
