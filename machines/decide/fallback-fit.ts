import { errorOf, type ErrorInfo } from "#events/errors.ts";
import type { Json, JsonObject } from "#events/json.ts";
import { refsOf, valueOf, type Payload } from "#events/payload.ts";
import type { Blobs } from "#machines/blobs.ts";
import type { Attempted } from "#machines/decide/next.ts";
import { notAtHand } from "#machines/evaluate.ts";
import { violationsOf } from "#machines/expressions/json-schema-check.ts";
import { violationText } from "#machines/returned.ts";

// Whether what a step was given can be what it gives. Of the step's own tool: what the step says that it returns, where the tool itself promises
// less. Of a fallback: what the step's own tool gives, or what the step returns; what reads the step was checked against that. What does not
// fit has failed, and the next fallback applies.

export type Fit =
  | { readonly kind: "fits" }
  | { readonly kind: "error"; readonly error: ErrorInfo }
  | { readonly kind: "needs-blobs"; readonly refs: readonly string[] };

type InUse = Pick<Attempted, "step" | "context">;

const FITS: Fit = { kind: "fits" };

/** Of the alternative in use; what a tool says of its output it has checked itself. */
export function fitOf({ step, context: { alternative } }: InUse, output: Payload, blobs: Blobs): Fit {
  const schema = step.kind === "tool" ? (alternative < 0 ? step.returns : step.fits) : undefined;
  if (schema === undefined) return FITS;
  const value = valueOf(output, blobs);
  return value === undefined ? notAtHand(refsOf(output), blobs) : fitOfValue(schema, alternative, value);
}

function fitOfValue(schema: JsonObject, alternative: number, value: Json): Fit {
  const [violation] = violationsOf(schema, value);
  if (violation === undefined) return FITS;
  const found = violationText(violation);
  const error =
    alternative < 0
      ? errorOf("validation", "output-unfit", `the output is not what the step returns: ${found}`)
      : errorOf(
          "validation",
          "fallback-output",
          `fallback ${alternative + 1} gives what the step's own tool never does: ${found}`,
        );
  return { kind: "error", error };
}
