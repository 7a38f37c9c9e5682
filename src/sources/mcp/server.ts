import { parseDuration } from "#src/language/duration.ts";
import { sleep, type Clock, type Timer } from "#src/ports/clock.ts";
import type { Log } from "#src/ports/log.ts";
import { Connection } from "#src/sources/mcp/connection.ts";
import { toolsOf } from "#src/sources/mcp/tools.ts";
import type { McpServerSettings } from "#src/sources/settings.ts";
import type { SourceProblem } from "#src/sources/source-problem.ts";
import { Deadline, waited } from "#src/sources/waiting.ts";
import { ToolFailure, type Tool } from "#src/tools/define.ts";
import type { Absence, ToolSource } from "#src/tools/registry.ts";

// One MCP server of the configuration, over as many connections as it takes: its tools as they are now.
//
// V1. A server that is away keeps its tools: a plan may wait for it. Only a list of its own takes one away.
// V2. It is connected again by itself, after a pause that doubles from FIRST_PAUSE_MS to MAX_PAUSE_MS while it does not stay; a call in
//     the pause fails with what is left of it.
// V3. Lists are read one at a time: what is announced meanwhile is read once more afterwards, after QUIET_MS.
// V4. A call waits for the list that is being read: what it would meet is decided there.

const FIRST_PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 60_000;
/** A connection that held so long was a good one. */
const STEADY_MS = 30_000;
const QUIET_MS = 250;
const DEFAULT_CONNECT_MS = 30_000;
/** Names of tools that were there before. */
const MAX_REMEMBERED = 10_000;

export interface ServerOwner {
  readonly clock: Clock;
  readonly log: Log;
}

export class McpServer implements ToolSource, AsyncDisposable {
  /** What is wrong with it now. */
  problems: readonly SourceProblem[] = [];
  private readonly name: string;
  private readonly source: string;
  private readonly settings: McpServerSettings;
  private readonly owner: ServerOwner;
  private readonly timeoutMs: number;
  private readonly ending = new AbortController();
  private tools: ReadonlyMap<string, Tool> = new Map();
  private readonly gone = new Set<string>();
  private connection: Connection | undefined;
  private connecting: Promise<Connection> | undefined;
  private listing: Promise<void> | undefined;
  private isStale = false;
  private away: ToolFailure | undefined;
  private failures = 0;
  private connectedAt = 0;
  private retryAt = 0;
  private retry: Timer | undefined;
  /** Those that are ending: closed with this. */
  private readonly closing = new Set<Promise<void>>();

  constructor(name: string, settings: McpServerSettings, owner: ServerOwner) {
    this.name = name;
    this.source = `mcp ${name}`;
    this.settings = settings;
    this.owner = owner;
    this.timeoutMs = parseDuration(settings.connectTimeout ?? "") ?? DEFAULT_CONNECT_MS;
  }

  /** Resolves when it is there, or when it is known why not. Rejects with the signal's reason only. */
  async open(signal: AbortSignal): Promise<void> {
    await waited(
      this.connected().catch(() => undefined),
      signal,
    );
  }

  get(name: string): Tool | undefined {
    return this.tools.get(name);
  }

  list(): readonly Tool[] {
    return [...this.tools.values()];
  }

  absence(name: string): Absence | undefined {
    if (this.gone.has(name)) {
      return { category: "conflict", code: "tool-changed", message: `${this.source} no longer has the tool ${name}` };
    }
    if (this.away === undefined || !name.startsWith(`${this.settings.prefix ?? this.name}.`)) return undefined;
    const message = `${name} would be a tool of ${this.source}, which cannot be used: ${this.away.message}`;
    return { category: "unavailable", code: "source-unavailable", message };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.ending.abort(new ToolFailure("cancelled", `${this.source} is not used any more`));
    this.retry?.[Symbol.dispose]();
    await this.connecting?.catch(() => undefined);
    if (this.connection !== undefined) this.close(this.connection);
    await Promise.all(this.closing);
  }

  /** V2. Rejects with a ToolFailure. */
  private connected(): Promise<Connection> {
    if (this.connection !== undefined) return Promise.resolve(this.connection);
    const leftMs = this.retryAt - this.owner.clock.monotonic();
    if (this.connecting === undefined && this.away !== undefined && leftMs > 0) {
      const { category, code, message } = this.away;
      const text = `${this.source} cannot be used: ${message}`;
      return Promise.reject(new ToolFailure(category, text, { code, retryAfterMs: Math.ceil(leftMs) }));
    }
    this.connecting ??= this.connect().finally(() => {
      this.connecting = undefined;
    });
    return this.connecting;
  }

