import type { CallToolResult } from "@modelcontextprotocol/sdk/types.js";
import { Fault } from "#events/fault.ts";
import { json, type JsonObject } from "#events/json.ts";
import { nextAfter } from "#src/mcp/advice.ts";
import { bounded, cutText } from "#src/mcp/bounded.ts";
import type { Log } from "#src/ports/log.ts";

// What went wrong, for an agent: what, its stable code, what to do next.
//
// Q1. Of a defect nothing but that it is one goes out: its text may tell what is nobody's business.

const MAX_MESSAGE_CHARS = 2_000;
/** Of what a code has to say beyond its message, e.g. the findings about a plan. */
const MAX_DETAILS_CHARS = 20_000;

export function failureResult(error: unknown, log: Log): CallToolResult {
  if (!isFault(error)) log.error("a call over MCP failed", { error });
  return { isError: true, content: [{ type: "text", text: JSON.stringify({ error: failureOf(error) }) }] };
}

/** One line, for the places of the protocol that have no room for more. */
export function failureText(error: unknown): string {
  const { code, message } = isFault(error) ? error : DEFECT;
  return cutText(`${code}: ${message}`, MAX_MESSAGE_CHARS);
}

const DEFECT = { code: "defect", message: "a defect of Planwright; its log says more", retryable: false, details: {} };

function failureOf(error: unknown): JsonObject {
  const { code, message, retryable, details } = isFault(error) ? error : DEFECT;
  const next = nextAfter(code);
  return {
    ...{ code, message: cutText(message, MAX_MESSAGE_CHARS), retryable },
    ...(next === undefined ? {} : { next }),
    ...(Object.keys(details).length === 0 ? {} : { details: detailsOf(details) }),
  };
}

function detailsOf(details: Fault["details"]): JsonObject {
  const { data = {} } = bounded(
    { data: json.parse(details) },
    { chars: MAX_DETAILS_CHARS, rest: "what was asked again, for less at once" },
  );
  return { ...Object.fromEntries(Object.entries(data ?? {})) };
}

/** `instanceof` alone leaves the code's type open. */
export function isFault(error: unknown): error is Fault {
  return error instanceof Fault;
}
