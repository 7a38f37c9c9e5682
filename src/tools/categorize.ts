// From whatever a tool threw to one of the categories that retry policies are written in.
//
// C1. Never throws, whatever it is given: a getter, a proxy, a number, nothing.
// C2. What the tool says itself (ToolFailure) wins, then codes, then names, then classes; a wrapper without a meaning
//     of its own ("fetch failed") is looked through to its cause.
// C3. A message is at most MAX_MESSAGE_BYTES.

import { z } from "zod";
import type { ErrorCategory, ErrorInfo } from "#events/errors.ts";
import { Fault } from "#events/fault.ts";
import { isJsonObject } from "#events/json.ts";
import type { JsonObject } from "#events/json.ts";
import { boundedText } from "./bounded-text.ts";
import { ToolFailure } from "./define.ts";
import { categoryOfStatus } from "./http-status.ts";
import { toJsonOutput } from "./json-output.ts";

export const MAX_MESSAGE_BYTES = 4096;
const MAX_DETAILS_BYTES = 16 * 1024;
const MAX_CAUSE_DEPTH = 5;

export function categorize(error: unknown): ErrorInfo {
  try {
    const message = messageOf(error);
    if (error instanceof ToolFailure) return infoOf(error, message);
    const category = categoryOf(error, MAX_CAUSE_DEPTH) ?? "unknown";
    return { category, code: codeOf(error) ?? category, message };
  } catch {
    return { category: "unknown", code: "unreadable", message: "the tool threw a value that cannot be read" };
  }
}

/** A fault has a code of its own, which says more than its category. */
function codeOf(error: unknown): string | undefined {
  const code: unknown = error instanceof Fault ? error.code : undefined;
  return typeof code === "string" ? code : undefined;
}

function infoOf(failure: ToolFailure, message: string): ErrorInfo {
  const { category, code, retryAfterMs } = failure;
  const details = detailsOf(failure);
  return {
    category,
    code,
    message,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(details === undefined ? {} : { details }),
  };
}

/** Details are an aid: where they cannot be recorded, the failure itself still is. */
function detailsOf(failure: ToolFailure): JsonObject | undefined {
  const json = toJsonOutput(failure.details);
  return json.ok && json.bytes <= MAX_DETAILS_BYTES && isJsonObject(json.value) ? json.value : undefined;
}

function categoryOf(error: unknown, depth: number): ErrorCategory | undefined {
  if (depth === 0 || !(error instanceof Error)) return undefined;
  if (error instanceof ToolFailure) return error.category;
  return categoryOfSigns(error) ?? categoryOf(underneath(error), depth - 1) ?? categoryOfClass(error);
}

function categoryOfSigns(error: Error): ErrorCategory | undefined {
  return (
    categoryOfCode(property(error, "code")) ??
    categoryOfName(error) ??
    categoryOfStatus(property(error, "status") ?? property(error, "statusCode"))
  );
}

function underneath(error: Error): unknown {
  return error.cause ?? (error instanceof AggregateError ? error.errors[0] : undefined);
}

function categoryOfClass(error: Error): ErrorCategory | undefined {
  return BUGS.some((kind) => error instanceof kind) ? "bug" : undefined;
}

function categoryOfName(error: Error): ErrorCategory | undefined {
  if (error.name === "AbortError") return "cancelled";
  if (error.name === "TimeoutError") return "timeout";
  return error instanceof z.core.$ZodError ? "validation" : undefined;
}

function categoryOfCode(code: unknown): ErrorCategory | undefined {
  return typeof code === "string" ? CODES.get(code) : undefined;
}

const BUGS = [TypeError, ReferenceError, SyntaxError, RangeError, EvalError, URIError];

/** Faults of how a model is set up: trying again does not help. */
const MODEL_SETUP = ["model-key-missing", "model-package-missing"];

const CODES_BY_CATEGORY: readonly (readonly [ErrorCategory, readonly string[]])[] = [
  ["not-found", ["ENOENT", "ESRCH", "ENODEV", "ENXIO", "secret-missing", ...MODEL_SETUP]],
  ["permission", ["EACCES", "EPERM", "EROFS", "secret-unreadable"]],
  ["conflict", ["EEXIST", "ENOTEMPTY", "EBUSY", "ETXTBSY", "EADDRINUSE"]],
  ["validation", ["ENOTDIR", "EISDIR", "ENAMETOOLONG", "ELOOP", "EINVAL", "EXDEV", "ERR_INVALID_URL"]],
  [
    "unavailable",
    [
      "ECONNREFUSED",
      "ECONNRESET",
      "ECONNABORTED",
      "ENOTFOUND",
      "EAI_AGAIN",
      "EPIPE",
      "EHOSTUNREACH",
      "ENETUNREACH",
      "EHOSTDOWN",
      "ENETDOWN",
      "EIO",
      "UND_ERR_SOCKET",
      "UND_ERR_CLOSED",
      "UND_ERR_DESTROYED",
    ],
  ],
  ["timeout", ["ETIMEDOUT", "UND_ERR_CONNECT_TIMEOUT", "UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT"]],
  ["resource-exhausted", ["ENOSPC", "EMFILE", "ENFILE", "ENOMEM", "EAGAIN", "EFBIG", "ENOBUFS", "ERR_STRING_TOO_LONG"]],
  ["quota", ["EDQUOT"]],
  ["cancelled", ["ABORT_ERR", "ECANCELED", "UND_ERR_ABORTED"]],
];

const CODES: ReadonlyMap<string, ErrorCategory> = new Map(
  CODES_BY_CATEGORY.flatMap(([category, codes]) => codes.map((code): [string, ErrorCategory] => [code, category])),
);

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return boundedText(`threw ${printed(error)}`, MAX_MESSAGE_BYTES);
  const own = error.message === "" ? error.name : error.message;
  // "fetch failed" alone helps nobody: the reason is one level down.
  const { cause } = error;
  const under = cause instanceof Error && !own.includes(cause.message) ? `: ${cause.message}` : "";
  return boundedText(own + under, MAX_MESSAGE_BYTES);
}

function printed(value: unknown): string {
  if (typeof value === "string") return value;
  return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);
}

function property(error: Error, name: string): unknown {
  return Reflect.get(error, name);
}
