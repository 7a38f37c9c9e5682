import type { ModelRequest } from "#src/ports/model.ts";

// Tokens where nobody has counted them. Four characters of English are about one token, three bytes of other scripts too; a
// few belong to each message.

const BYTES_PER_TOKEN = 3.5;
const TOKENS_PER_MESSAGE = 4;

export function estimatedTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN);
}

/** Of the whole prompt, with the schema that it is sent with. */
export function promptTokens({ messages, form }: Pick<ModelRequest, "messages" | "form">): number {
  const schema = form?.schema === undefined ? 0 : estimatedTokens(JSON.stringify(form.schema));
  return messages.reduce((sum, { text }) => sum + estimatedTokens(text) + TOKENS_PER_MESSAGE, schema);
}
