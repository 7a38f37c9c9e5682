import type { PlanDefinition, RestOfPlan } from "#events/definition.ts";
import type { Json, JsonObject } from "#events/json.ts";
import { checkPlan } from "#src/language/check.ts";
import { literal } from "#src/language/literal.ts";
import { parsePlan } from "#src/language/parse.ts";
import type { Complaint } from "#src/language/finding.ts";
import { estimated } from "#src/planning/estimate/estimate.ts";
import type { PlanEstimate } from "#src/planning/estimate/plan-estimate.ts";
import type { Price } from "#src/planning/estimate/tool-history.ts";
import { validated } from "#src/planning/validation/validate.ts";
import type { Granted } from "#src/planning/validation/grounds.ts";
import { REQUEST_INPUTS } from "#src/planning/request/request-plan.ts";
import { REQUEST_PLAN } from "#projections/requests-view.ts";
import type { ToolRegistry } from "#src/tools/registry.ts";

// Steps in the language of plans as the rest of a plan under way: checked as part of the whole plan, by the same rules as a plan that
// a person writes, and refused with the same findings.
//
// R1. A rest that is given out has passed the check of the language and the validation: known tools, arguments of the right types and
//     bound on every branch, permissions, a budget, and somebody's approval before what cannot be taken back.
// R2. What is there already stands in for itself as a value: the rest reads the outputs that it has, with the types that they have.

/** What a planner writes, in the language of plans. */
export interface WrittenRest {
  readonly steps: JsonObject;
  readonly outputs?: JsonObject | undefined;
  readonly returns?: JsonObject | undefined;
  readonly respond?: Json | undefined;
  /** Of the plan, where it says so. */
  readonly onFailure?: Json | undefined;
  readonly deadline?: Json | undefined;
}

export interface Around {
  readonly tools: ToolRegistry;
  readonly granted: Granted;
  /** Steps that are there already, with what they gave. */
  readonly done: JsonObject;
  /** Steps that somebody has agreed to something in. */
  readonly agreed?: readonly string[];
}

export type CheckedRest =
  | {
      readonly ok: true;
      readonly rest: RestOfPlan;
      /** The rest as a plan of its own, for estimates. */
      readonly definition: PlanDefinition;
    }
  | { readonly ok: false; readonly findings: readonly Complaint[] };

/** Findings have places in the whole plan: `steps.ID.with.NAME`. */
export function checkedRest({ steps, ...words }: WrittenRest, around: Around): CheckedRest {
  const { tools, granted, done, agreed = [] } = around;
  const there = Object.entries(done).map(([id, value]): [string, Json] => [id, { value: literal(value) }]);
  const standIns = [...there, ...agreed.map((id): [string, Json] => [id, { approve: {} }])];
  const source = {
    plan: REQUEST_PLAN,
    inputs: REQUEST_INPUTS,
    steps: { ...Object.fromEntries(standIns), ...steps },
    ...Object.fromEntries(Object.entries(words).filter(([, value]) => value !== undefined)),
  };
  const parsed = parsePlan(source, { file: "the rest of the plan", format: "json" });
  if (!parsed.ok) return parsed;
  const checked = checkPlan(parsed.source, { tools });
  if (!checked.ok) return { ok: false, findings: checked.findings.filter(({ severity }) => severity === "error") };
  const { definition } = checked;
  const grounds = { catalog: tools, granted, ...priced(definition, { tools, granted }) };
  const findings = validated(definition, grounds).filter(({ severity }) => severity === "error");
  if (findings.length > 0) return { ok: false, findings };
  const known = new Set(standIns.map(([id]) => id));
  const added = definition.steps.filter(({ id }) => !known.has(id));
  return {
    ok: true,
    definition: { ...definition, steps: added },
    rest: {
      steps: added,
      ...(definition.outputs === undefined ? {} : { outputs: definition.outputs }),
      ...(definition.returns === undefined ? {} : { returns: definition.returns }),
      ...(definition.respond === undefined ? {} : { respond: definition.respond }),
      ...(words.onFailure === undefined ? {} : { onFailure: definition.onFailure }),
      ...(definition.deadlineMs === undefined ? {} : { deadlineMs: definition.deadlineMs }),
    },
  };
}

/** What it costs at most, where that is bounded: with every retry and fallback, by the prices that tools declare. */
function priced(
  definition: PlanDefinition,
  { tools, granted }: Pick<Around, "tools" | "granted">,
): { readonly estimate?: PlanEstimate } {
  if (granted.budget === undefined) return {};
  const of = (name: string): Price | undefined => {
    const { cost } = tools.get(name) ?? {};
    return cost && { amount: cost.amount, currency: cost.unit };
  };
  return { estimate: estimated(definition, { costs: { of }, samples: 1 }) };
}
