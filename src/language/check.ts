import type { PlanDefinition } from "#events/definition.ts";
import { isJsonObject } from "#events/json.ts";
import type { JsonSchema } from "#machines/expressions/json-schema.ts";
import { typeScope } from "#machines/expressions/type-scope.ts";
import { UNLIMITED, type Limits } from "#src/ports/limits.ts";
import type { ToolRegistry } from "#src/tools/registry.ts";
import { checkAnswers } from "./check-answers.ts";
import { CalledPlans, nameOf, NO_PLANS } from "./called-plans.ts";
import type { CheckedOne, PlanLibrary } from "./called-plans.ts";
import type { Calls, CheckContext } from "./check-context.ts";
import { checkReplan } from "./check-revising.ts";
import { checkStep, listsAmong } from "./check-steps.ts";
import { findDependencies } from "./dependencies.ts";
import type { Finding } from "./finding.ts";
import { readInputs } from "./inputs-draft.ts";
import type { InputDefinitions } from "./inputs-draft.ts";
import { normalForm } from "./normal-form.ts";
import type { PlanSource } from "./parse.ts";
import { Report } from "./report.ts";
import { planSource } from "./plan-fields.ts";
import { withErrors } from "./scopes.ts";
import { readSteps } from "./step-draft.ts";
import type { StepDraft } from "./step-draft.ts";
import { describeJson } from "#machines/expressions/describe-json.ts";
import { readPart } from "./structure.ts";
import { PLAN } from "./vocabulary.ts";

// From a source to a definition that can run: structure, names, dependencies and types, all before anything runs.
//
// C1. One pass finds all there is to find: what cannot be read counts as "anything" for the rules that come after.
// C2. A definition is given out only when nothing is wrong; it has every default filled in and needs no registry to replay.
// C3. Steps are checked in the order of their needs, so that the type of what a step reads is known.

export type Checked =
  | { readonly ok: true; readonly definition: PlanDefinition; readonly warnings: readonly Finding[] }
  | { readonly ok: false; readonly findings: readonly Finding[] };

export interface CheckOptions {
  readonly tools: ToolRegistry;
  /** Where the plans are found that steps call. */
  readonly plans?: PlanLibrary;
  /** What pools and resources there are. Default: any, without a bound. */
  readonly limits?: Limits;
}

/** Findings are sorted by place; warnings are among them where there are errors too. */
export function checkPlan(source: PlanSource, { tools, plans, limits = UNLIMITED }: CheckOptions): Checked {
  const report = new Report(source, source.root);
  const called = new CalledPlans(plans ?? NO_PLANS, (other, calls) => checkOne(other, { tools, calls, limits }));
  const checked = check(source, report, { tools, limits, calls: called.within(nameOf(source)) });
  const findings = [...report.findings(), ...called.findings];
  const isWrong = findings.some(({ severity }) => severity === "error");
  if (checked === undefined || report.hasErrors || isWrong) return { ok: false, findings };
  const definition = called.size === 0 ? checked.definition : { ...checked.definition, calls: called.definitions() };
  return { ok: true, definition, warnings: findings };
}

interface Around {
  readonly tools: ToolRegistry;
  readonly calls: Calls;
  readonly limits: Limits;
}

/** A called plan by itself: its definition, what its outputs are, and what is wrong in it. */
function checkOne(source: PlanSource, around: Around): CheckedOne {
  const report = new Report(source, source.root);
  const checked = check(source, report, around);
  return { findings: report.findings(), ...(checked === undefined || report.hasErrors ? {} : checked) };
}

interface CheckedDefinition {
  readonly definition: PlanDefinition;
  readonly outputs: JsonSchema;
}

function check(source: PlanSource, report: Report, { tools, calls, limits }: Around): CheckedDefinition | undefined {
  const { value } = source.root;
  if (!isJsonObject(value)) {
    report.error([], { code: "wrong-type", message: `a plan is a mapping, this is ${describeJson(value)}` });
    return undefined;
  }
  const plan = readPart(planSource, { value, path: [], vocabulary: PLAN }, report);
  const inputs = readInputs(isJsonObject(value.inputs) ? value.inputs : {}, report);
  const drafts = isJsonObject(value.steps)
    ? readSteps(value.steps, { path: ["steps"], around: new Set(), depth: 0 }, report)
    : [];
  const dependencies = findDependencies(drafts, report);
  const { usedInputs } = dependencies;
  const context = checkTypes(drafts, { tools, inputs, report, calls, limits, dependencies });
  const { answers, outputs } = checkAnswers(value, context);
  const replanned = plan?.replan === undefined ? [] : checkReplan(plan.replan, context);
  // Something that cannot be read may be what reads an input.
  if (!report.hasErrors) warnOfUnusedInputs(inputs, new Set([...usedInputs, ...answers, ...replanned]), report);
  const definition =
    plan === undefined ? undefined : normalForm({ plan, inputs, drafts, dependencies }, { tools, calls });
  return definition === undefined ? undefined : { definition, outputs };
}

function checkTypes(drafts: readonly StepDraft[], shared: Omit<CheckContext, "scope">): CheckContext {
  const { inputs, report, dependencies } = shared;
  const { order } = dependencies;
  const steps: Record<string, JsonSchema> = Object.fromEntries(order.map(({ id }) => [id, {}]));
  const ids = order.map(({ id }) => id);
  const known = typeScope({ inputs: schemaOf(inputs), steps });
  // The nearest of 10,000 names is an aid that costs: no suggestions where no finding is kept any more.
  const nothing = {
    inputs: known.inputs,
    stepOutput: (id: string) => known.stepOutput(id),
    stepErrors: () => undefined,
    variable: () => undefined,
    stepIds: () => (report.isFull ? [] : ids),
    variableNames: () => [],
  };
  const scope = withErrors(nothing, listsAmong(drafts));
  const context = { ...shared, scope };
  for (const draft of order) steps[draft.id] = checkStep(draft, context);
  return context;
}

function schemaOf(inputs: InputDefinitions): JsonSchema {
  const properties = Object.fromEntries(Object.entries(inputs).map(([name, { schema }]) => [name, schema]));
  return { type: "object", properties, required: Object.keys(properties), additionalProperties: false };
}

function warnOfUnusedInputs(inputs: InputDefinitions, used: ReadonlySet<string>, report: Report): void {
  if (used.has("*")) return;
  for (const name of Object.keys(inputs)) {
    if (used.has(name)) continue;
    report.warning(
      ["inputs", name],
      { code: "unused-input", message: `nothing reads the input ${name}` },
      { key: true },
    );
  }
}
