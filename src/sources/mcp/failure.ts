import { StreamableHTTPError } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { ErrorCode, McpError } from "@modelcontextprotocol/sdk/types.js";
import type { ErrorCategory } from "#events/errors.ts";
import { boundedText } from "#src/tools/bounded-text.ts";
import { categorize } from "#src/tools/categorize.ts";
import { ToolFailure } from "#src/tools/define.ts";
import { categoryOfStatus } from "#src/tools/http-status.ts";

// What went wrong with a server, by the categories that retry policies are written in. Only what the server itself has answered says
// that the work failed; everything else leaves open what it did.

const MAX_MESSAGE_BYTES = 4_096;

const CLOSED: number = ErrorCode.ConnectionClosed;
const TIMED_OUT: number = ErrorCode.RequestTimeout;
const RESOURCE_NOT_FOUND = -32_002;

const CATEGORIES: ReadonlyMap<number, ErrorCategory> = new Map<number, ErrorCategory>([
  [ErrorCode.ConnectionClosed, "unavailable"],
  [ErrorCode.RequestTimeout, "timeout"],
  [RESOURCE_NOT_FOUND, "not-found"],
  [ErrorCode.MethodNotFound, "not-found"],
  [ErrorCode.InvalidParams, "validation"],
  [ErrorCode.InvalidRequest, "validation"],
  [ErrorCode.ParseError, "validation"],
  [ErrorCode.InternalError, "internal"],
]);

/** Whether the other side has answered: an error that only this side knows of says nothing about what it did. */
export function isAnswer(error: unknown): boolean {
  return error instanceof McpError && !isEnd(error) && error.code !== TIMED_OUT;
}

/** Whether it says no more than that the connection has ended. */
export function isEnd(error: unknown): boolean {
  return error instanceof McpError && error.code === CLOSED;
}

export function failureOf(error: unknown): ToolFailure {
  if (error instanceof ToolFailure) return error;
  if (error instanceof McpError) {
    const category = CATEGORIES.get(error.code) ?? "unknown";
    const code = isEnd(error) ? "source-unavailable" : "mcp-error";
    const message = boundedText(error.message, MAX_MESSAGE_BYTES);
    return new ToolFailure(category, message, { code, details: { rpcCode: error.code }, cause: error });
  }
  if (error instanceof StreamableHTTPError) {
    const category = categoryOfStatus(error.code) ?? "unavailable";
    return new ToolFailure(category, boundedText(error.message, MAX_MESSAGE_BYTES), {
      code: codeOf(error),
      cause: error,
    });
  }
  const { category, message } = categorize(error);
  const known = category === "unknown" ? "unavailable" : category;
  return new ToolFailure(known, message, { code: "source-unavailable", cause: error });
}

function codeOf({ code }: StreamableHTTPError): string {
  return code === undefined || code < 400 ? "source-unavailable" : `http-${code}`;
}
