import { z } from "zod";
import { json, jsonObject } from "#events/json.ts";
import type { Payload } from "#events/payload.ts";
import { definitionAt, type PlanView } from "#machines/state.ts";
import type { PlanReader } from "#src/api/plan-reader.ts";
import { ANSWER_SIGNAL } from "#src/planning/request/request-plan.ts";

// The questions that a plan waits to have answered, as the step that planned has put them: with the type and the choices of their
// answers, so that a door can ask them one by one. Outputs are read as anything from outside: what is no question is left out.

/** A step that waits for it has asked something. */
export const QUESTION_SIGNAL = ANSWER_SIGNAL;

export const openQuestion = z.object({
  id: z.string().describe("an answer names it"),
  text: z.string(),
  schema: jsonObject.describe("what an answer is"),
  choices: z
    .array(z.object({ value: json, text: z.string() }))
    .readonly()
    .exactOptional(),
  default: json.exactOptional(),
});
type OpenQuestion = z.infer<typeof openQuestion>;

const asking = z.object({
  questions: z.array(openQuestion).max(100),
  rest: z.object({ steps: z.array(z.object({ id: z.string() })) }),
});

interface Awaited {
  readonly step: string;
  readonly signal: string;
}

/** Outputs of steps that may have asked; selected at once, and loaded by `withQuestions`. */
export function askingOutputs(state: PlanView, awaited: readonly Awaited[]): readonly Payload[] {
  if (!awaited.some(({ signal }) => signal === ANSWER_SIGNAL)) return [];
  return [...state.steps.keys()].flatMap((index) => {
    const { output } = state.steps[index] ?? {};
    if (output === undefined) return [];
    const definition = definitionAt(state, index);
    return definition.kind === "tool" && definition.revises === true ? [output] : [];
  });
}

/** Each with the questions that its step waits for. */
export async function withQuestions<A extends Awaited>(
  awaited: readonly A[],
  outputs: readonly Payload[],
  values: Pick<PlanReader, "value">,
): Promise<readonly (A & { readonly questions?: readonly OpenQuestion[] })[]> {
  const asked = await Promise.all(outputs.map(async (output) => asking.safeParse(await values.value(output)).data));
  return awaited.map((one) => {
    const found = asked.findLast((ask) => ask?.rest.steps.some(({ id }) => id === one.step));
    return found === undefined ? one : { ...one, questions: found.questions };
  });
}
