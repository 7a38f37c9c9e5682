import type { Client } from "#src/api/client.ts";
import type { Door, Guest } from "#src/http/door.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { packageVersion } from "#src/ports/system/package-version.ts";
import { systemRandom } from "#src/ports/system/random.ts";

// The door of the Model Context Protocol behind that of HTTP. It stands beside compose.ts, whose types are published: those of Node's own
// HTTP, which are here, are not asked of whoever uses them.

/** The Model Context Protocol for a door of HTTP; most of it is loaded when somebody asks for it. */
export function mcpGuest(door: Pick<Door, "app" | "anywhere" | "log">): Guest {
  let made: Promise<Guest> | undefined;
  const make = async (): Promise<Guest> => {
    const { McpOverHttp } = await import("#src/mcp/http.ts");
    const { MCP_DOCUMENTS: documents } = await import("#src/mcp-documents.ts");
    const { log } = door;
    const about = { clock: systemClock, random: systemRandom, version: packageVersion(), documents, log };
    return new McpOverHttp({ ...about, clientFor: (actor) => clientFor(door, actor) });
  };
  return { handle: async (exchange) => (await (made ??= make())).handle(exchange) };
}

/** Every operation in the name of a principal: of this process, or of whoever owns what is asked for. */
export async function clientFor({ app, anywhere }: Pick<Door, "app" | "anywhere">, actor: string): Promise<Client> {
  if (anywhere === undefined) {
    const { clientOf } = await import("#src/api/client.ts");
    return clientOf(app, actor);
  }
  const { calledClient } = await import("#src/client/called-client.ts");
  return calledClient({ calls: { call: (call, _to, signal) => anywhere(call, signal) }, actor, clock: systemClock });
}
