import type { Json } from "#events/json.ts";
import type { Call } from "#src/planning/binding/source.ts";

// What a conversation remembers: the last requests, the calls that were made of them, and where their results are.
//
// S1. A result is a reference: a plan, and a path into what it gave. What stands there is never pasted into a request.
// S2. The last MAX_TURNS turns are kept, and of them no more than MAX_BYTES; the oldest go first.
// S3. Pure: a session is a value, and remembering gives another one.

/** Where a result is. */
export interface Reference {
  /** Id of the plan. */
  readonly plan: string;
  /** Into the plan's outputs; `*` is every item of a list, a number one of them. Empty for all of them. */
  readonly path: readonly string[];
}

/** Something that an earlier plan gave, as far as it is known without looking at it. */
export interface Result extends Reference {
  /** What it is, as words for a person: "flights", "summary". */
  readonly name: string;
  /** Name of the tool that gave it. */
  readonly tool: string;
  /** Of a list, how many items it has. */
  readonly items?: number;
}

/** A choice that was offered: "the second" is the one of index 1. */
interface Offer {
  /** Id of the question. */
  readonly question: string;
  readonly choices: readonly { readonly value: Json; readonly text: string }[];
}

export interface Turn {
  /** Id of the plan that the request became. */
  readonly plan: string;
  /** The request as it stood then, with what had been said before filled in. */
  readonly text: string;
  /** When it was asked, ms since the epoch. */
  readonly at: number;
  /** In the order in which they were made; `said` arguments have their places in `text`. */
  readonly calls: readonly Call[];
  readonly results: readonly Result[];
  /** What was asked back and is not answered yet. */
  readonly offers?: readonly Offer[];
  readonly state: "running" | "asked" | "succeeded" | "failed" | "cancelled";
}

export interface Session {
  /** The newest last. */
  readonly turns: readonly Turn[];
}

export const NEW_SESSION: Session = { turns: [] };

export const MAX_TURNS = 20;
/** Of the JSON of all turns, in UTF-16 units: about as many bytes. */
export const MAX_BYTES = 128 * 1024;
const MAX_RESULTS = 20;

/** With this turn as the newest one; one of the same plan is replaced by it, and becomes the newest. */
export function remembered({ turns }: Session, turn: Turn): Session {
  const bounded: Turn = { ...turn, results: turn.results.slice(0, MAX_RESULTS) };
  const kept = [...turns.filter(({ plan }) => plan !== turn.plan), bounded].slice(-MAX_TURNS);
  const sizes = kept.map((one) => JSON.stringify(one).length);
  let size = 0;
  const first = sizes.findLastIndex((one) => (size += one) > MAX_BYTES);
  return { turns: kept.slice(first + 1) };
}

/** The turn that "that", "it" and "the same" are about: the newest one that was not cancelled. */
export function lastTurn({ turns }: Session): Turn | undefined {
  return turns.findLast(({ state }) => state !== "cancelled");
}
