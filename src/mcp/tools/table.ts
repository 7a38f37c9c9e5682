import type { McpTool } from "#src/mcp/tool.ts";
import { askingTools } from "#src/mcp/tools/asking.ts";
import { decidingTools } from "#src/mcp/tools/deciding.ts";
import { lookingTools } from "#src/mcp/tools/looking.ts";
import { submittingTools } from "#src/mcp/tools/submitting.ts";

/** Every tool of the server, in the order in which it lists them. */
export const MCP_TOOLS: readonly McpTool[] = [...askingTools, ...submittingTools, ...lookingTools, ...decidingTools];
