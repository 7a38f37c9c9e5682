import { analysed } from "#src/planning/analysis/analyse.ts";
import type { Decision } from "#src/planning/answering/decision.ts";
import { explained } from "#src/planning/answering/explanation.ts";
import { prohibitionsOf } from "#src/planning/answering/prohibitions.ts";
import { settledProhibitions } from "#src/planning/answering/settled.ts";
import type { Question } from "#src/planning/answering/questions.ts";
import type { Call } from "#src/planning/binding/source.ts";
import type { Followed } from "#src/planning/conversation/follow-up.ts";
import { estimated } from "#src/planning/estimate/estimate.ts";
import { historyFrom } from "#src/planning/estimate/tool-history.ts";
import { templateNamed } from "#src/planning/fitting/template-entry.ts";
import type { Planned, UsedTemplate } from "#src/planning/request/planned.ts";
import {
  fittedTemplates,
  templateQuestions,
  templateRest,
  type FittedTemplate,
} from "#src/planning/request/template-plan.ts";
import { narrowed } from "#src/planning/request/request-grants.ts";
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
  | { readonly kind: "question"; readonly questions: readonly Question[] }
  /** It fits, and its plan cannot be: what was thought of stands. */
  | { readonly kind: "against"; readonly why: string };

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
  const given = { answers: decided.answers, context: asked.context, now: grounds.now };
  const sure = fittedTemplates(templates, result.analysis, given).filter(({ score }) => score >= SURE_SCORE);
  const found = sure.map((fitted) => () => byFitted(fitted, decided));
  let last: ByTemplate | undefined;
  for (const find of found) {
    last = find();
    if (last.kind !== "against") return last;
  }
  return last;
}

function byFitted(fitted: FittedTemplate, { thinking, answers }: Decided): ByTemplate {
  const { template, score, reasons, call } = fitted;
  if (call.missing.length > 0) {
    // What may only be handed over as a secret is not asked for.
    const questions = templateQuestions(fitted);
    const why = `of the template ${keyOf(template)} ${call.missing.join(", ")} is missing, and cannot be asked for`;
    return questions.length === 0 ? { kind: "against", why } : { kind: "question", questions };
  }
  const { name, version } = template;
  const used = { name, version, score, reasons };
  return plannedBy(template, { ...thinking, text: thinking.asked.request, call, used, answers });
}

/** The same template once more; undefined where the request that is repeated was no template. */
export function againByTemplate(follows: Extract<Followed, { kind: "again" }>, around: Around): ByTemplate | undefined {
  const [call] = follows.calls;
  const template = call && templateNamed(call.tool, around.grounds.templates ?? []);
  if (call === undefined || template === undefined) return undefined;
  const { name, version } = template;
  const used = { name, version, score: 1, reasons: [`the request of plan ${follows.of} once more`] };
  return plannedBy(template, { ...around, text: follows.text, call, used, answers: {} });
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
  readonly answers: JsonObject;
}

function plannedBy(template: WholeTemplate, { text, call, used, answers, ...around }: Used): ByTemplate {
  const { asked, grounds, planner, entries } = around;
  const result = analysed(text, grounds);
  if (result.kind === "unreadable") return { kind: "against", why: result.why.message };
  const { analysis } = result;
  const prohibitions = settledProhibitions(prohibitionsOf(analysis.constraints, entries), entries, answers);
  const forbidden = prohibitions.flatMap(({ tools }) => tools);
  const bounded = { ...grounds, granted: narrowed(grounds.granted, forbidden) };
  const written = templateRest(template, call.arguments, { asked, grounds: bounded });
  if (written?.ok !== true) {
    const reason = written?.findings[0]?.message ?? "it has inputs, or steps that are called like those that plan";
    return { kind: "against", why: `the plan of the template ${keyOf(template)} cannot run here: ${reason}` };
  }
  const planned: Planned = {
    kind: "plan",
    rest: written.rest,
    made: { text, calls: [{ tool: call.tool, arguments: call.arguments }] },
    constraints: [{ forbidden, prohibitions }],
    thoughts: [explained(analysis, { planner, drafts: [], prohibitions })],
    template: { ...used, reasons: [`template ${keyOf(template)}`, ...used.reasons] },
    estimate: estimated(written.definition, { durations: historyFrom(grounds.reports), now: grounds.now }),
  };
  return { kind: "whole", planned };
}
