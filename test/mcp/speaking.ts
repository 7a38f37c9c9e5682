// A client of the real SDK that speaks with this server, in this process or over HTTP, and what a test wants of it.
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import type { RequestOptions } from "@modelcontextprotocol/sdk/shared/protocol.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import {
  ElicitRequestSchema,
  ResourceUpdatedNotificationSchema,
  type ElicitRequestFormParams,
  type ElicitResult,
} from "@modelcontextprotocol/sdk/types.js";
import { z } from "zod";
import type { Client as Operations } from "#src/api/client.ts";
import { MCP_DOCUMENTS } from "#src/mcp-documents.ts";
import { serveMcp } from "#src/mcp/server.ts";
import { SILENT, type Log } from "#src/ports/log.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { served, TOKEN, type Served } from "../http/served.ts";

export type Carrier = "in memory" | "over HTTP";

export interface Speaking extends AsyncDisposable {
  readonly served: Served;
  readonly client: Client;
  /** Structured content of a result; throws a `Refusal` where it is an error. */
  call(name: string, args?: Record<string, unknown>, options?: RequestOptions): Promise<Answer>;
  /** Addresses of resources that were said to have changed. */
  readonly updated: string[];
  untilUpdated(uri: string): Promise<void>;
}

/** What tests read of answers; which of it an answer has, each test asserts. */
export interface Answer {
  readonly plan: string;
  readonly report: Answer;
  readonly next: string & number;
  readonly waiting: readonly unknown[];
  readonly status: string;
  readonly response: unknown;
  readonly awaited: readonly { readonly step: string; readonly questions: readonly { readonly id: string }[] }[];
  readonly outputs: { readonly rest: string };
  readonly value: { readonly characters: number };
  readonly plans: readonly { readonly plan: string }[];
  readonly facts: readonly { readonly revision: number; readonly actor: string }[];
  readonly approvals: readonly { readonly hash: string; readonly show: unknown }[];
  readonly tools: readonly { readonly name: string }[];
  readonly ok: boolean;
  readonly findings: unknown;
}

export class Refusal extends Error {
  readonly code: string;
  readonly next: string | undefined;
  readonly details: unknown;

  constructor({ code, message, next, details }: z.infer<typeof refusal>["error"]) {
    super(message);
    this.code = code;
    this.next = next;
    this.details = details;
  }
}

const refusal = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    next: z.string().optional(),
    details: z.unknown().optional(),
  }),
});

export async function speaking(carrier: Carrier = "in memory", person?: Person): Promise<Speaking> {
  await using opened = new AsyncDisposableStack();
  const place = opened.use(await served());
  const transport =
    carrier === "in memory" ? await inMemory(place.planwright.client, SILENT, opened) : overHttp(place.guardedUrl);
  const client = await connected(transport, opened, person);
  const updated: string[] = [];
  const waiting = new Set<() => void>();
  client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params: { uri } }) => {
    updated.push(uri);
    for (const wake of waiting) wake();
  });
  const closing = opened.move();
  return {
    served: place,
    client,
    updated,
    call: (name, args = {}, options = {}) => answerOf(client, { name, args }, options),
    untilUpdated: async (uri) => {
      while (!updated.includes(uri)) await new Promise<void>((resolve) => waiting.add(resolve));
    },
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

/** The client's end of a connection to a server over these operations. */
export async function inMemory(operations: Operations, log: Log, opened: AsyncDisposableStack): Promise<Transport> {
  const [here, there] = InMemoryTransport.createLinkedPair();
  const about = { clock: systemClock, log, version: "1.2.3", conversation: "this-connection" };
  const door = { ...about, client: operations, documents: MCP_DOCUMENTS };
  opened.use(await serveMcp(door, there));
  return here;
}

export function overHttp(url: string): Transport {
  const headers = { authorization: `Bearer ${TOKEN}` };
  return new StreamableHTTPClientTransport(new URL("/mcp", url), { requestInit: { headers } });
}

/** Whoever sits behind the client, and is shown forms. */
export type Person = (form: ElicitRequestFormParams) => ElicitResult;

export async function connected(transport: Transport, opened: AsyncDisposableStack, person?: Person): Promise<Client> {
  const capabilities = person === undefined ? {} : { elicitation: { form: {} } };
  const client = new Client({ name: "test", version: "1.0.0" }, { capabilities });
  if (person !== undefined) {
    client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
      if (params.mode === "url") throw new Error("a form was expected");
      return person(params);
    });
  }
  await client.connect(transport);
  opened.defer(() => client.close());
  return client;
}

export async function answerOf(
  client: Client,
  { name, args }: { readonly name: string; readonly args: Record<string, unknown> },
  options: RequestOptions = {},
): Promise<Answer> {
  const result = await client.callTool({ name, arguments: args }, undefined, options);
  const [content] = z.array(z.object({ text: z.string() })).parse(result.content);
  if (result.isError === true) throw new Refusal(refusal.parse(JSON.parse(content?.text ?? "")).error);
  // The same twice: structured, and as text for clients that know no other.
  if (content?.text !== JSON.stringify(result["structuredContent"])) throw new Error("text and structure differ");
  return result.structuredContent as Answer;
}
