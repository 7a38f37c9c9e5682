import { errorOf, type ErrorInfo } from "#events/errors.ts";
import type { Json } from "#events/json.ts";

type Until = { readonly kind: "value"; readonly value: number } | { readonly kind: "error"; readonly error: ErrorInfo };

const RFC_3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/;

/** No wait is due at 0, which stands for none in the step's chart. */
const FIRST_MOMENT = 1;

/** The moment that a wait names: milliseconds since the epoch, or a timestamp as RFC 3339 writes it. */
export function waitUntil(value: Json): Until {
  const at = typeof value === "string" && RFC_3339.test(value) ? Date.parse(value) : value;
  if (typeof at === "number" && Number.isFinite(at) && at >= 0) {
    return { kind: "value", value: Math.max(at, FIRST_MOMENT) };
  }
  const shown = JSON.stringify(value).slice(0, 100);
  const message = `a wait ends at a timestamp like 2026-01-31T09:00:00Z or at milliseconds since 1970, not at ${shown}`;
  return { kind: "error", error: errorOf("validation", "not-a-moment", message) };
}
