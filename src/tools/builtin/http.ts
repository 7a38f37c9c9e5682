// http.get and http.json: the answer of a GET as a value. What may be asked for is decided here (headers, secrets, size),
// where it may go in http-exchange.ts and address-guard.ts.

import { z } from "zod";
import { boundedText } from "../bounded-text.ts";
import { defineTool, ToolFailure } from "../define.ts";
import type { ToolContext } from "../define.ts";
import { secret } from "../secret.ts";
import type { SecretReference } from "../secret.ts";
import { httpExchange, MAX_BODY_BYTES } from "./http-exchange.ts";
import type { HttpAnswer } from "./http-exchange.ts";

const MAX_URL_CHARS = 8192;
const MAX_HEADER_CHARS = 8192;
const MAX_HEADERS = 50;
const EXCERPT_BYTES = 200;

/** They would change whom we talk to, or how the bytes are cut into messages. */
const OWN_HEADERS = ["host", "connection", "content-length", "transfer-encoding", "upgrade", "te", "trailer", "expect"];

const headerName = z
  .string()
  .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/)
  .refine((name) => !OWN_HEADERS.includes(name.toLowerCase()), { error: "this header belongs to the connection" });

const headerValue = z
  .string()
  .max(MAX_HEADER_CHARS)
  .regex(/^[\t\x20-\x7e\x80-\xff]*$/, { error: "a header has no control characters" });

const request = {
  url: z.string().min(1).max(MAX_URL_CHARS),
  headers: z
    .record(headerName, z.union([headerValue, secret()]))
    .refine((headers) => Object.keys(headers).length <= MAX_HEADERS, { error: `more than ${MAX_HEADERS} headers` })
    .default({})
    .describe("sent to the first origin only, not to another one that it redirects to"),
  maxBytes: z.int().positive().max(MAX_BODY_BYTES).default(MAX_BODY_BYTES),
};

export const httpGetTool = defineTool({
  name: "http.get",
  version: "1.0.0",
  description: "Gets a URL. A status of 400 and above fails; redirects are followed, each checked like the first.",
  input: z.strictObject({ ...request, encoding: z.enum(["text", "base64"]).default("text") }),
  output: z.object({
    status: z.int(),
    url: z.string().describe("after redirects"),
    headers: z.record(z.string(), z.string()),
    body: z.string(),
  }),
  sideEffects: "read",
  async run({ encoding, ...args }, context) {
    const answer = await get(args, context);
    return { ...answer, body: encoding === "base64" ? answer.body.toString("base64") : textOf(answer) };
  },
});

export const httpJson = defineTool({
  name: "http.json",
  version: "1.0.0",
  description: "Gets a URL and parses the answer as JSON. The output is the value itself.",
  input: z.strictObject(request),
  output: z.unknown(),
  sideEffects: "read",
  async run({ headers, ...args }, context) {
    const answer = await get({ ...args, headers: { accept: "application/json", ...headers } }, context);
    const text = answer.body.toString();
    try {
      return JSON.parse(text) as unknown;
    } catch {
      const message = `${answer.url}: the answer is not JSON: ${boundedText(text, EXCERPT_BYTES)}`;
      throw new ToolFailure("validation", message, { code: "not-json" });
    }
  },
});

interface GetArguments {
  readonly url: string;
  readonly headers: Readonly<Record<string, string | SecretReference>>;
  readonly maxBytes: number;
}

async function get(args: GetArguments, context: ToolContext): Promise<HttpAnswer> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(args.headers)) {
    headers[name.toLowerCase()] = typeof value === "string" ? value : await revealed(value, context);
  }
  return httpExchange({ ...args, headers }, context);
}

async function revealed(reference: SecretReference, context: ToolContext): Promise<string> {
  const value = headerValue.safeParse(await context.secret(reference));
  if (value.success) return value.data;
  throw new ToolFailure("validation", `secret ${reference.$secret}: is not fit for a header`);
}

/** By the charset that the answer names, UTF-8 where it names none we know. */
function textOf({ headers, body }: HttpAnswer): string {
  const charset = /;\s*charset="?([^\s;"]+)/i.exec(headers["content-type"] ?? "")?.[1] ?? "utf-8";
  try {
    return new TextDecoder(charset).decode(body);
  } catch {
    return body.toString();
  }
}
