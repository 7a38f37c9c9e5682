import { analysed } from "#src/planning/analysis/analyse.ts";
import type { Decision } from "#src/planning/answering/decision.ts";
import { explained } from "#src/planning/answering/explanation.ts";
import { prohibitionsOf } from "#src/planning/answering/prohibitions.ts";
import type { Question } from "#src/planning/answering/questions.ts";
import type { Call } from "#src/planning/binding/source.ts";
import type { Followed } from "#src/planning/conversation/follow-up.ts";
import { estimated } from "#src/planning/estimate/estimate.ts";
import { historyFrom } from "#src/planning/estimate/tool-history.ts";
import { templateNamed } from "#src/planning/fitting/template-entry.ts";
import type { Planned, PlanningGrounds, UsedTemplate } from "#src/planning/request/planned.ts";
import {
  fittedTemplates,
  templateQuestions,
  templateRest,
  type FittedTemplate,
} from "#src/planning/request/template-plan.ts";
import type { Around, Thinking } from "#src/planning/request/thinking.ts";
import { keyOf, type WholeTemplate } from "#src/templates/template.ts";
import type { JsonObject } from "#events/json.ts";

// Whether a request is one that somebody wrote a template for, and the plan of it.
//
// B1. A template that surely fits goes before what was thought of: whoever wrote it knows how such requests are done. One that may fit is
//     not taken, also where nothing else can be done: it would do another thing than what was asked for.
// B2. What a request forbids is forbidden to a template too, and what is asked about its bounds is asked first.

export type ByTemplate =
  | { readonly kind: "whole"; readonly planned: Planned }
  | { readonly kind: "question"; readonly questions: readonly Question[] };

/** Nearly all that the request says, an example says too. */
const SURE_SCORE = 0.6;

interface Decided {
  readonly thinking: Thinking;
  readonly decision: Decision;
  readonly answers: JsonObject;
}

/** Undefined where no template is to be taken. */
export function byTemplate(decided: Decided): ByTemplate | undefined {
  const { asked, grounds } = decided.thinking;
  const { templates = [] } = grounds;
  // Without what was answered since: an answer is no word of what is asked.
  const result =
    templates.length === 0 || isAboutBounds(decided.decision) ? undefined : analysed(asked.request, grounds);
  if (result?.kind !== "analysed") return undefined;
  const given = { answers: decided.answers, context: asked.context };
  for (const fitted of fittedTemplates(templates, result.analysis, given)) {
    if (fitted.score < SURE_SCORE) return undefined;
    const found = byFitted(fitted, decided.thinking);
    if (found !== undefined) return found;
  }
  return undefined;
}

function byFitted(fitted: FittedTemplate, thinking: Thinking): ByTemplate | undefined {
  const { template, score, reasons, call } = fitted;
  if (call.missing.length > 0) {
    // What may only be handed over as a secret is not asked for.
    const questions = templateQuestions(fitted);
    return questions.length === 0 ? undefined : { kind: "question", questions };
  }
  const { name, version } = template;
  const used = { name, version, score, reasons };
  const planned = plannedBy(template, { ...thinking, text: thinking.asked.request, call, used });
  return planned && { kind: "whole", planned };
}

/** The same template once more; undefined where the request that is repeated was no template. */
export function againByTemplate(
  follows: Extract<Followed, { kind: "again" }>,
  around: Around,
): Extract<ByTemplate, { kind: "whole" }> | undefined {
  const [call] = follows.calls;
  const template = call && templateNamed(call.tool, around.grounds.templates ?? []);
  if (call === undefined || template === undefined) return undefined;
  const { name, version } = template;
  const used = { name, version, score: 1, reasons: [`the request of plan ${follows.of} once more`] };
  const planned = plannedBy(template, { ...around, text: follows.text, call, used });
  return planned && { kind: "whole", planned };
}

/** B2. */
function isAboutBounds(decision: Decision): boolean {
  return (
    decision.kind === "question" && decision.questions.some(({ about, id }) => about.length === 0 && id !== "plan")
  );
}

interface Used extends Around {
  readonly text: string;
  readonly call: Call;
  readonly used: UsedTemplate;
}

/** Undefined where it cannot run here. */
function plannedBy(template: WholeTemplate, { text, call, used, ...around }: Used): Planned | undefined {
  const { asked, grounds, planner, entries } = around;
  const result = analysed(text, grounds);
  if (result.kind === "unreadable") return undefined;
  const { analysis } = result;
  const prohibitions = prohibitionsOf(analysis.constraints, entries);
  const forbidden = prohibitions.flatMap(({ tools }) => tools);
  const written = templateRest(template, call.arguments, { asked, grounds: withForbidden(grounds, forbidden) });
  if (written?.ok !== true) return undefined;
  return {
    kind: "plan",
    rest: written.rest,
    made: { text, calls: [{ tool: call.tool, arguments: call.arguments }] },
    thoughts: [explained(analysis, { planner, drafts: [], prohibitions })],
    template: { ...used, reasons: [`template ${keyOf(template)}`, ...used.reasons] },
    estimate: estimated(written.definition, { durations: historyFrom(grounds.reports), now: grounds.now }),
  };
}

function withForbidden(grounds: PlanningGrounds, forbidden: readonly string[]): PlanningGrounds {
  const { granted } = grounds;
  return { ...grounds, granted: { ...granted, forbidden: [...(granted.forbidden ?? []), ...forbidden] } };
}
