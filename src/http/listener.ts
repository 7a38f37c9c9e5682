import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { Fault } from "#events/fault.ts";
import { isJsonObject, json, type JsonObject } from "#events/json.ts";
import { allOperations, parseInput } from "#src/api/client.ts";
import type { Caller } from "#src/api/caller.ts";
import type { AnyCallOperation, AnyOperation, AnyStreamOperation, MediaType } from "#src/api/operations/operation.ts";
import { acceptedFormat, documentOf } from "#src/http/documents.ts";
import { readBody } from "#src/http/body.ts";
import type { Door } from "#src/http/door.ts";
import { sendEvents } from "#src/http/event-stream.ts";
import { openApi } from "#src/http/open-api.ts";
import { problemOf, PROBLEM_MEDIA_TYPE } from "#src/http/problem.ts";
import { inputOfQuery, Routes } from "#src/http/routes.ts";
import { answerOf } from "#src/ports/calls.ts";
import type { Clock } from "#src/ports/clock.ts";

// Requests in, answers of the table's operations out. The same for TCP and for the local socket.
//
// L1. A client that goes away aborts what only it waits for. What it has asked of a plan stays asked.
// L2. Every refusal is a problem document, whatever refused it.

/** After an early answer the rest of a body is thrown away for so long; then the connection is cut. */
const LINGER_MS = 1_000;

const DOCUMENT = "/openapi.json";
const MCP = "/mcp";

export function listener(door: Door): RequestListener {
  const routes = new Routes(allOperations());
  return (request, response) => {
    void answer(request, response, { door, routes });
  };
}

interface Around {
  readonly door: Door;
  readonly routes: Routes;
}

async function answer(request: IncomingMessage, response: ServerResponse, around: Around): Promise<void> {
  const { door } = around;
  const gone = new AbortController();
  response.on("close", () => gone.abort(new Fault("stopping", "the client went away")));
  response.on("error", (error) => door.log.debug("an answer was not taken", { error }));
  // A connection that stays open would keep a door from closing.
  const onClosing = (): void => (response.headersSent ? undefined : void response.setHeader("connection", "close"));
  door.closing.addEventListener("abort", onClosing, { once: true });
  response.on("close", () => door.closing.removeEventListener("abort", onClosing));
  try {
    await operate({ request, response, gone: gone.signal }, around);
  } catch (error) {
    if (!(error instanceof Fault)) door.log.error("a request failed", { error, url: request.url });
    refuse(response, error);
  }
  cutOff(request, door.clock);
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly gone: AbortSignal;
}

async function operate({ request, response, gone }: Exchange, { door, routes }: Around): Promise<void> {
  if (request.headers.host === undefined && request.httpVersion === "1.1") {
    throw new Fault("malformed-request", "a request of HTTP/1.1 names its host");
  }
  const actor = door.guard.admit(request);
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://planwright");
  if (await isServedApart(pathname, { request, response, actor, door })) return;
  const { operation, path, name } = routes.find(request.method ?? "GET", pathname);
  const query =
    request.method === "GET"
      ? { ...acceptedFormat(request, operation), ...inputOfQuery(operation, searchParams) }
      : undefined;
  const given = query ?? (await readBody(request));
  const input = parseInput(operation, { ...given, ...resumed(request, operation), ...path });
  const asked = { name, input, actor };
  if (operation.kind !== "stream") {
    const result = await answerTo(operation, { ...asked, signal: AbortSignal.any([gone, door.closing]) }, door);
    sendAnswer(response, result, documentOf(request, operation, input));
    return;
  }
  const messages = await messagesOf(operation, { ...asked, signal: gone }, door);
  const event = operation.over === "reading" ? "fact" : "live";
  await sendEvents(response, messages, { event, ...door });
}

interface Visit extends Pick<Exchange, "request" | "response"> {
  readonly actor: string;
  readonly door: Door;
}

/** What is no operation: the document about them, and a guest of the door. */
async function isServedApart(pathname: string, { request, response, actor, door }: Visit): Promise<boolean> {
  if (request.method === "GET" && pathname === DOCUMENT) {
    send(response, openApi());
    return true;
  }
  if (pathname !== MCP || door.mcp === undefined) return false;
  const body = request.method === "POST" ? await readBody(request) : undefined;
  await door.mcp.handle({ request, response, actor, body, closing: door.closing });
  return true;
}

interface Asked extends Caller {
  readonly name: string;
  readonly input: unknown;
}

function answerTo(operation: AnyCallOperation, { name, input, ...caller }: Asked, door: Door): Promise<unknown> {
  if (door.anywhere === undefined) return operation.run(door.app, input, caller);
  return answerOf(door.anywhere({ operation: name, input: json.parse(input), actor: caller.actor }, caller.signal));
}

async function messagesOf(operation: AnyStreamOperation, { name, input, ...caller }: Asked, door: Door) {
  if (door.anywhere === undefined) return operation.run(door.app, input, caller);
  return door.anywhere({ operation: name, input: json.parse(input), actor: caller.actor }, caller.signal);
}

/** Where a client that comes back left off. */
function resumed({ headers }: IncomingMessage, operation: AnyOperation): JsonObject {
  const last = headers["last-event-id"];
  if (typeof last !== "string" || last === "" || !("after" in operation.input.shape)) return {};
  return operation.kind === "stream" ? { after: Number(last) } : {};
}

function refuse(response: ServerResponse, error: unknown): void {
  const problem = problemOf(error);
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  if (problem.status === 401) response.setHeader("www-authenticate", "Bearer");
  const { allowed } = problem.details ?? {};
  if (Array.isArray(allowed)) response.setHeader("allow", allowed.join(", "));
  send(response, problem, { status: problem.status, type: PROBLEM_MEDIA_TYPE });
}

/** As a document where the request asked for one. */
function sendAnswer(response: ServerResponse, result: unknown, document: MediaType | undefined): void {
  const text = document !== undefined && isJsonObject(result) ? result["text"] : undefined;
  if (document === undefined || typeof text !== "string") {
    send(response, result);
    return;
  }
  if (document.policy !== undefined) response.setHeader("content-security-policy", document.policy);
  response.setHeader("x-content-type-options", "nosniff");
  sendBytes(response, Buffer.from(text), { status: 200, type: document.type });
}

const OK = { status: 200, type: "application/json" };

function send(response: ServerResponse, value: unknown, { status, type } = OK): void {
  sendBytes(response, Buffer.from(JSON.stringify(value)), { status, type });
}

function sendBytes(response: ServerResponse, bytes: Buffer, { status, type }: typeof OK): void {
  if (response.destroyed) return;
  response.writeHead(status, { "content-type": type, "content-length": bytes.length, "cache-control": "no-store" });
  response.end(bytes);
}

/** Lets a client that still sends read the answer, and no longer. */
function cutOff(request: IncomingMessage, clock: Clock): void {
  if (request.complete || request.destroyed) return;
  request.resume();
  const timer = clock.after(LINGER_MS, () => request.destroy(), { background: true });
  request.once("close", () => timer[Symbol.dispose]());
}
