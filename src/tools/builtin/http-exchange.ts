// One GET with its redirects, bounded in every direction: where it goes, how often, how long, how much.
//
// H1. Every hop is judged anew, before it connects and as it connects (see address-guard.ts).
// H2. Headers of the plan follow a redirect within the same origin only: they may be credentials.
// H3. The size limit counts decoded bytes, so a small compressed answer cannot become a large one.
// H4. Nothing outlives the call: its connections belong to it and are destroyed with it.

import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import type { Readable } from "node:stream";
import type { Dispatcher } from "undici";
import { boundedText } from "../bounded-text.ts";
import { ToolFailure } from "../define.ts";
import type { ToolContext } from "../define.ts";
import { categoryOfStatus } from "../http-status.ts";
import { PUBLIC_ONLY, type AddressGuard } from "./address-guard.ts";
import { parseRetryAfter } from "./retry-after.ts";

export const MAX_BODY_BYTES = 8 * 1024 * 1024;
export const MAX_REDIRECTS = 5;

const CONNECT_TIMEOUT_MS = 10_000;
const SILENCE_TIMEOUT_MS = 60_000;
const MAX_HEADER_BYTES = 32 * 1024;
const EXCERPT_BYTES = 1024;

export interface HttpRequest {
  readonly url: string;
  /** Default: GET. Anything else follows no redirect: it would be sent twice, or to somebody else. */
  readonly method?: string;
  readonly body?: string | undefined;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly maxBytes: number;
}

export interface HttpAnswer {
  readonly status: number;
  /** Of the last hop. */
  readonly url: string;
  /** Lower-case names; repeated ones joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/**
 * An answer with a status below 400 that is no redirect. Fails by the status' category with `http-<status>` and
 * Retry-After, and with `private-address` (what `guard` does not allow), `bad-url`, `too-many-redirects`, `body-too-large`.
 */
export async function httpExchange(
  request: HttpRequest,
  context: ToolContext,
  guard: AddressGuard = PUBLIC_ONLY,
): Promise<HttpAnswer> {
  // Loaded when the first request is made: it costs more than all the rest of the start.
  const { Agent } = await import("undici");
  const dispatcher = new Agent({
    connect: { timeout: CONNECT_TIMEOUT_MS, ...(context.roots.allowPrivateNetwork ? {} : { lookup: guard.lookup }) },
    headersTimeout: SILENCE_TIMEOUT_MS,
    bodyTimeout: SILENCE_TIMEOUT_MS,
    maxHeaderSize: MAX_HEADER_BYTES,
  });
  try {
    return await follow(request, { dispatcher, guard }, context);
  } finally {
    await dispatcher.destroy();
  }
}

interface Way {
  readonly dispatcher: Dispatcher;
  readonly guard: AddressGuard;
}

async function follow(request: HttpRequest, { dispatcher, guard }: Way, context: ToolContext): Promise<HttpAnswer> {
  const judged = (next: URL): URL => {
    if (!context.roots.allowPrivateNetwork) guard.refuseHost(next.hostname);
    return next;
  };
  let url = judged(parseUrl(request.url));
  let headers = request.headers;
  for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
    const answer = await exchange({ ...request, url: url.href, headers }, dispatcher, context);
    const isFollowed = (request.method ?? "GET") === "GET" && REDIRECTS.has(answer.status);
    const location = isFollowed ? answer.headers["location"] : undefined;
    if (location === undefined) return succeeded(answer, request, context);
    const next = judged(parseUrl(location, url));
    if (next.origin !== url.origin) headers = {};
    url = next;
  }
  throw new ToolFailure("validation", `${request.url}: more than ${MAX_REDIRECTS} redirects`, {
    code: "too-many-redirects",
  });
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

function parseUrl(text: string, base?: URL): URL {
  const url = URL.parse(text, base?.href);
  if (url === null) throw badUrl(text, "is not a URL");
  if (url.protocol !== "http:" && url.protocol !== "https:") throw badUrl(text, "is neither http nor https");
  if (url.username !== "" || url.password !== "") throw badUrl(url.host, "has a user in its URL; use a header secret");
  return url;
}

async function exchange(request: HttpRequest, dispatcher: Dispatcher, context: ToolContext): Promise<HttpAnswer> {
  const { origin, pathname, search } = new URL(request.url);
  const answer = await dispatcher.request({
    origin,
    path: pathname + search,
    method: request.method ?? "GET",
    ...(request.body === undefined ? {} : { body: request.body }),
    headers: { "accept-encoding": "identity", "user-agent": "planwright", ...request.headers },
    signal: context.signal,
  });
  const headers = Object.fromEntries(
    Object.entries(answer.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(", ") : (value ?? ""),
    ]),
  );
  const body = await readBody(answer.body, headers["content-encoding"], request);
  return { status: answer.statusCode, url: request.url, headers, body };
}

async function readBody(raw: Readable, encoding: string | undefined, request: HttpRequest): Promise<Buffer> {
  const stream: AsyncIterable<Buffer> = decoded(raw, encoding ?? "identity", request.url);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.length;
    if (bytes > request.maxBytes) {
      const message = `${request.url}: the answer is over ${request.maxBytes} bytes`;
      throw new ToolFailure("resource-exhausted", message, { code: "body-too-large" });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes);
}

/** We ask for no encoding; some servers send one nevertheless. */
function decoded(raw: Readable, encoding: string, url: string): Readable {
  if (encoding === "identity" || encoding === "") return raw;
  const create = DECODERS.get(encoding);
  if (create === undefined) {
    raw.destroy();
    throw new ToolFailure("validation", `${url}: content encoding ${encoding} is not known`, { code: "bad-encoding" });
  }
  const decoder = create();
  raw.on("error", (error) => decoder.destroy(error));
  return raw.pipe(decoder);
}

const DECODERS = new Map<string, () => ReturnType<typeof createGunzip>>([
  ["gzip", createGunzip],
  ["x-gzip", createGunzip],
  ["deflate", createInflate],
  ["br", createBrotliDecompress],
]);

function succeeded(answer: HttpAnswer, { method = "GET" }: HttpRequest, context: ToolContext): HttpAnswer {
  const category = categoryOfStatus(answer.status);
  if (category === undefined) return answer;
  const retryAfterMs = parseRetryAfter(answer.headers["retry-after"], context.clock.now());
  const details = { status: answer.status, body: boundedText(answer.body.toString(), EXCERPT_BYTES) };
  const message = `${method} ${answer.url} answered ${answer.status}`;
  throw new ToolFailure(category, message, { code: `http-${answer.status}`, retryAfterMs, details });
}

function badUrl(text: string, rule: string): ToolFailure {
  return new ToolFailure("validation", `${boundedText(text, EXCERPT_BYTES)}: ${rule}`, { code: "bad-url" });
}
