// One attempt of one tool, from arguments that nobody trusts to an output that may become a fact. Time is not its
// business: timeouts, and giving up on a tool that never returns, belong to the executor.
//
// R1. Never rejects: whatever happens inside a tool is a value.
// R2. `output` is plain JSON of the output schema's shape, at most MAX_OUTPUT_BYTES, shared with nobody.
// R3. No value of a secret that the tool asked for leaves in output or error (see redaction.ts for the reach of that).

import type { z } from "zod";
import { errorOf } from "#events/errors.ts";
import type { ErrorCategory, ErrorInfo } from "#events/errors.ts";
import { isJsonObject } from "#events/json.ts";
import type { Json } from "#events/json.ts";
import { boundedText } from "./bounded-text.ts";
import { categorize, MAX_MESSAGE_BYTES } from "./categorize.ts";
import { ToolFailure, type Tool, type ToolContext } from "./define.ts";
import { placeOf, toJsonOutput } from "./json-output.ts";
import { guardSecrets } from "./redaction.ts";

export type ToolOutcome =
  | { readonly ok: true; readonly output: Json; readonly bytes: number }
  | {
      readonly ok: false;
      readonly error: ErrorInfo;
      /** The tool had begun and did not answer: what ran it is gone. */
      readonly isSilent?: boolean;
    };

const MAX_ISSUES = 10;

/** `bytes` is the length of the output's JSON text in UTF-8. */
export async function runTool(tool: Tool, args: unknown, context: ToolContext): Promise<ToolOutcome> {
  const guarded = guardSecrets(context);
  const outcome = await attempt(tool, args, guarded.context).catch((error: unknown): ToolOutcome => {
    const reason = reasonOf(error, context.signal);
    const silent = reason instanceof ToolFailure && reason.isSilent ? { isSilent: true } : {};
    return { ok: false, error: categorize(reason), ...silent };
  });
  if (outcome.ok) return { ...outcome, output: guarded.json(outcome.output) };
  const { message, details = {}, ...rest } = outcome.error;
  const told = guarded.json(details);
  const error: ErrorInfo = { ...rest, message: guarded.text(message) };
  return {
    ...outcome,
    error: isJsonObject(told) && outcome.error.details !== undefined ? { ...error, details: told } : error,
  };
}

async function attempt(tool: Tool, args: unknown, context: ToolContext): Promise<ToolOutcome> {
  const input = tool.input.safeParse(args);
  if (!input.success)
    return failed("validation", "invalid-arguments", `arguments of ${tool.name}: ${issuesOf(input.error, "with")}`);
  const returned: unknown = await tool.run(input.data, context);
  // First the shape, then JSON: a schema may turn a Date into text, and what it lets through must still be JSON.
  const output = tool.output.safeParse(returned);
  if (!output.success) {
    return failed(
      "bug",
      "forbidden-output",
      `${tool.name} returned what it forbids: ${issuesOf(output.error, "output")}`,
    );
  }
  const json = toJsonOutput(output.data);
  if (json.ok) return { ok: true, output: json.value, bytes: json.bytes };
  if (json.reason === "not-json") return failed("bug", "output-not-json", `${tool.name}: ${json.message}`);
  return failed("resource-exhausted", "output-too-large", `${tool.name}: ${json.message}`);
}

/** An abort surfaces as "aborted"; why it was aborted (cancelled, timed out) is in the signal. */
function reasonOf(error: unknown, signal: AbortSignal): unknown {
  const isAbort = error instanceof Error && error.name === "AbortError";
  return isAbort && signal.aborted && signal.reason instanceof Error ? signal.reason : error;
}

function issuesOf(error: z.ZodError, root: string): string {
  const shown = error.issues.slice(0, MAX_ISSUES).map((issue) => {
    return `${placeOf(issue.path).replace("output", root)}: ${issue.message}`;
  });
  const rest = error.issues.length - shown.length;
  return shown.join("; ") + (rest > 0 ? `; and ${rest} more` : "");
}

function failed(category: ErrorCategory, code: string, message: string): ToolOutcome {
  return { ok: false, error: errorOf(category, code, boundedText(message, MAX_MESSAGE_BYTES)) };
}
