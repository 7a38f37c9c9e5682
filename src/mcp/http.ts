import type { IncomingMessage, ServerResponse } from "node:http";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { isInitializeRequest } from "@modelcontextprotocol/sdk/types.js";
import { Fault } from "#events/fault.ts";
import type { JsonObject } from "#events/json.ts";
import type { Client } from "#src/api/client.ts";
import { serveMcp, type McpConnection } from "#src/mcp/server.ts";
import type { McpDoor } from "#src/mcp/session.ts";
import type { Random } from "#src/ports/random.ts";
import type { Timer } from "#src/ports/clock.ts";

// The protocol over HTTP ("streamable HTTP"), behind a door that has looked at who asks already: one session a client, which a
// client begins by `initialize` and names in each request.
//
// H1. A session is its principal's: to another one it does not exist.
// H2. There are at most MAX_SESSIONS; one that nobody uses gives way to a new one, and ends by itself after IDLE_MS.
// H3. When the door closes, sessions end and with them every open stream.

export interface McpExchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Principal. */
  readonly actor: string;
  /** Of a POST, read already. */
  readonly body: JsonObject | undefined;
  /** Aborted when the door closes. */
  readonly closing: AbortSignal;
}

export interface McpHttpOptions extends Omit<McpDoor, "client"> {
  /** What nobody guesses: a session is named by it. */
  readonly random: Random;
  readonly clientFor: (actor: string) => Promise<Client>;
}

/** Of a session's name. */
const ID_BYTES = 16;
const MAX_SESSIONS = 200;
const IDLE_MS = 60 * 60 * 1_000;

interface Session {
  readonly actor: string;
  readonly transport: StreamableHTTPServerTransport;
  readonly connection: McpConnection;
  /** Requests and streams under way. */
  open: number;
  idle: Timer | undefined;
}

export class McpOverHttp {
  private readonly options: McpHttpOptions;
  /** By id, the one that was used last at the end. */
  private readonly sessions = new Map<string, Session>();

  constructor(options: McpHttpOptions) {
    this.options = options;
  }

  /** Faults: `session-unknown`, `too-many-sessions`, `malformed-request`. */
  async handle(exchange: McpExchange): Promise<void> {
    const { random } = this.options;
    const { request, body } = exchange;
    const named = request.headers["mcp-session-id"];
    if (typeof named === "string") return this.go(named, this.sessionOf(named, exchange), exchange);
    if (request.method !== "POST" || !isInitializeRequest(body)) {
      throw new Fault("malformed-request", "name the session by Mcp-Session-Id, or begin one by `initialize`");
    }
    const id = Buffer.from(random.bytes(ID_BYTES)).toString("hex");
    return this.go(id, await this.begin(id, exchange), exchange);
  }

  private sessionOf(id: string, { actor }: McpExchange): Session {
    const session = this.sessions.get(id);
    if (session?.actor === actor) return session;
    throw new Fault("session-unknown", "there is no such session; begin another one by `initialize`");
  }

  private async go(id: string, session: Session, { request, response, body }: McpExchange): Promise<void> {
    this.sessions.delete(id);
    this.sessions.set(id, session);
    session.open++;
    session.idle?.[Symbol.dispose]();
    response.once("close", () => {
      session.open--;
      if (session.open === 0) this.endLater(session);
    });
    await session.transport.handleRequest(request, response, body);
  }

  private async begin(id: string, { actor, closing }: McpExchange): Promise<Session> {
    await this.makeRoom();
    const { clientFor, random, ...door } = this.options;
    const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: () => id });
    // Not the session's own name: who knows that one, speaks in it.
    const conversation = `mcp-${Buffer.from(random.bytes(ID_BYTES)).toString("hex")}`;
    const connection = await serveMcp({ ...door, conversation, client: await clientFor(actor) }, transport);
    const session: Session = { actor, transport, connection, open: 0, idle: undefined };
    const end = (): void => void connection[Symbol.asyncDispose]();
    closing.addEventListener("abort", end, { once: true });
    if (closing.aborted) end();
    connection.closed.addEventListener("abort", () => {
      closing.removeEventListener("abort", end);
      session.idle?.[Symbol.dispose]();
      this.sessions.delete(id);
    });
    return session;
  }

  /** H2. */
  private async makeRoom(): Promise<void> {
    if (this.sessions.size < MAX_SESSIONS) return;
    const unused = [...this.sessions.values()].find(({ open }) => open === 0);
    if (unused === undefined) {
      throw new Fault("too-many-sessions", `${MAX_SESSIONS} sessions are open already`, { retryable: true });
    }
    await unused.connection[Symbol.asyncDispose]();
  }

  private endLater(session: Session): void {
    const end = (): void => void session.connection[Symbol.asyncDispose]();
    session.idle = this.options.clock.after(IDLE_MS, end, { background: true });
  }
}
