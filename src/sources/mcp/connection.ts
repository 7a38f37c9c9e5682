import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import {
  LoggingMessageNotificationSchema,
  ToolListChangedNotificationSchema,
  type Progress,
} from "@modelcontextprotocol/sdk/types.js";
import process from "node:process";
import type { Clock } from "#src/ports/clock.ts";
import type { Log } from "#src/ports/log.ts";
import { packageVersion } from "#src/ports/system/package-version.ts";
import { boundedFetch } from "#src/sources/mcp/bounded-fetch.ts";
import { ChildTransport } from "#src/sources/mcp/child-transport.ts";
import { callResult, type CallResult } from "#src/sources/mcp/content.ts";
import { failureOf, isAnswer, isEnd } from "#src/sources/mcp/failure.ts";
import { listTools, type Listing } from "#src/sources/mcp/listing.ts";
import { plainText } from "#src/sources/plain-text.ts";
import type { Arguments } from "#src/sources/schema-tool.ts";
import type { McpServerSettings } from "#src/sources/settings.ts";
import { toldValues } from "#src/sources/told-values.ts";
import { waited } from "#src/sources/waiting.ts";
import { childEnvironment } from "#src/tools/builtin/child-process.ts";
import { ToolFailure, type ToolContext } from "#src/tools/define.ts";

// One connection to one MCP server, from its greeting to its end; there is no second life.
//
// N1. This side offers nothing: no sampling, no roots, no questions to people. A server cannot ask for anything.
// N2. A call that was sent and not answered when the connection ends has failed silently: nobody knows what it did.
// N3. Whoever is told nothing over HTTP does not wait for ever: after an error of the transport the server is asked whether it is
//     there, and the connection ends where it is not.

/** Of the protocol's own timer, which is not to end a call: its attempt's timeout does. */
const NEVER_MS = 2 ** 31 - 1;
const PING_MS = 10_000;
const MAX_MESSAGE_CHARS = 1_000;
/** How long a server over HTTP may take to hear that its session ends. */
const GOODBYE_MS = 2_000;

export interface ConnectionOwner {
  readonly clock: Clock;
  readonly log: Log;
  readonly onListChanged: () => void;
  readonly onClosed: (reason: ToolFailure) => void;
}

export class Connection implements AsyncDisposable {
  /** Values that must not be seen. */
  readonly secrets: ReadonlySet<string>;
  private readonly client: Client;
  private readonly transport: ChildTransport | StreamableHTTPClientTransport;
  private readonly owner: ConnectionOwner;
  /** Of calls under way: they hear what the server logs. */
  private readonly listeners = new Set<ToolContext>();
  private reason: ToolFailure | undefined;
  private isPinged = false;
  private isClosed = false;

  /** Rejects with a ToolFailure, or the signal's reason; then nothing is left of it. */
  static async open(settings: McpServerSettings, owner: ConnectionOwner, limits: OpenLimits): Promise<Connection> {
    const connection = new Connection(settings, owner);
    try {
      await connection.greet(limits);
      return connection;
    } catch (error) {
      await connection[Symbol.asyncDispose]();
      limits.signal.throwIfAborted();
      throw connection.failure(error);
    }
  }

