import type { Json } from "#events/json.ts";
import { analysed } from "#src/planning/analysis/analyse.ts";
import type { Clock } from "#src/planning/answering/bounds.ts";
import type { MissingArgument, Question } from "#src/planning/answering/questions.ts";
import { asArgument, canBe, takesAnyText } from "#src/planning/binding/as-argument.ts";
import type { Source } from "#src/planning/binding/source.ts";
import { spansOf } from "#src/planning/binding/spans.ts";
import type { CatalogEntry, MeantField } from "#src/planning/catalog/entry.ts";
import type { Draft } from "#src/planning/drafting/planner.ts";

// Answers to questions about missing arguments, put where they belong in the draft that the questions were about.
//
// W1. An answer is data: it fills the arguments that were asked for and nothing else, as what their type allows.
// W2. An answer in words is read as a request would be: "tomorrow" becomes a date, "two" a number.

export interface AnsweredDraft {
  readonly draft: Draft;
  /** Ids of the questions whose answers cannot be what was asked for, and of those without one. */
  readonly open: readonly string[];
}

export interface Answering extends Clock {
  readonly entries: readonly CatalogEntry[];
  readonly questions: readonly Question[];
  /** By the id of the question. */
  readonly answers: Readonly<Record<string, Json>>;
}

export function withAnswers(draft: Draft, { entries, questions, answers, ...clock }: Answering): AnsweredDraft {
  const filled = questions.flatMap(({ id, about }) => {
    const answer = Object.hasOwn(answers, id) ? answers[id] : undefined;
    return about.map((one) => ({ id, ...one, source: sourceOf(answer, fieldOf(one, entries), clock) }));
  });
  const calls = draft.calls.map((call, at) => {
    const own = filled.flatMap(({ call: of, parameter, source }): readonly (readonly [string, Source])[] =>
      of === at && source !== undefined ? [[parameter, source]] : [],
    );
    const given = Object.fromEntries(own);
    return {
      ...call,
      arguments: { ...call.arguments, ...given },
      missing: call.missing.filter((name) => !Object.hasOwn(given, name)),
    };
  });
  const isOpen = ({ id, about }: Question): boolean =>
    about.length > 0 && filled.some((one) => one.id === id && one.source === undefined);
  return { draft: { ...draft, calls }, open: questions.filter(isOpen).map(({ id }) => id) };
}

function fieldOf({ tool, parameter }: MissingArgument, entries: readonly CatalogEntry[]): MeantField | undefined {
  return entries
    .find(({ name }) => name === tool)
    ?.parameters.find(({ path }) => path.length === 1 && path[0] === parameter);
}

function sourceOf(answer: Json | undefined, field: MeantField | undefined, clock: Clock): Source | undefined {
  if (answer === undefined || field === undefined) return undefined;
  const words = typeof answer === "string" ? answer : JSON.stringify(answer);
  const value = typeof answer === "string" ? readAnswer(answer, field, clock) : answer;
  if (value === undefined || !canBe(value, field)) return undefined;
  return { kind: "said", value, said: { from: 0, to: words.length, words } };
}

/** W2. Of several readings the longest words are taken. */
export function readAnswer(answer: string, field: MeantField, clock: Clock): Json | undefined {
  const exact = field.options?.find((option) => option === answer);
  if (exact !== undefined) return exact;
  if (takesAnyText(field)) return answer.trim() || undefined;
  const result = analysed(answer, clock);
  const spans = result.kind === "unreadable" ? [] : spansOf(result.analysis);
  const byLength = spans.toSorted((one, other) => other.to - other.from - (one.to - one.from));
  return byLength.map((span) => asArgument(span, field)).find((value) => value !== undefined);
}
