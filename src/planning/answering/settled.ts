import type { Json, JsonObject } from "#events/json.ts";
import type { Budget, Deadline } from "#src/planning/answering/bounds.ts";
import { budgetQuestion, deadlineQuestion } from "#src/planning/answering/contradictions.ts";
import type { Choice } from "#src/planning/answering/draft-choice.ts";
import type { Prohibition } from "#src/planning/answering/prohibitions.ts";
import type { Question } from "#src/planning/answering/questions.ts";
import type { CatalogEntry } from "#src/planning/catalog/entry.ts";
import { phraseOf } from "#src/planning/conversation/phrases.ts";

// What was answered to questions about the request itself, put where they came from: which deadline and which budget hold, which of
// two plans is meant, what a prohibition means.
//
// T1. An answer chooses among what was asked, and does nothing else: one that is none of the choices is no answer, and it is asked again.
// T2. Of a prohibition an answer says which tool it means, or that it means none; it allows nothing that something else forbids.

/** Of several that were said the one that was chosen, else all of them. */
export function settledDeadlines(deadlines: readonly Deadline[], answers: JsonObject): readonly Deadline[] {
  return deadlines.length < 2 ? deadlines : settled(deadlines, deadlineQuestion(deadlines), answers);
}

export function settledBudgets(budgets: readonly Budget[], answers: JsonObject): readonly Budget[] {
  return budgets.length < 2 ? budgets : settled(budgets, budgetQuestion(budgets), answers);
}

function settled<T>(all: readonly T[], question: Question, answers: JsonObject): readonly T[] {
  const value = answerTo(question, answers);
  const at = (question.choices ?? []).findIndex((choice) => choice.value === value);
  const chosen = all[at];
  return chosen === undefined ? all : [chosen];
}

export function settledProhibitions(
  prohibitions: readonly Prohibition[],
  entries: readonly CatalogEntry[],
  answers: JsonObject,
): readonly Prohibition[] {
  return prohibitions.map((one) => {
    if (one.tools.length > 0) return one;
    const { name } = entries.find((entry) => entry.name === textIn(answers, forbiddenId(one))) ?? {};
    if (name !== undefined) return { ...one, tools: [name], by: "answer" };
    return textIn(answers, forbiddenId(one)).toLowerCase() === NONE ? { ...one, by: "answer" } : one;
  });
}

/** What a prohibition that means no tool is answered with. */
export const NONE = "none";

export function forbiddenId({ from }: Prohibition): string {
  return `forbidden.${from}`;
}

function textIn(answers: JsonObject, id: string): string {
  const answer = Object.hasOwn(answers, id) ? answers[id] : undefined;
  return typeof answer === "string" ? answer.trim() : "";
}

/** The plan that was chosen of two, and no rival any more. */
export function settledChoice(choice: Choice, [question]: readonly Question[], answers: JsonObject): Choice {
  const value = question === undefined ? undefined : answerTo(question, answers);
  if (value === undefined || choice.rival === undefined) return choice;
  return { draft: value === 2 ? choice.rival : choice.draft };
}

function answerTo(question: Question, answers: JsonObject): Json | undefined {
  const { id } = question;
  return Object.hasOwn(answers, id) ? chosenValue(question, answers[id] ?? null) : undefined;
}

type Choices = NonNullable<Question["choices"]>;

/** What an answer to a question with choices means: a value, the words of one, a part of them that no other has, or which one it is. */
export function chosenValue({ choices = [] }: Question, answer: Json): Json | undefined {
  const exact = choices.find(({ value }) => value === answer);
  if (exact !== undefined || typeof answer !== "string" || answer.trim() === "") return exact?.value;
  return spokenChoice(choices, answer.trim().toLowerCase()) ?? choices.at(indexIn(answer, choices.length))?.value;
}

function spokenChoice(choices: Choices, said: string): Json | undefined {
  const spoken = choices.map(({ value, text }) => ({ value, words: [wordsOf(value), text.toLowerCase()] }));
  const same = spoken.find(({ words }) => words.includes(said));
  if (same !== undefined) return same.value;
  const isMeant = (one: string): boolean => isSpoken(one, said) || isSpoken(said, one);
  const [only, ...others] = spoken.filter(({ words }) => words.some(isMeant));
  return others.length === 0 ? only?.value : undefined;
}

const LEAST_CHARS = 2;

/** As whole words; a single letter or digit stands in too much else. */
function isSpoken(part: string, whole: string): boolean {
  const spaced = (text: string): string => ` ${text.split(/\s+/u).join(" ")} `;
  return part.length >= LEAST_CHARS && spaced(whole).includes(spaced(part));
}

function wordsOf(value: Json): string {
  return (typeof value === "string" ? value : JSON.stringify(value)).toLowerCase();
}

/** "2", "the second one", "option 2", "the last"; past the end where it says none. */
function indexIn(answer: string, length: number): number {
  const phrase = phraseOf(answer);
  if (phrase?.kind === "choice") return phrase.index < 0 ? length + phrase.index : phrase.index;
  const number = Number(answer);
  return Number.isInteger(number) && number > 0 ? number - 1 : length;
}
