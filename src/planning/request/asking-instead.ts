import type { RestOfPlan } from "#events/definition.ts";
import { isJsonObject, json, type Json, type JsonObject } from "#events/json.ts";
import { literal } from "#src/language/literal.ts";
import { oneLine } from "#src/planning/answering/capability.ts";
import type { Question } from "#src/planning/answering/questions.ts";
import type { Replanned } from "#src/planning/replanning/replanned.ts";
import { choicesText, schemaOf } from "#src/planning/replanning/said-instead.ts";
import type { Answered } from "#src/planning/replanning/situation.ts";
import type { Around } from "#src/planning/request/plan-rest.ts";
import { checkedRest } from "#src/planning/request/plan-rest.ts";
import { ANSWER_SIGNAL, replanningAgain } from "#src/planning/request/request-plan.ts";

// A person as the last resort: where nothing else helps, the rest of the plan is a step that waits for an answer, and one that replans
// with it. What was planned is handed on to that one as data.
//
// I1. What waits has an end: after ANSWER_WITHIN nobody is expected to answer any more, and the plan ends with the question.
// I2. What the steps have given is read where it stands, and not written down again.

/** How long an answer is waited for. */
const ANSWER_WITHIN = "7d";
/** Answers to the questions of one replanning; the tool that replans takes no more. */
const MAX_ANSWERS = 20;
const MAX_QUESTION_CHARS = 1_000;

export interface AskedInstead {
  readonly kind: "question";
  readonly rest: RestOfPlan;
  readonly questions: readonly Question[];
}

interface Unanswered {
  readonly asking: Extract<Replanned, { kind: "ask" }>;
  /** As the engine has told it. */
  readonly failure: JsonObject;
  /** What was said before. */
  readonly answers: readonly Answered[];
  /** What is answered where it ends here. */
  readonly respond?: JsonObject | undefined;
}

/** Undefined where so much was said already that nobody is asked again. */
export function askingInstead(
  { asking, failure, answers, respond }: Unanswered,
  around: Around,
): AskedInstead | undefined {
  if (answers.length >= MAX_ANSWERS) return undefined;
  const { step, choices } = asking;
  const ask = idFor("ask", { failure, answers });
  const text = oneLine(`${asking.question} ${choicesText(choices)}`, MAX_QUESTION_CHARS);
  const said = { step, said: `\${steps.${ask}.output}` };
  const before = answers.map((answer) => literal({ step: answer.step, said: answer.said }));
  const steps = {
    [ask]: { signal: ANSWER_SIGNAL, description: text, deadline: ANSWER_WITHIN },
    [idFor("answered", { failure, answers })]: replanningAgain(handedOn(failure), [...before, said]),
  };
  const whole = checkedRest({ steps, respond }, around);
  const checked = whole.ok ? whole : checkedRest({ steps }, around);
  if (!checked.ok) throw new TypeError(`a question cannot be asked: ${checked.findings[0]?.message ?? ""}`);
  const schema = json.parse(schemaOf(choices));
  return {
    kind: "question",
    rest: checked.rest,
    questions: [{ id: step, text, schema: isJsonObject(schema) ? schema : {}, about: [] }],
  };
}

/** Whether the step waits for an answer of this kind. */
export function isAskingInstead(id: string): boolean {
  return /^ask_replan_\d+(?:_\d+)?$/.test(id);
}

/** `ask_replan_2`, `answered_replan_2_2`. */
function idFor(word: string, { failure: { number }, answers }: Pick<Unanswered, "failure" | "answers">): string {
  const again = answers.length === 0 ? "" : `_${answers.length + 1}`;
  return `${word}_replan_${typeof number === "number" ? number : 1}${again}`;
}

/** I2. */
function handedOn({ number = 1, plan = {}, outcomes = {}, done }: JsonObject): Json {
  const given = isJsonObject(done) ? Object.keys(done) : [];
  return {
    number,
    plan: literal(plan),
    outcomes: literal(outcomes),
    done: Object.fromEntries(given.map((id) => [id, `\${steps.${id}.output}`])),
  };
}
