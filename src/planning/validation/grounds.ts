import type { JsonSchema } from "#machines/expressions/json-schema.ts";
import type { Complaint } from "#src/language/finding.ts";
import type { PlanEstimate } from "#src/planning/estimate/plan-estimate.ts";
import type { Limits } from "#src/ports/limits.ts";

// What a plan is held against before anything runs: the tools there are, what it is allowed, what there is of pools and resources, and
// what it is expected to take.

/** As much of a tool as validation needs; a tool of the registry is one. */
export interface PlannableTool {
  readonly name: string;
  readonly sideEffects: "read" | "write" | "irreversible";
  readonly inputSchema: JsonSchema;
  readonly outputSchema: JsonSchema;
  /** What whoever runs it must have been granted. Default: nothing. */
  readonly permissions?: readonly string[];
}

export interface PlannableTools {
  get(name: string): PlannableTool | undefined;
}

interface Budget {
  readonly amount: number;
  readonly currency: string;
}

/** What whoever asked for the plan may do, and wants. */
export interface Granted {
  /** Beside reading, which everybody may. Default: both. */
  readonly sideEffects?: readonly ("write" | "irreversible")[];
  /** Permissions that tools may ask for; `*` at the end stands for anything. Default: none. */
  readonly permissions?: readonly string[];
  /** Names of tools that must not be used; `*` at the end stands for anything. */
  readonly forbidden?: readonly string[];
  readonly budget?: Budget;
  /** From the plan's start. The plan's own deadline counts as well. */
  readonly deadlineMs?: number;
  /** Whether somebody has to approve every step that nothing takes back. Default: true. */
  readonly approveIrreversible?: boolean;
}

export interface Grounds {
  readonly catalog: PlannableTools;
  readonly granted: Granted;
  readonly limits?: Limits;
  /** For the rules of budget and deadline, which are left out without it. */
  readonly estimate?: PlanEstimate;
}

/** With the part of a text that is meant, where it is a part. */
export interface ValidationFinding extends Complaint {
  readonly spot?: { readonly offset: number; readonly length: number };
}

/** Whether a name is one of those meant. */
export function isAmong(name: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => (pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern));
}
