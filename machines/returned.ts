import type { PlanDefinition } from "#events/definition.ts";
import { errorOf, type ErrorInfo } from "#events/errors.ts";
import type { Json } from "#events/json.ts";
import { violationsOf, type Violation } from "#machines/expressions/json-schema-check.ts";

// Whether the outputs of a plan are what it says that it returns.

/** Violations that are told. */
const MAX_TOLD = 3;

export function outputsMisfit(returns: PlanDefinition["returns"], outputs: Json): ErrorInfo | undefined {
  if (returns === undefined) return undefined;
  const found = violationsOf({ type: "object", properties: returns, required: Object.keys(returns) }, outputs);
  if (found.length === 0) return undefined;
  const more = found.length > MAX_TOLD ? `; and ${found.length - MAX_TOLD} more` : "";
  const told = found.slice(0, MAX_TOLD).map(violationText).join("; ");
  return errorOf("validation", "outputs-unfit", `the outputs are not what the plan returns: ${told}${more}`);
}

export function violationText({ path, message }: Violation): string {
  return path.length === 0 ? message : `${path.join(".")}: ${message}`;
}
