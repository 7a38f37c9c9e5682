// What an answer's status code says to a client about trying again (RFC 9110 section 15, RFC 6585).
// The table of the codes that this program answers with is elsewhere, at its HTTP door.

import type { ErrorCategory } from "#events/errors.ts";

const STATUSES: ReadonlyMap<number, ErrorCategory> = new Map<number, ErrorCategory>([
  [401, "authentication"],
  [402, "quota"],
  [403, "permission"],
  [404, "not-found"],
  [407, "authentication"],
  [408, "timeout"],
  [409, "conflict"],
  [410, "not-found"],
  [412, "conflict"],
  [413, "resource-exhausted"],
  [423, "conflict"],
  [425, "unavailable"],
  [429, "rate-limited"],
  [451, "permission"],
  [502, "unavailable"],
  [503, "unavailable"],
  [504, "timeout"],
  [507, "resource-exhausted"],
]);

/** Undefined for what is no failure (below 400) or no status code at all. */
export function categoryOfStatus(status: unknown): ErrorCategory | undefined {
  if (typeof status !== "number" || !Number.isInteger(status) || status < 400 || status > 599) return undefined;
  return STATUSES.get(status) ?? (status < 500 ? "validation" : "internal");
}
