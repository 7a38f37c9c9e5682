import type { FactOf, FactType } from "#events/catalog.ts";
import type { Json } from "#events/json.ts";
import type { KeyedView } from "#projections/keyed-view.ts";

// The view `answers`: what calls gave, by tool, version and arguments, so that planning can fall back to what was answered before.
//
// N1. Bounded, whatever the log: SHELVES documents of at most ANSWERS_ON_SHELF answers of MAX_ANSWER_CHARS each. The oldest of a shelf gives way.
// N2. No call that was given a secret, or whose arguments cannot be looked at, is remembered; nor what planned, nor what took something back.
// N3. Which tools only read is not in the facts: who reads this view gives out the answers of those alone.

/** A shelf has the calls whose hashes begin alike. */
const SHELF_DIGITS = 2;
const ANSWERS_ON_SHELF = 4;
const MAX_ANSWER_CHARS = 4_096;
const OWN = "planwright.";

export type KnownAnswer = {
  readonly tool: string;
  /** Of tool, version and arguments. */
  readonly hash: string;
  readonly output: Json;
  /** In ms since the epoch. */
  readonly at: number;
};

/** The oldest first. */
export type Shelf = { readonly answers: readonly KnownAnswer[] };

type Asked = { readonly tool: string; readonly hash: string };

const READS = ["StepDispatched", "StepSucceeded", "StepFailed", "StepTimedOut", "StepLost", "StepCancelled"] as const;
type AttemptFact = FactOf<(typeof READS)[number]>;
const reads: ReadonlySet<FactType> = new Set<FactType>(READS);

export const answersView: KeyedView<Shelf, Asked> = {
  name: "answers",
  version: 1,
  reads,
  memory: {
    key: ({ plan, fact }) => {
      if (!isAttemptFact(fact) || fact.data.attempt === 0) return undefined;
      return `${plan}/${fact.data.step}#${fact.data.attempt}`;
    },
    evolve: (_remembered, { fact }) => (fact.type === "StepDispatched" ? askedIn(fact) : undefined),
  },
  key: ({ fact }, asked) => {
    const isKept = fact.type === "StepSucceeded" && asked !== undefined && outputOf(fact) !== undefined;
    return isKept ? asked.hash.slice(0, SHELF_DIGITS) : undefined;
  },
  initial: () => ({ answers: [] }),
  evolve: (shelf, { fact, at }, asked) => {
    const output = fact.type === "StepSucceeded" ? outputOf(fact) : undefined;
    if (output === undefined || asked === undefined) return shelf;
    const others = shelf.answers.filter(({ hash }) => hash !== asked.hash);
    return { answers: [...others, { ...asked, output, at }].slice(-ANSWERS_ON_SHELF) };
  },
  columns: () => ({ tag: "answers", rank: 0 }),
};

/** N2. */
function askedIn({ data }: FactOf<"StepDispatched">): Asked | undefined {
  const { tool, argsHash: hash, args, undoes } = data;
  if (undoes !== undefined || tool.startsWith(OWN) || !("inline" in args)) return undefined;
  return JSON.stringify(args.inline).includes('"$secret"') ? undefined : { tool, hash };
}

function outputOf({ data: { output } }: FactOf<"StepSucceeded">): Json | undefined {
  if (!("inline" in output) || JSON.stringify(output.inline).length > MAX_ANSWER_CHARS) return undefined;
  return output.inline;
}

function isAttemptFact(fact: { readonly type: FactType }): fact is AttemptFact {
  return reads.has(fact.type);
}
