import type { Json } from "#events/json.ts";
import { cleanText } from "#src/planning/analysis/clean-text.ts";
import { analysed, MAX_REQUEST_CHARS } from "#src/planning/analysis/analyse.ts";
import type { Clock } from "#src/planning/answering/bounds.ts";
import type { Question } from "#src/planning/answering/questions.ts";
import type { Call } from "#src/planning/binding/source.ts";
import type { CatalogEntry } from "#src/planning/catalog/entry.ts";
import { phraseOf, type Phrase } from "#src/planning/conversation/phrases.ts";
import { referencesIn, type Referred } from "#src/planning/conversation/references.ts";
import { replacedIn, type Replaced } from "#src/planning/conversation/replacement.ts";
import { lastTurn, type Reference, type Session, type Turn } from "#src/planning/conversation/session.ts";

// A request as it stands after what was said before it: "and for Oslo?" is the last request with another place.
//
// F1. Pure, and it never runs anything. What is repeated are calls that were made before; nothing but the arguments that were named differs.
// F2. Where it could mean several things the answer is a question, and `answers` to it lead to one.
// F3. Whatever is not surely a follow-up stands alone: planning then finds what is missing.

export type Followed =
  /** Stands alone, but for what it refers to. */
  | { readonly kind: "new"; readonly text: string; readonly references: readonly Referred[] }
  /** An earlier request once more: the whole text as it now stands, and its calls with places in that text. */
  | {
      readonly kind: "again";
      readonly of: string;
      readonly text: string;
      readonly calls: readonly Call[];
      readonly replaced: readonly Replaced[];
    }
  /** An answer to a question that was open. */
  | { readonly kind: "answer"; readonly of: string; readonly question: string; readonly value: Json }
  /** One item of an earlier result. */
  | { readonly kind: "item"; readonly of: string; readonly item: Reference }
  | { readonly kind: "cancel"; readonly of: string }
  | { readonly kind: "question"; readonly questions: readonly Question[] };

export interface Following extends Clock {
  readonly entries: readonly CatalogEntry[];
  /** To questions that the same request led to before, by their ids. */
  readonly answers?: Readonly<Record<string, Json>>;
}

export function followed(request: string, session: Session, following: Following): Followed {
  const text = request.length > MAX_REQUEST_CHARS ? request : cleanText(request);
  const turn = lastTurn(session);
  const phrase = turn === undefined || text !== text.slice(0, MAX_REQUEST_CHARS) ? undefined : phraseOf(text);
  if (turn === undefined) return { kind: "new", text, references: [] };
  const found = phrase === undefined ? undefined : meant(phrase, turn, { ...following, text });
  if (found !== undefined) return found;
  const { references, questions } = referencesIn(text, turn, following.answers ?? {});
  return questions.length > 0 ? { kind: "question", questions } : { kind: "new", text, references };
}

interface Said extends Following {
  readonly text: string;
}

/** Undefined where the phrase says nothing of this turn: then it stands alone. */
function meant(phrase: Phrase, turn: Turn, said: Said): Followed | undefined {
  switch (phrase.kind) {
    case "cancel":
      return { kind: "cancel", of: turn.plan };
    case "choice":
      return chosen(phrase.index, turn, said.text);
    case "again":
    case "correction":
      return hasOwnIntent(phrase.rest, said) ? undefined : again(phrase, turn, said);
  }
}

/** "actually find a hotel in Rome" is a request of its own. */
function hasOwnIntent(rest: string, said: Said): boolean {
  const result = analysed(rest, said);
  return result.kind === "analysed" && result.analysis.intents.some(({ topics }) => topics.length > 0);
}

function again({ kind, rest }: Extract<Phrase, { rest: string }>, turn: Turn, said: Said): Followed | undefined {
  if (turn.calls.length === 0) return undefined;
  if (rest === "")
    return kind === "again"
      ? { kind: "again", of: turn.plan, text: turn.text, calls: turn.calls, replaced: [] }
      : undefined;
  const result = replacedIn(turn, rest, { ...said, answers: said.answers ?? {} });
  if (result.kind === "question") return { kind: "question", questions: result.questions };
  return result.kind === "nothing" ? undefined : { ...result, kind: "again", of: turn.plan };
}

function chosen(index: number, turn: Turn, text: string): Followed {
  const [offer, ...others] = turn.offers ?? [];
  if (offer === undefined) return itemOf(index, turn) ?? { kind: "question", questions: [whichOne(turn, text)] };
  const choice = others.length === 0 ? offer.choices.at(index) : undefined;
  if (choice === undefined) return { kind: "question", questions: [whichOne(turn, text)] };
  return { kind: "answer", of: turn.plan, question: offer.question, value: choice.value };
}

/** Undefined where no one list has it. */
function itemOf(index: number, { plan, results }: Turn): Followed | undefined {
  const lists = results.flatMap((one) => (one.items === undefined ? [] : [{ ...one, items: one.items }]));
  const [list] = lists;
  if (list === undefined || lists.length > 1) return undefined;
  const at = index < 0 ? list.items + index : index;
  if (at < 0 || at >= list.items) return undefined;
  return { kind: "item", of: plan, item: { plan: list.plan, path: [...list.path, String(at)] } };
}

function whichOne({ offers = [], results }: Turn, text: string): Question {
  const choices =
    offers.length > 0
      ? offers.flatMap((offer) => offer.choices)
      : results.map(({ name }) => ({ value: name, text: name }));
  return {
    id: "which",
    text: `Which one is meant by “${text.trim()}”?`,
    schema: choices.length === 0 ? { type: "string" } : { enum: choices.map(({ value }) => value) },
    about: [],
    ...(choices.length === 0 ? {} : { choices }),
    words: { from: 0, to: text.length, words: text },
  };
}
