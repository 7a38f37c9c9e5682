import type { JsonObject } from "#events/json.ts";
import { stringOf } from "#src/language/literal.ts";

// Requests of a text that nothing was done of, at the end of the answer to the others. Their words are text, whatever is in them.

interface NotDone {
  readonly request: string;
  readonly message: string;
}

/** The response in each of its forms, with a line for each of them. */
export function withNotDone(response: JsonObject, notDone: readonly NotDone[]): JsonObject {
  if (notDone.length === 0) return response;
  const lines = notDone.map(({ request, message }) => stringOf([{ text: `Not done: “${request}”: ${message}.` }]));
  return Object.fromEntries(
    Object.entries(response).map(([form, text]) => [
      form,
      [...(typeof text === "string" ? [text] : []), ...lines].join("\n"),
    ]),
  );
}
