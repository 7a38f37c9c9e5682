import type { JsonObject } from "#events/json.ts";
import type { Question } from "#src/planning/answering/questions.ts";
import type { Asked, Planned, PlanningGrounds } from "#src/planning/request/planned.ts";
import { checkedRest } from "#src/planning/request/plan-rest.ts";
import { ANSWER_SIGNAL, PLAN_STEP, planningAgain, REFUSED } from "#src/planning/request/request-plan.ts";

// A question as the rest of a plan: a step that waits for the answer, and one that plans on with it. It outlives the process that
// asked, and is answered by whoever may send the plan a signal.

/** How often a request is asked about. */
const MAX_ROUNDS = 5;

export function asking(questions: readonly Question[], asked: Asked, grounds: PlanningGrounds): Planned {
  if (asked.number > MAX_ROUNDS) {
    const message = `after ${MAX_ROUNDS} answers this is still missing: ${questions.map(({ id }) => id).join(", ")}`;
    return { kind: "refusal", category: "validation", code: "answers-missing", message };
  }
  const next = asked.number + 1;
  const answers = Array.from({ length: asked.number }, (_, at) => `\${steps.${askStep(at + 1)}.output}`);
  const steps = {
    [askStep(asked.number)]: { signal: ANSWER_SIGNAL, description: questions.map(({ text }) => text).join(" ") },
    [planStep(next)]: planningAgain(next, answers),
  };
  const checked = checkedRest({ steps, respond: REFUSED }, { ...grounds, done: stepsBefore(asked.number) });
  if (!checked.ok) throw new TypeError(`a question cannot be asked: ${checked.findings[0]?.message ?? ""}`);
  return { kind: "question", rest: checked.rest, questions };
}

/** The planning steps of this request so far, and the questions between; nothing reads what they gave but they themselves. */
export function stepsBefore(number: number): JsonObject {
  const again = Array.from({ length: number - 1 }, (_, at) => [askStep(at + 1), planStep(at + 2)]).flat();
  return Object.fromEntries([PLAN_STEP, ...again].map((id) => [id, null]));
}

const askStep = (number: number): string => `ask_${number}`;
const planStep = (number: number): string => `${PLAN_STEP}_${number}`;
