import type { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import type { Client } from "#src/api/client.ts";
import type { CallBounds } from "#src/mcp/call-bounds.ts";
import type { McpDocument } from "#src/mcp/documents.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { Log } from "#src/ports/log.ts";

export interface McpDoor {
  /** Every operation, in the name of whoever speaks here. */
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Log;
  readonly version: string;
  /** Name of what is asked over this connection, where the client names no session. Default: each request stands alone. */
  readonly conversation?: string;
  /** What agents read about Planwright itself. */
  readonly documents: readonly McpDocument[];
}

/** What the parts of a server share. */
export interface McpSession extends McpDoor {
  readonly server: McpServer["server"];
  readonly bounds: CallBounds;
  /** Aborted when the connection ends. */
  readonly closed: AbortSignal;
}
