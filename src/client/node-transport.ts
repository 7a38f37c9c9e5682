import type { Agent, AgentOptions, IncomingMessage, RequestOptions } from "node:http";
import process from "node:process";
import { text } from "node:stream/consumers";
import { Fault } from "#events/fault.ts";
import type { Endpoint } from "#src/client/endpoint.ts";
import type { Exchange, HttpAnswer, HttpTransport } from "#src/client/exchange.ts";

// One exchange with a process that serves the operations, over its local socket or over TCP.
//
// X1. What keeps an exchange from coming about is the fault `unreachable`: nothing else is retried without being asked.
//     Where no connection came about, its details say `unheard`: then nothing was done, and asking again is safe.
// X2. Over a local socket every question has its own connection, which costs next to nothing there: one that was kept
//     open can close under a question that is on its way, and nobody could say whether it was heard.

// An import of node:http evaluates all that it exports, its WebSocket among it: 30 ms that no command has to spare.
const http = process.getBuiltinModule("node:http");

/** Questions on their way at once; the others wait for their turn, so that a burst is no storm of connections. */
const MAX_QUESTIONS = 32;

export class NodeTransport implements HttpTransport {
  private readonly endpoint: Endpoint;
  private readonly isSecure: boolean;
  private readonly send: typeof http.request;
  private readonly agents: Readonly<Record<"questions" | "streams", Agent>>;

  constructor(endpoint: Endpoint) {
    this.endpoint = endpoint;
    this.isSecure = "url" in endpoint && endpoint.url.startsWith("https:");
    const protocol = this.isSecure ? process.getBuiltinModule("node:https") : http;
    const agent = (options: AgentOptions): Agent => new protocol.Agent(options);
    this.send = protocol.request;
    const questions = agent({ keepAlive: "url" in endpoint, maxSockets: MAX_QUESTIONS });
    this.agents = { questions, streams: agent({}) };
  }

  exchange({ method, path, body, headers = {}, signal, isStream = false }: Exchange): Promise<HttpAnswer> {
    const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>();
    const options: RequestOptions = {
      ...this.target(path),
      method,
      agent: isStream ? this.agents.streams : this.agents.questions,
      signal,
      headers: { ...this.credentials(), ...(body === undefined ? {} : contentHeaders(body)), ...headers },
    };
    const request = this.send(options, (answer) => resolve(this.answer(answer, signal)));
    request.on("error", (error) => reject(signal.aborted ? reasonOf(signal) : this.unreachable(error)));
    request.end(body);
    return promise;
  }

  unreachable(cause: unknown): Fault<"unreachable"> {
    const where = "socket" in this.endpoint ? this.endpoint.socket : this.endpoint.url;
    const why = cause instanceof Error ? cause.message : String(cause);
    const details = isUnheard(cause) ? { unheard: true } : {};
    return new Fault("unreachable", `nobody answers at ${where}: ${why}`, { retryable: true, details, cause });
  }

  [Symbol.dispose](): void {
    for (const agent of Object.values(this.agents)) agent.destroy();
  }

  private answer(message: IncomingMessage, signal: AbortSignal): HttpAnswer {
    return {
      status: message.statusCode ?? 0,
      contentType: message.headers["content-type"] ?? "",
      bytes: () => message,
      text: () =>
        text(message).catch((error: unknown) => {
          throw signal.aborted ? reasonOf(signal) : this.unreachable(error);
        }),
      close: () => void message.destroy(),
    };
  }

  private target(path: string): RequestOptions {
    if ("socket" in this.endpoint) return { socketPath: this.endpoint.socket, path, host: "localhost" };
    const { hostname, port } = new URL(this.endpoint.url);
    return { host: hostname.replace(/^\[|\]$/g, ""), path, ...(port === "" ? {} : { port }) };
  }

  private credentials(): Readonly<Record<string, string>> {
    if (!("url" in this.endpoint) || this.endpoint.token === undefined) return {};
    return { authorization: `Bearer ${this.endpoint.token}` };
  }
}

/** Whether there was not even a connection. */
function isUnheard(cause: unknown): boolean {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  return code === "ENOENT" || code === "ECONNREFUSED";
}

function contentHeaders(body: string): Readonly<Record<string, string>> {
  return { "content-type": "application/json", "content-length": String(Buffer.byteLength(body)) };
}

function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error("aborted");
}
