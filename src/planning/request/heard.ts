import { isJsonObject, type Json, type JsonObject } from "#events/json.ts";
import { readAnswer } from "#src/planning/answering/answers.ts";
import type { Clock } from "#src/planning/answering/bounds.ts";
import type { Question } from "#src/planning/answering/questions.ts";
import { chosenValue } from "#src/planning/answering/settled.ts";
import { canBe } from "#src/planning/binding/as-argument.ts";
import type { CatalogEntry } from "#src/planning/catalog/entry.ts";

// What the answers to the questions of a request say: each is held against what was asked before it.
//
// H1. An answer that can be what was asked for is that and nothing else: it does not change what is asked, or what it is about.
// H2. One that cannot is read with the request, as if it had been said there; of a question with choices it is none, and it is asked again.

export interface Heard {
  /** By the ids of the questions, or by the names that whoever answered gave. */
  readonly values: JsonObject;
  /** What belongs to the request. */
  readonly texts: readonly string[];
}

interface Hearing extends Clock {
  readonly entries: readonly CatalogEntry[];
  /** What is asked once this was heard. */
  readonly questions: (heard: Heard) => readonly Question[];
}

export function heard(answers: readonly Json[], hearing: Hearing): Heard {
  return answers.reduce<Heard>((before, answer) => withAnswer(before, answer, hearing), { values: {}, texts: [] });
}

function withAnswer(before: Heard, answer: Json, hearing: Hearing): Heard {
  const { values, texts } = before;
  if (isJsonObject(answer)) return { values: { ...values, ...answer }, texts };
  const [question, ...others] = hearing.questions(before);
  if (question !== undefined && others.length === 0 && canAnswer(question, answer, hearing)) {
    return { values: { ...values, [question.id]: answer }, texts };
  }
  const isChoice = question?.about.length === 0 && others.length === 0;
  return isChoice || typeof answer !== "string" ? before : { values, texts: [...texts, answer] };
}

function canAnswer(question: Question, answer: Json, { entries, ...clock }: Hearing): boolean {
  const [about] = question.about;
  if (about === undefined) return question.choices === undefined || chosenValue(question, answer) !== undefined;
  const field = entries
    .find(({ name }) => name === about.tool)
    ?.parameters.find(({ path }) => path.length === 1 && path[0] === about.parameter);
  if (field === undefined) return false;
  return canBe(answer, field) || (typeof answer === "string" && readAnswer(answer, field, clock) !== undefined);
}
