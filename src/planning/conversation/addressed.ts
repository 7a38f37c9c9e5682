import type { Json } from "#events/json.ts";
import { analysed } from "#src/planning/analysis/analyse.ts";
import { phraseOf } from "#src/planning/conversation/phrases.ts";
import type { Session, Turn } from "#src/planning/conversation/session.ts";

// What is said to the plan of the last request, and is no request of its own: that it be stopped, or what it had asked.
//
// D1. Only the newest turn is spoken to: who says "cancel that" twice has cancelled once.
// D2. What asks for something is never taken for an answer.

export type Addressed =
  | { readonly kind: "cancel"; readonly plan: string }
  | { readonly kind: "answer"; readonly plan: string; readonly value: Json };

const MAX_ANSWER_CHARS = 400;

/** Undefined of a request. */
export function addressed(request: string, { turns }: Session): Addressed | undefined {
  const turn = turns.at(-1);
  if (turn === undefined || request.length > MAX_ANSWER_CHARS) return undefined;
  const { plan, state } = turn;
  const phrase = phraseOf(request);
  if (phrase?.kind === "cancel") return OPEN.has(state) ? { kind: "cancel", plan } : undefined;
  if (state !== "asked") return undefined;
  return phrase?.kind === "choice" ? choiceOf(turn, phrase.index) : answerTo(turn, phrase === undefined, request);
}

const OPEN: ReadonlySet<Turn["state"]> = new Set(["running", "asked"]);

/** Undefined where it is asked for more than one thing. */
function onlyOffer({ offers = [] }: Turn) {
  const [offer, ...others] = offers;
  return others.length === 0 ? offer : undefined;
}

function choiceOf(turn: Turn, index: number): Addressed | undefined {
  const offer = onlyOffer(turn);
  const choice = offer?.choices.at(index);
  if (offer === undefined || choice === undefined) return undefined;
  return { kind: "answer", plan: turn.plan, value: { [offer.question]: choice.value } };
}

/** D2. */
function answerTo(turn: Turn, isPlain: boolean, request: string): Addressed | undefined {
  const offer = onlyOffer(turn);
  if (offer === undefined || !isPlain || !asksNothing(request)) return undefined;
  return { kind: "answer", plan: turn.plan, value: { [offer.question]: request.trim() } };
}

function asksNothing(text: string): boolean {
  const result = analysed(text, { now: 0 });
  return result.kind === "analysed" && result.analysis.intents.length === 0;
}
