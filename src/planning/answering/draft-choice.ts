import type { CatalogEntry } from "#src/planning/catalog/entry.ts";
import type { Draft } from "#src/planning/drafting/planner.ts";

// Which of several drafts is made a plan, and which one came next.
//
// D1. Drafts come in their order. One that can be called as it is stands before one that lacks an argument, unless the latter is clearly
//     what is meant: a question is better than a plan for something else.
// D2. Of two that are equally good the first one is taken, and the other one is named; if they differ in what they can do harm with, nobody
//     but the asker chooses (`rival`).

export interface Choice {
  readonly draft: Draft;
  /** As good, and no more dangerous. */
  readonly runnerUp?: Draft;
  /** As good, and with other effects. */
  readonly rival?: Draft;
}

/** How much more in common with what is needed a later draft has to be expected to have (F1): they are not all estimated alike. */
const CLEARLY = 0.15;
/** Less is no difference. */
const EQUAL = 0.01;
const CLASSES = ["read", "write", "irreversible"] as const;

/** At least one draft; the best first. */
export function chosenDraft(drafts: readonly Draft[], entries: readonly CatalogEntry[]): Choice {
  const [first] = drafts;
  if (first === undefined) throw new RangeError("one of no drafts was asked for");
  const best = drafts.reduce((one, other) => (other.expected > one.expected ? other : one));
  const draft = !isComplete(best) && best.expected > first.expected + CLEARLY ? best : first;
  const equal = drafts.find((one) => one !== draft && isEqual(one, draft));
  if (equal === undefined) return { draft };
  return effectsOf(equal, entries) === effectsOf(draft, entries) ? { draft, runnerUp: equal } : { draft, rival: equal };
}

function isComplete({ calls }: Draft): boolean {
  return calls.every(({ missing }) => missing.length === 0);
}

function isEqual(one: Draft, other: Draft): boolean {
  return isComplete(one) === isComplete(other) && Math.abs(one.expected - other.expected) <= EQUAL * other.expected;
}

/** The worst that its tools can do. */
function effectsOf({ calls }: Draft, entries: readonly CatalogEntry[]): number {
  const classes = calls.map(({ tool }) => entries.find(({ name }) => name === tool)?.sideEffects ?? "irreversible");
  return Math.max(...classes.map((one) => CLASSES.indexOf(one)));
}
