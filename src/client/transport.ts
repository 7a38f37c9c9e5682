import { Agent, request as send, type IncomingMessage, type RequestOptions } from "node:http";
import { Agent as SecureAgent, request as sendSecurely } from "node:https";
import { Fault } from "#events/fault.ts";

// One exchange with a process that serves the operations, over its local socket or over TCP.
//
// X1. What keeps an exchange from coming about is the fault `unreachable`: nothing else is retried without being asked.

export interface SocketEndpoint {
  /** Path of a local socket. */
  readonly socket: string;
}

export interface UrlEndpoint {
  /** E.g. `http://127.0.0.1:4747`. */
  readonly url: string;
  readonly token?: string;
}

export type Endpoint = SocketEndpoint | UrlEndpoint;

export interface Exchange {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly body?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

export class Transport implements Disposable {
  private readonly endpoint: Endpoint;
  private readonly isSecure: boolean;
  private readonly agent: Agent;

  constructor(endpoint: Endpoint) {
    this.endpoint = endpoint;
    this.isSecure = "url" in endpoint && endpoint.url.startsWith("https:");
    this.agent = this.isSecure ? new SecureAgent({ keepAlive: true }) : new Agent({ keepAlive: true });
  }

  /** Resolves with the head of the answer; its body is the caller's. Fault: `unreachable`; or the signal's reason. */
  exchange({ method, path, body, headers = {}, signal }: Exchange): Promise<IncomingMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const options: RequestOptions = {
      ...this.target(path),
      method,
      agent: this.agent,
      signal,
      headers: { ...this.credentials(), ...(body === undefined ? {} : contentHeaders(body)), ...headers },
    };
    const request = this.isSecure ? sendSecurely(options, resolve) : send(options, resolve);
    request.on("error", (error) => reject(signal.aborted ? reasonOf(signal) : this.unreachable(error)));
    request.end(body);
    return promise;
  }

  /** The whole body as text. Faults as for `exchange`. */
  async text(answer: IncomingMessage, signal: AbortSignal): Promise<string> {
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
      return Buffer.concat(chunks).toString("utf8");
    } catch (error) {
      throw signal.aborted ? reasonOf(signal) : this.unreachable(error);
    }
  }

  unreachable(cause: unknown): Fault<"unreachable"> {
    const where = "socket" in this.endpoint ? this.endpoint.socket : this.endpoint.url;
    const why = cause instanceof Error ? cause.message : String(cause);
    return new Fault("unreachable", `nobody answers at ${where}: ${why}`, { retryable: true, cause });
  }

  [Symbol.dispose](): void {
    this.agent.destroy();
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

function contentHeaders(body: string): Readonly<Record<string, string>> {
  return { "content-type": "application/json", "content-length": String(Buffer.byteLength(body)) };
}

function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error("aborted");
}
