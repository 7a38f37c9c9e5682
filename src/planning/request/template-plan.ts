import type { Json, JsonObject } from "#events/json.ts";
import { isJsonObject } from "#events/json.ts";
import type { Analysis } from "#src/planning/analysis/analyse.ts";
import { missingQuestions, type Question } from "#src/planning/answering/questions.ts";
import type { BoundCall } from "#src/planning/binding/argument-model.ts";
import type { Source } from "#src/planning/binding/source.ts";
import { fittingTemplates, type FittingTemplate } from "#src/planning/fitting/fitting-templates.ts";
import { templateEntry } from "#src/planning/fitting/template-entry.ts";
import { withApprovals } from "#src/planning/request/approvals.ts";
import { stepsBefore } from "#src/planning/request/asking.ts";
import { withGiven, type GivenValues } from "#src/planning/request/given-values.ts";
import { checkedRest, type CheckedRest } from "#src/planning/request/plan-rest.ts";
import type { Asked, PlanningGrounds } from "#src/planning/request/planned.ts";
import { instantiated } from "#src/templates/instantiate.ts";
import type { WholeTemplate } from "#src/templates/template.ts";

// A request that somebody wrote a template for: the plan is the template's, with what the request says as its parameters.
//
// T1. It is checked as every rest is: a template of a package has no more rights than a plan that was thought of.
// T2. A template whose plan has inputs, or steps that are called as those that plan, cannot be the rest of a plan, and is passed over.

export interface FittedTemplate extends Pick<FittingTemplate, "template" | "score" | "reasons"> {
  /** As a call of the template, with what the request says and what came along. */
  readonly call: BoundCall;
}

/** The best first. */
export function fittedTemplates(
  templates: readonly WholeTemplate[],
  analysis: Analysis,
  given: GivenValues,
): readonly FittedTemplate[] {
  return fittingTemplates(templates, analysis).flatMap(({ template, score, reasons, said, missing }) => {
    const bound = said.map(({ parameter, value, from, to, words }): [string, Source] => [
      parameter,
      { kind: "said", value, said: { from, to, words } },
    ]);
    const entry = templateEntry(template);
    const open = { tool: entry.name, arguments: Object.fromEntries(bound), missing, sureness: 0 };
    const [call] = withGiven([open], [entry], given);
    return call === undefined ? [] : [{ template, score, reasons, call }];
  });
}

/** What has to be known before the template is a plan. */
export function templateQuestions({ template, call }: FittedTemplate): readonly Question[] {
  return missingQuestions([call], [templateEntry(template)], () => undefined);
}

/** Undefined where the template cannot be the rest of a plan (T2). */
export function templateRest(
  template: WholeTemplate,
  given: Readonly<Record<string, Source>>,
  { asked, grounds }: { readonly asked: Asked; readonly grounds: PlanningGrounds },
): CheckedRest | undefined {
  const values = Object.entries(given).flatMap(([name, source]): readonly [string, Json][] =>
    "value" in source ? [[name, source.value]] : [],
  );
  const made = instantiated(template, Object.fromEntries(values));
  if (!made.ok) return made;
  const done = stepsBefore(asked.number);
  const { steps, outputs = null, returns = null, respond, onFailure, deadline, inputs = {} } = made.source;
  const own = objectOf(steps);
  if (Object.keys(objectOf(inputs)).length > 0 || Object.keys(own).some((id) => Object.hasOwn(done, id)))
    return undefined;
  const written = {
    steps: withApprovals(own, grounds.tools),
    ...(isJsonObject(outputs) ? { outputs } : {}),
    ...(isJsonObject(returns) ? { returns } : {}),
    ...{ respond, onFailure, deadline },
  };
  return checkedRest(written, { ...grounds, done });
}

function objectOf(value: Json | undefined): JsonObject {
  return value !== undefined && isJsonObject(value) ? value : {};
}