  private async connect(): Promise<Connection> {
    this.retry?.[Symbol.dispose]();
    using late = new Deadline(this.timeoutMs, this.owner.clock, this.ending.signal);
    const limits = { signal: late.signal, timeoutMs: this.timeoutMs };
    let connection: Connection | undefined;
    try {
      connection = await Connection.open(
        this.settings,
        {
          ...this.owner,
          onListChanged: () => this.relist(),
          onClosed: (reason) => this.lost(connection, reason),
        },
        limits,
      );
      this.isStale = false;
      await this.read(connection, limits);
      if (connection.end !== undefined) throw connection.end;
    } catch (error) {
      if (connection !== undefined) this.close(connection);
      throw this.failed(asFailure(error));
    }
    this.connection = connection;
    this.connectedAt = this.owner.clock.monotonic();
    this.away = undefined;
    if (this.hasChanged()) this.relist();
    return connection;
  }

  private async read(connection: Connection, limits: { signal: AbortSignal; timeoutMs: number }): Promise<void> {
    const { tools, flaws } = await connection.list(limits);
    const { name, source, settings } = this;
    const before = this.tools;
    this.tools = toolsOf(tools, { ...{ name, source, settings, version: connection.version }, connected: this.reach });
    for (const gone of before.keys()) if (this.gone.size < MAX_REMEMBERED) this.gone.add(gone);
    for (const present of this.tools.keys()) this.gone.delete(present);
    this.problems = flaws.map((flaw) => ({ source, code: "source-tool-unusable", message: `${source}: ${flaw}` }));
  }

  /** V4. */
  private readonly reach = async (name: string, signal: AbortSignal) => {
    const connection = await waited(this.connected(), signal);
    if (this.listing !== undefined) await waited(this.listing, signal);
    return { connection, tool: this.tools.get(name) };
  };

  /** V3. */
  private relist(): void {
    this.isStale = true;
    this.listing ??= this.readAgain().finally(() => {
      this.listing = undefined;
    });
  }

  private async readAgain(): Promise<void> {
    const { clock, log } = this.owner;
    while (this.isStale && !this.ending.signal.aborted) {
      const connection = this.connection;
      if (connection === undefined) return;
      using late = new Deadline(this.timeoutMs, clock, this.ending.signal);
      this.isStale = false;
      try {
        await this.read(connection, { signal: late.signal, timeoutMs: this.timeoutMs });
      } catch (error) {
        log.warn("the tools of an MCP server cannot be read again; the last ones are used", {
          error,
          server: this.name,
        });
        return;
      }
      if (this.hasChanged()) await sleep(clock, QUIET_MS, this.ending.signal).catch(() => undefined);
    }
  }

  /** Meanwhile: by what was announced while a list was read. */
  private hasChanged(): boolean {
    return this.isStale;
  }

  /** V2. */
  private failed(failure: ToolFailure): ToolFailure {
    const { clock } = this.owner;
    this.away = failure;
    this.failures += 1;
    const pauseMs = Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (this.failures - 1));
    this.retryAt = clock.monotonic() + pauseMs;
    const message = `${this.source} cannot be used: ${failure.message}`;
    this.problems = [{ source: this.source, code: failure.code, message }];
    if (this.ending.signal.aborted) return failure;
    this.retry?.[Symbol.dispose]();
    this.retry = clock.after(pauseMs, () => void this.connected().catch(() => undefined), { background: true });
    const { category, code, isSilent } = failure;
    return new ToolFailure(category, message, { code, isSilent });
  }

  private lost(connection: Connection | undefined, reason: ToolFailure): void {
    if (connection === undefined || this.connection !== connection) return;
    this.connection = undefined;
    this.close(connection);
    if (this.ending.signal.aborted) return;
    if (this.owner.clock.monotonic() - this.connectedAt >= STEADY_MS) this.failures = 0;
    this.owner.log.warn("an MCP server is away", { server: this.name, error: reason });
    this.failed(reason);
  }

  private close(connection: Connection): void {
    if (this.connection === connection) this.connection = undefined;
    const closed = connection[Symbol.asyncDispose]();
    this.closing.add(closed);
    void closed.finally(() => this.closing.delete(closed));
  }
}

function asFailure(error: unknown): ToolFailure {
  if (error instanceof ToolFailure) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new ToolFailure("unavailable", message, { code: "source-unavailable", cause: error });
}
