import type { JsonSchema } from "#machines/expressions/json-schema.ts";
import type { AnswerForm, ModelMessage } from "#src/ports/model.ts";
import { boundedText } from "#src/tools/bounded-text.ts";

// The words around what somebody asks of a model. All that is said by us and not by the asker stands here, so that it can be
// read, and tried with other models, in one place.

/** Of an answer that is given back. */
const MAX_BROKEN_BYTES = 16 * 1_024;
const MAX_PROBLEM_BYTES = 500;

/** Where the provider does not hold the answer to the schema, the prompt says what it is. */
export function promptFor(
  messages: readonly ModelMessage[],
  schema: JsonSchema | undefined,
  form: AnswerForm,
): readonly ModelMessage[] {
  if (schema === undefined || form === "schema") return messages;
  const text = [
    "Answer with one JSON value that fits this JSON Schema, and with nothing else: no explanation, no code fence.",
    JSON.stringify(schema),
  ].join("\n");
  const rest = messages.findIndex(({ role }) => role !== "system");
  const at = rest < 0 ? messages.length : rest;
  return [...messages.slice(0, at), { role: "system", text }, ...messages.slice(at)];
}

/** The answer that cannot be used, and why. */
export function askedAgain(answer: {
  readonly text: string;
  readonly problems: readonly string[];
}): readonly ModelMessage[] {
  const problems = answer.problems.map((problem) => `- ${boundedText(problem, MAX_PROBLEM_BYTES)}`);
  const text = [
    "This answer cannot be used:",
    ...problems,
    "Answer again with the whole JSON value, and with nothing else.",
  ];
  return [
    { role: "assistant", text: boundedText(answer.text, MAX_BROKEN_BYTES) },
    { role: "user", text: text.join("\n") },
  ];
}