  private constructor(settings: McpServerSettings, owner: ConnectionOwner) {
    const { transport, secrets } = transportOf(settings, owner.clock, (error) => this.endBecause(error));
    this.transport = transport;
    this.secrets = secrets;
    this.owner = owner;
    this.client = new Client({ name: "planwright", version: packageVersion() }, { capabilities: {} });
    this.client.onclose = () => this.closed();
    this.client.onerror = (error) => this.troubled(error);
    this.client.setNotificationHandler(ToolListChangedNotificationSchema, () => owner.onListChanged());
    this.client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => this.heard(params.data));
  }

  /** What the server says its version is. */
  get version(): string {
    return this.client.getServerVersion()?.version ?? "";
  }

  /** Why it has ended; undefined while it has not. */
  get end(): ToolFailure | undefined {
    return this.reason;
  }

  list(limits: OpenLimits): Promise<Listing> {
    return this.asked(listTools(this.client, { signal: limits.signal, timeout: limits.timeoutMs }), limits.signal);
  }

  /** Rejects with a ToolFailure, silent where nobody knows what was done, or with the signal's reason. */
  async call(name: string, args: Arguments, context: ToolContext): Promise<CallResult> {
    const { signal, idempotencyKey } = context;
    this.listeners.add(context);
    try {
      return await this.client.request(
        { method: "tools/call", params: { name, arguments: args, _meta: { idempotencyKey } } },
        callResult,
        { signal, timeout: NEVER_MS, onprogress: (progress) => context.progress(updateOf(progress)) },
      );
    } catch (error) {
      signal.throwIfAborted();
      const failure = this.failure(error);
      if (isAnswer(error)) throw failure;
      const { category, message, code } = failure;
      throw new ToolFailure(category, message, { code, isSilent: true, cause: error });
    } finally {
      this.listeners.delete(context);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    await this.goodbye();
    await this.client.close().catch(() => undefined);
    // A client that never greeted does not know its transport any more.
    await this.transport.close();
  }

  private async greet({ signal, timeoutMs }: OpenLimits): Promise<void> {
    const greeting = this.client.connect(this.transport, { signal, timeout: timeoutMs });
    // The program may take as long to start as it may to answer.
    await waited(greeting, signal);
    if (this.client.getServerCapabilities()?.logging !== undefined) {
      await this.client.setLoggingLevel("info", { signal, timeout: timeoutMs }).catch(() => undefined);
    }
  }

  private async asked<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      signal.throwIfAborted();
      throw this.failure(error);
    }
  }

  /** That a connection has ended says less than why. */
  private failure(error: unknown): ToolFailure {
    const failure = failureOf(error);
    return isEnd(error) && this.reason !== undefined ? this.reason : failure;
  }

  /** A session over HTTP is the server's to keep until it hears that nobody needs it. */
  private async goodbye(): Promise<void> {
    if (!(this.transport instanceof StreamableHTTPClientTransport) || this.reason !== undefined) return;
    const late = Promise.withResolvers<undefined>();
    const timer = this.owner.clock.after(GOODBYE_MS, () => late.resolve(undefined));
    const ended = this.transport.terminateSession().catch(() => undefined);
    await Promise.race([ended, late.promise]);
    timer[Symbol.dispose]();
  }

  private heard(data: unknown): void {
    const text = plainText(typeof data === "string" ? data : JSON.stringify(data)).slice(0, MAX_MESSAGE_CHARS);
    for (const { log } of this.listeners) log(text);
    if (this.listeners.size === 0) this.owner.log.debug(text);
  }

  private endBecause(error: Error): void {
    this.reason ??= new ToolFailure("resource-exhausted", error.message, { code: "source-message-too-large" });
    void this.client.close().catch(() => undefined);
  }

  /** N3. */
  private troubled(error: Error): void {
    this.owner.log.debug("an MCP server", { error });
    if (this.transport instanceof ChildTransport || this.isPinged || this.isClosed || this.listeners.size === 0) return;
    this.isPinged = true;
    void this.client
      .ping({ timeout: PING_MS })
      .catch((cause: unknown) => {
        this.reason ??= failureOf(cause);
        void this.client.close().catch(() => undefined);
      })
      .finally(() => {
        this.isPinged = false;
      });
  }

  private closed(): void {
    const gone = new ToolFailure("unavailable", "the connection has ended", { code: "source-unavailable" });
    this.reason ??= (this.transport instanceof ChildTransport ? this.transport.reason : undefined) ?? gone;
    this.owner.onClosed(this.reason);
  }
}

export interface OpenLimits {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

interface OpenTransport {
  readonly transport: ChildTransport | StreamableHTTPClientTransport;
  readonly secrets: ReadonlySet<string>;
}

function transportOf(settings: McpServerSettings, clock: Clock, tell: (error: Error) => void): OpenTransport {
  const { command = "", args = [], cwd, env, url, headers } = settings;
  if (url === undefined) {
    const { values, secrets } = toldValues(env);
    const environment = { ...childEnvironment(process.env), ...values };
    return { transport: new ChildTransport({ command, args, cwd, environment }, clock), secrets };
  }
  const { values, secrets } = toldValues(headers);
  const transport = new StreamableHTTPClientTransport(new URL(url), {
    requestInit: { headers: values },
    fetch: boundedFetch(tell),
  });
  return { transport, secrets };
}

function updateOf({ progress, total, message }: Progress): { readonly percent?: number; readonly message?: string } {
  const share = total === undefined || total <= 0 ? undefined : (progress / total) * 100;
  return {
    ...(share === undefined ? {} : { percent: Math.min(100, Math.max(0, share)) }),
    ...(message === undefined ? {} : { message: plainText(message).slice(0, MAX_MESSAGE_CHARS) }),
  };
}
