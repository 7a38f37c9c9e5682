import {
  CallToolRequestSchema,
  ErrorCode,
  ListToolsRequestSchema,
  McpError,
  type CallToolResult,
  type ServerNotification,
  type Tool,
} from "@modelcontextprotocol/sdk/types.js";
import { z } from "zod";
import { json, isJsonObject, type JsonObject } from "#events/json.ts";
import { Fault } from "#events/fault.ts";
import { parseInput } from "#src/api/client.ts";
import { bounded, MAX_RESULT_CHARS } from "#src/mcp/bounded.ts";
import { personBehind, type AskPerson } from "#src/mcp/elicitation.ts";
import { failureResult } from "#src/mcp/failure.ts";
import type { TellProgress } from "#src/mcp/progress.ts";
import type { McpSession } from "#src/mcp/session.ts";
import type { McpTool } from "#src/mcp/tool.ts";
import { MCP_TOOLS } from "#src/mcp/tools/table.ts";

// `tools/list` and `tools/call`: the table of tools as the protocol shows it.
//
// C1. An argument that does not fit is a refusal that an agent can read and mend, not an error of the protocol; a tool that does
//     not exist is one.
// C2. A result is given twice: as structured content that fits the tool's schema, and as the same in text for clients that know
//     no other.
// C3. Every client gives every schema to every model: they say what there is to know, once.

/** A result that is longer although its values were cut has too many parts. */
const MAX_PARTS_CHARS = 2 * MAX_RESULT_CHARS;

const BY_NAME: ReadonlyMap<string, McpTool> = new Map(MCP_TOOLS.map((tool) => [tool.name, tool]));

export function serveTools(session: McpSession): void {
  const { server } = session;
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: [...listed()] }));
  server.setRequestHandler(
    CallToolRequestSchema,
    async ({ params }, { signal, _meta, requestId, sendNotification }) => {
      const { name, arguments: given = {} } = params;
      const tool = BY_NAME.get(name);
      if (tool === undefined) throw new McpError(ErrorCode.InvalidParams, `there is no tool ${JSON.stringify(name)}`);
      const until = AbortSignal.any([signal, session.closed]);
      const tell = tellerOf(_meta?.progressToken, sendNotification);
      const person = personBehind(session, { id: requestId, signal: until });
      const result = await called(tool, { given, signal: until, tell, person }, session);
      if (signal.aborted) await sayThatPlansGoOn(name, session);
      return result;
    },
  );
}

interface Called {
  readonly given: unknown;
  readonly signal: AbortSignal;
  readonly tell: TellProgress | undefined;
  readonly person: AskPerson | undefined;
}

async function called(tool: McpTool, { given, ...around }: Called, session: McpSession): Promise<CallToolResult> {
  const { client, clock, bounds, log, conversation } = session;
  try {
    const waits = <T>(work: () => Promise<T>): Promise<T> => bounds.wait(work);
    const call = { ...around, client, clock, conversation, waits };
    return resultOf(await bounds.call(async () => tool.run(parseInput(tool, given), call)));
  } catch (error) {
    return failureResult(error, log);
  }
}

function resultOf(result: unknown): CallToolResult {
  // In this process a member may be there without a value.
  const whole = json.parse(JSON.parse(JSON.stringify(result)));
  if (!isJsonObject(whole)) throw new Error("a tool gives an object, as its schema says");
  const structuredContent = bounded(whole, { chars: MAX_RESULT_CHARS, rest: restOf(whole) });
  const text = JSON.stringify(structuredContent);
  if (text.length > MAX_PARTS_CHARS) {
    throw new Fault(
      "result-too-large",
      `the result has ${text.length} characters, over the limit of ${MAX_PARTS_CHARS}`,
    );
  }
  return { structuredContent, content: [{ type: "text", text }] };
}

/** Where all of a value is that was cut. */
function restOf({ plan, facts }: JsonObject): string {
  if (typeof plan !== "string") return "too large to be shown here";
  const what = facts === undefined ? "" : "/history";
  return `read the resource planwright://plans/${plan}${what}, which has more room`;
}

function tellerOf(
  progressToken: string | number | undefined,
  send: (notification: ServerNotification) => Promise<void>,
): TellProgress | undefined {
  if (progressToken === undefined) return undefined;
  return ({ progress, message }) =>
    send({ method: "notifications/progress", params: { progressToken, progress, total: 100, message } });
}

/** The protocol gives no answer to a call that was taken back; a client that shows messages of the server shows this one. */
async function sayThatPlansGoOn(name: string, { server, closed }: McpSession): Promise<void> {
  if (closed.aborted) return;
  const data = `${name} was taken back: that ends the waiting, and nothing that was asked of a plan; plan_cancel cancels one`;
  await server.sendLoggingMessage({ level: "info", logger: "planwright", data });
}

let tools: readonly Tool[] | undefined;

function listed(): readonly Tool[] {
  tools ??= MCP_TOOLS.map(described);
  return tools;
}

function described({ name, title, description, effect, isIdempotent = false, input, output }: McpTool): Tool {
  const isReadOnly = effect === "looks";
  return {
    ...{ name, title, description },
    inputSchema: { type: "object", ...schemaOf(input, "input") },
    outputSchema: { type: "object", ...schemaOf(output, "output") },
    annotations: {
      title,
      readOnlyHint: isReadOnly,
      destructiveHint: effect === "decides",
      idempotentHint: isReadOnly || isIdempotent,
      // What the tools of plans reach, the server does not know.
      openWorldHint: !isReadOnly,
    },
  };
}

/** JSON Schema 2020-12, as the protocol has it where no dialect is named; it holds nothing that an earlier one reads differently. */
function schemaOf(schema: z.ZodType, io: "input" | "output"): JsonObject {
  const { $schema: _dialect, type: _type, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  const made = json.parse(JSON.parse(JSON.stringify(rest, shorter)));
  return isJsonObject(made) ? made : {};
}

/** C3: that an integer is one, and that a list is not written to, says nothing to whoever reads it. */
function shorter(name: string, value: unknown): unknown {
  const isIdle = IDLE.some(([word, idle]) => word === name && idle === value);
  return isIdle ? undefined : value;
}

const IDLE: readonly (readonly [string, unknown])[] = [
  ["minimum", Number.MIN_SAFE_INTEGER],
  ["maximum", Number.MAX_SAFE_INTEGER],
  ["readOnly", true],
];
