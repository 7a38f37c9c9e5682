import { z } from "zod";
import { jsonObject } from "#events/json.ts";

// The one vocabulary for failed work. Retry overrides, fallbacks and statistics speak of categories, never of messages.
// The list is closed: a tool's own kinds of failure go into `code`, and every view can show every category.

export const ERROR_CATEGORIES = [
  "validation",
  "not-found",
  "conflict",
  "permission",
  "authentication",
  "rate-limited",
  "quota",
  "unavailable",
  "timeout",
  "internal",
  "cancelled",
  "resource-exhausted",
  "bug",
  "unknown",
] as const;

export const errorCategory = z.enum(ERROR_CATEGORIES);
export type ErrorCategory = z.infer<typeof errorCategory>;

/** Longest message that a fact keeps, in UTF-16 code units. */
const MAX_ERROR_MESSAGE_CHARS = 4096;

/** How work failed. `code` is a stable kebab string, `message` is for people and bounded. */
export const errorInfo = z.object({
  category: errorCategory,
  code: z.string(),
  message: z.string(),
  /** From the other side's Retry-After: no new attempt before this many milliseconds have passed. */
  retryAfterMs: z.number().optional(),
  details: jsonObject.optional(),
});
export type ErrorInfo = z.infer<typeof errorInfo>;

export function errorOf(category: ErrorCategory, code: string, message: string): ErrorInfo {
  return { category, code, message: message.slice(0, MAX_ERROR_MESSAGE_CHARS) };
}
