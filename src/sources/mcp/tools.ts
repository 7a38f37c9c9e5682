import type { Json } from "#events/json.ts";
import { parseDuration } from "#src/language/duration.ts";
import type { Connection } from "#src/sources/mcp/connection.ts";
import { CONTENT_SCHEMA, outputOf } from "#src/sources/mcp/content.ts";
import type { ListedTool } from "#src/sources/mcp/listing.ts";
import { toolNames } from "#src/sources/names.ts";
import { schemaTool, type Arguments } from "#src/sources/schema-tool.ts";
import { isSelected } from "#src/sources/selection.ts";
import type { McpServerSettings } from "#src/sources/settings.ts";
import { effectsOf } from "#src/sources/side-effects.ts";
import { ToolFailure, type Tool, type ToolContext } from "#src/tools/define.ts";
import { blotter } from "#src/tools/redaction.ts";

// The tools of an MCP server as tools that steps call. A call looks at what the tool is by then: one that was changed or removed since
// its plan was checked is not called.

export interface ServerTools {
  /** As messages name it: `mcp files`. */
  readonly source: string;
  readonly name: string;
  readonly version: string;
  readonly settings: McpServerSettings;
  /** A connection that is there, and what the tool is called and looks like by then. */
  readonly connected: (
    tool: string,
    signal: AbortSignal,
  ) => Promise<{ connection: Connection; tool: Tool | undefined }>;
}

/** By their names here. */
export function toolsOf(listed: readonly ListedTool[], server: ServerTools): ReadonlyMap<string, Tool> {
  const { name, settings } = server;
  const selected = listed.filter((tool) => isSelected(tool.name, settings));
  const names = toolNames(
    settings.prefix ?? name,
    selected.map((tool) => tool.name),
  );
  return new Map(
    selected.map((tool): [string, Tool] => {
      const ours = names.get(tool.name) ?? tool.name;
      return [ours, toolOf(tool, ours, server)];
    }),
  );
}

function toolOf(listed: ListedTool, name: string, server: ServerTools): Tool {
  const { source, settings, version } = server;
  const timeoutMs = settings.timeout === undefined ? undefined : parseDuration(settings.timeout);
  const tool = schemaTool({
    ...{ name, source, sourceVersion: version, theirName: listed.name, description: listed.description },
    inputSchema: listed.inputSchema,
    outputSchema: listed.outputSchema ?? CONTENT_SCHEMA,
    ...effectsOf(listed.name, listed.hints, settings),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    run: async (args, context) => {
      const { connection, tool: now } = await server.connected(name, context.signal);
      if (now?.accepts?.(tool.version) !== true) throw changed(name, source);
      return called(listed, args, { connection, context });
    },
  });
  return tool;
}

interface Call {
  readonly connection: Connection;
  readonly context: ToolContext;
}

/** No secret that the server was told comes back by what it says. */
async function called(listed: ListedTool, args: Arguments, { connection, context }: Call): Promise<Json> {
  const { text, json } = blotter(connection.secrets);
  const guarded: ToolContext = {
    ...context,
    log: (message) => context.log(text(message)),
    progress: ({ message, ...update }) =>
      context.progress(message === undefined ? update : { ...update, message: text(message) }),
  };
  try {
    const result = await connection.call(listed.name, args, guarded);
    return json(outputOf(result, listed.outputSchema !== undefined));
  } catch (error) {
    if (!(error instanceof ToolFailure)) throw error;
    const { category, code, message, isSilent } = error;
    throw new ToolFailure(category, text(message), { code, isSilent });
  }
}

function changed(name: string, source: string): ToolFailure {
  const message = `${name} is no longer what the plan was checked against: ${source} has changed or removed it`;
  return new ToolFailure("conflict", message, { code: "tool-changed" });
}
