import type { z } from "zod";

/** Why a remedy cannot be used, or a gap stays open. Codes have their rows in docs/errors.md. */
export interface Misfit {
  readonly code: string;
  readonly reason: string;
}

const MAX_PROBLEMS = 5;

/** What a schema has against a value, in one line. */
export function problemsIn({ issues }: z.ZodError): string {
  const told = issues.slice(0, MAX_PROBLEMS).map(({ path, message }) => `${path.join(".")}: ${message}`);
  const more = issues.length - told.length;
  return [...told, ...(more > 0 ? [`and ${more} more`] : [])].join("; ");
}
