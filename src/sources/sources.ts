import type { Clock } from "#src/ports/clock.ts";
import type { Log } from "#src/ports/log.ts";
import { McpServer } from "#src/sources/mcp/server.ts";
import { OpenApiService } from "#src/sources/openapi/service.ts";
import type { SourcesSettings } from "#src/sources/settings.ts";
import type { SourceProblem } from "#src/sources/source-problem.ts";
import type { ToolSource } from "#src/tools/registry.ts";

// All sources of tools that a configuration names, opened together.
//
// O1. A source that cannot be used is a problem that is told, and no reason to do without the others.
// O2. What was opened is closed by this: no program that was started for it stays.

/** Sources that are asked at once. */
const MAX_AT_ONCE = 8;

export interface SourcesOwner {
  readonly clock: Clock;
  readonly log: Log;
  /** Ends the waiting for sources. */
  readonly signal: AbortSignal;
}

export class OpenSources implements AsyncDisposable {
  /** In the order of the configuration. */
  readonly sources: readonly ToolSource[];
  private readonly servers: readonly McpServer[];
  private readonly services: readonly OpenApiService[];

  /** Resolves when each source is there, or when it is known why not. Rejects with the signal's reason. */
  static async open(settings: SourcesSettings, owner: SourcesOwner): Promise<OpenSources> {
    const sources = new OpenSources(settings, owner);
    try {
      const waiting = [...sources.services, ...sources.servers];
      const worker = async (): Promise<void> => {
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
          await next.open(owner.signal, owner.clock);
      };
      await Promise.all(Array.from({ length: MAX_AT_ONCE }, worker));
      return sources;
    } catch (error) {
      await sources[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor({ mcp, openapi = {} }: SourcesSettings, owner: SourcesOwner) {
    this.servers = Object.entries(mcp?.servers ?? {}).map(([name, server]) => new McpServer(name, server, owner));
    this.services = Object.entries(openapi).map(([name, service]) => new OpenApiService(name, service));
    this.sources = [...this.servers, ...this.services];
  }

  /** What is wrong now. */
  get problems(): readonly SourceProblem[] {
    return [...this.servers, ...this.services].flatMap(({ problems }) => problems);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.servers.map((server) => server[Symbol.asyncDispose]()));
  }
}
