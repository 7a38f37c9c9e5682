import { errorOf, type ErrorInfo } from "#events/errors.ts";
import type { StepDefinition } from "#events/definition.ts";
import type { Json } from "#events/json.ts";
import { refsOf, valueOf, type Payload } from "#events/payload.ts";
import type { Blobs } from "#machines/blobs.ts";
import type { Attempted } from "#machines/decide/next.ts";
import { notAtHand } from "#machines/evaluate.ts";
import { violationsOf } from "#machines/expressions/json-schema-check.ts";

// Whether what a fallback gave can stand for what the step's own tool gives: what reads the step was checked against that.
// One that does not fit has failed, and the next fallback applies.

export type Fit =
  | { readonly kind: "fits" }
  | { readonly kind: "error"; readonly error: ErrorInfo }
  | { readonly kind: "needs-blobs"; readonly refs: readonly string[] };

type InUse = Pick<Attempted, "step" | "context">;

const FITS: Fit = { kind: "fits" };

/** Of the alternative in use; the tool of the step's own call has checked its output itself. */
export function fitOf({ step, context: { alternative } }: InUse, output: Payload, blobs: Blobs): Fit {
  if (alternative < 0 || step.kind !== "tool" || step.fits === undefined) return FITS;
  const value = valueOf(output, blobs);
  return value === undefined ? notAtHand(refsOf(output), blobs) : fitOfValue(step.fits, alternative, value);
}

function fitOfValue(
  fits: NonNullable<Extract<StepDefinition, { kind: "tool" }>["fits"]>,
  alternative: number,
  value: Json,
): Fit {
  const [violation] = violationsOf(fits, value);
  if (violation === undefined) return FITS;
  const place = violation.path.length === 0 ? "" : `${violation.path.join(".")}: `;
  const message = `fallback ${alternative + 1} gives what the step's own tool never does: ${place}${violation.message}`;
  return { kind: "error", error: errorOf("validation", "fallback-output", message) };
}
