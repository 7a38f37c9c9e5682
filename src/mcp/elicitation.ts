import type { ElicitRequestFormParams, RequestId } from "@modelcontextprotocol/sdk/types.js";
import type { JsonObject } from "#events/json.ts";
import type { Output } from "#src/api/client.ts";
import { cutText } from "#src/mcp/bounded.ts";
import type { McpSession } from "#src/mcp/session.ts";

// A plan's questions before the person behind a client, where the client can show a form.
//
// L1. Of approvals nothing is asked here: an agent puts them before a person, and answers by plan_approve.
// L2. It is an addition: who cannot ask, asks nobody, or is told no, gets the question as the result of the call.

type Awaited = Output<"get">["awaited"][number];
type Question = NonNullable<Awaited["questions"]>[number];
type Field = ElicitRequestFormParams["requestedSchema"]["properties"][string];

/** What a person answered, by the ids of the questions; undefined where nobody did. */
export type AskPerson = (awaited: Awaited) => Promise<JsonObject | undefined>;

/** How long somebody may think, until the call is answered with the question. */
const ANSWERED_WITHIN_MS = 30 * 60 * 1_000;
const MAX_TEXT_CHARS = 1_000;
const MAX_CHOICES = 50;
/** Where a question has no id of its own. */
const ANSWER = "answer";

/** Undefined where the client can show no form. */
export function personBehind(
  { server, log }: Pick<McpSession, "server" | "log">,
  request: { readonly id: RequestId; readonly signal: AbortSignal },
): AskPerson | undefined {
  if (server.getClientCapabilities()?.elicitation?.form === undefined) return undefined;
  return async (awaited) => {
    const { signal } = request;
    const options = { signal, relatedRequestId: request.id, timeout: ANSWERED_WITHIN_MS };
    try {
      const { action, content } = await server.elicitInput(formOf(awaited), options);
      return action === "accept" ? content : undefined;
    } catch (error) {
      signal.throwIfAborted();
      log.warn("a question was not put before the person of a client", { error });
      return undefined;
    }
  };
}

function formOf({ text = "", questions = [] }: Awaited): ElicitRequestFormParams {
  const fields: readonly [string, Field][] =
    questions.length === 0
      ? [[ANSWER, { type: "string", title: ANSWER }]]
      : questions.map((question) => [question.id, fieldOf(question)]);
  return {
    mode: "form",
    message: cutText(text, MAX_TEXT_CHARS),
    requestedSchema: {
      type: "object",
      properties: Object.fromEntries(fields),
      required: fields.map(([id]) => id),
    },
  };
}

function fieldOf({ id, text, schema, choices }: Question): Field {
  const about = { title: id, description: cutText(text, MAX_TEXT_CHARS) };
  if (choices !== undefined && choices.length > 0 && choices.length <= MAX_CHOICES) {
    const oneOf = choices.map(({ value, text: title }) => ({
      const: typeof value === "string" ? value : JSON.stringify(value),
      title,
    }));
    return { ...about, type: "string", oneOf };
  }
  const { type } = schema;
  if (type === "integer" || type === "number") return { ...about, type };
  return type === "boolean" ? { ...about, type } : { ...about, type: "string" };
}
