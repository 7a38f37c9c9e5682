import { isJsonObject, type Json } from "#events/json.ts";

// What a plan says about its response: one template for a plan that succeeded, or a template for each way to end. No other response
// is a mapping with one of these words, so that a mapping without them is a response as it stands.

export const ANSWER_WORDS = ["$done", "$partial", "$failed"] as const;
type AnswerWord = (typeof ANSWER_WORDS)[number];

export type AnswerForms = Readonly<Partial<Record<AnswerWord, Json>>>;

export function isAnswerForms(respond: Json | undefined): respond is Readonly<Record<string, Json>> {
  return isJsonObject(respond) && ANSWER_WORDS.some((word) => Object.hasOwn(respond, word));
}

/** A response that is one template is the one of success. */
export function answerForms(respond: Json | undefined): AnswerForms {
  if (respond === undefined) return {};
  if (!isAnswerForms(respond)) return { $done: respond };
  const said = ANSWER_WORDS.filter((word) => Object.hasOwn(respond, word));
  return Object.fromEntries(said.map((word) => [word, respond[word] ?? null]));
}

/** What the templates of `$partial` and `$failed` can read beside inputs and steps, as JSON Schema. */
export const ENDING_SCHEMAS = {
  done: { type: "integer" },
  total: { type: "integer" },
  failed: {
    type: "array",
    items: {
      type: "object",
      properties: {
        step: { type: "string" },
        category: { type: "string" },
        code: { type: "string" },
        reason: { type: "string" },
      },
      required: ["step", "category", "code", "reason"],
      additionalProperties: false,
    },
  },
  left: { type: "array", items: { type: "string" } },
  next: { type: "string" },
} as const;

export type EndingVariable = keyof typeof ENDING_SCHEMAS;
