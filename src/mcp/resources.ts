import {
  ErrorCode,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  McpError,
  ReadResourceRequestSchema,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
  type Resource,
} from "@modelcontextprotocol/sdk/types.js";
import { json, isJsonObject } from "#events/json.ts";
import { bounded, fitting, MAX_RESOURCE_CHARS } from "#src/mcp/bounded.ts";
import { failureText, isFault } from "#src/mcp/failure.ts";
import { reported } from "#src/mcp/plan-report.ts";
import {
  addressOf,
  HISTORY_TEMPLATE,
  PLAN_TEMPLATE,
  planUri,
  type ResourceAddress,
} from "#src/mcp/resource-address.ts";
import type { McpDocument } from "#src/mcp/documents.ts";
import type { McpSession } from "#src/mcp/session.ts";
import { Subscriptions } from "#src/mcp/subscriptions.ts";

// Plans as resources: what a client puts before a person or a model without calling a tool, and hears of when it changes.
//
// R1. A list has pages: the documents and the newest plans first, then older ones.
// R2. What is read has much room, and still a bound.

const PLANS_PER_PAGE = 50;
const FACTS_PER_READ = 1_000;
/** As the protocol says it. */
const RESOURCE_NOT_FOUND = -32_002;

const JSON_TYPE = "application/json";

export function serveResources(session: McpSession): void {
  const { server } = session;
  const subscriptions = new Subscriptions(session);
  server.setRequestHandler(ListResourcesRequestSchema, ({ params }) =>
    answered(session, () => listed(session, params?.cursor)),
  );
  server.setRequestHandler(ListResourceTemplatesRequestSchema, () => ({ resourceTemplates: TEMPLATES }));
  server.setRequestHandler(ReadResourceRequestSchema, ({ params: { uri } }, { signal }) =>
    answered(session, () => contentsOf(uri, session, AbortSignal.any([signal, session.closed]))),
  );
  server.setRequestHandler(SubscribeRequestSchema, ({ params: { uri } }) =>
    answered(session, async () => {
      await subscriptions.add(uri, known(uri));
      return {};
    }),
  );
  server.setRequestHandler(UnsubscribeRequestSchema, ({ params: { uri } }) => {
    subscriptions.remove(uri);
    return {};
  });
}

const TEMPLATES = [
  {
    name: "plan",
    title: "A plan",
    uriTemplate: PLAN_TEMPLATE,
    mimeType: JSON_TYPE,
    description: "How far a plan is, what it waits for, its outputs; subscribe to hear of changes.",
  },
  {
    name: "plan-history",
    title: "The history of a plan",
    uriTemplate: HISTORY_TEMPLATE,
    mimeType: JSON_TYPE,
    description: `The facts of a plan in order, at most ${FACTS_PER_READ} from a revision on; \`next\` is where to go on.`,
  },
];

async function listed({ client, documents, closed }: McpSession, cursor: string | undefined) {
  const page = { limit: PLANS_PER_PAGE, ...(cursor === undefined ? {} : { cursor }) };
  const { plans, next } = await client.list(page, { signal: closed });
  const own = cursor === undefined ? documents.map(asResource) : [];
  const resources = plans.map(({ plan, name, status }): Resource => ({
    ...{ uri: planUri(plan), name: plan, title: `${name} (${status})`, mimeType: JSON_TYPE },
  }));
  return { resources: [...own, ...resources], ...(next === undefined ? {} : { nextCursor: next }) };
}

function asResource({ uri, name, title, description, mimeType }: McpDocument): Resource {
  return { uri, name, title, description, mimeType };
}

async function contentsOf(uri: string, session: McpSession, signal: AbortSignal) {
  const document = session.documents.find((one) => one.uri === uri);
  if (document !== undefined) {
    return { contents: [{ uri, mimeType: document.mimeType, text: await document.read() }] };
  }
  const read = json.parse(JSON.parse(JSON.stringify(await planContent(known(uri), session, signal))));
  const whole = isJsonObject(read) ? read : {};
  const text = JSON.stringify(bounded(whole, { chars: MAX_RESOURCE_CHARS, rest: "too large to be shown here" }));
  return { contents: [{ uri, mimeType: JSON_TYPE, text }] };
}

async function planContent(address: ResourceAddress, { client }: McpSession, signal: AbortSignal): Promise<unknown> {
  const { plan } = address;
  if (address.kind === "plan") return reported(await client.get({ plan }, { signal }), client, signal);
  const { from } = address;
  const { facts, next, ...rest } = await client.history({ plan, from, limit: FACTS_PER_READ }, { signal });
  const fits = fitting(facts, MAX_RESOURCE_CHARS / 2);
  const after = fits < facts.length ? from + fits : next;
  return { ...rest, facts: facts.slice(0, fits), ...(after === undefined ? {} : { next: after }) };
}

function known(uri: string): ResourceAddress {
  const address = addressOf(uri);
  if (address !== undefined) return address;
  throw new McpError(RESOURCE_NOT_FOUND, "there is no such resource", { uri });
}

/** A refusal is an error of the protocol here: resources have no other. */
async function answered<T>({ bounds, log }: McpSession, answer: () => Promise<T>): Promise<T> {
  try {
    return await bounds.call(answer);
  } catch (error) {
    if (error instanceof McpError) throw error;
    if (!isFault(error)) log.error("a request over MCP failed", { error });
    const code = isFault(error) && error.code === "plan-unknown" ? RESOURCE_NOT_FOUND : ErrorCode.InternalError;
    throw new McpError(code, failureText(error));
  }
}
