import { isJsonObject, type JsonObject } from "#events/json.ts";
import { REQUEST_PLAN } from "#projections/requests-view.ts";
import type { Analysis } from "#src/planning/analysis/analyse.ts";
import type { Call, EarlierSource } from "#src/planning/binding/source.ts";
import type { Planner } from "#src/planning/drafting/planner.ts";
import { capabilitiesOf } from "#src/planning/fallbacks/capabilities.ts";
import { withFallbacks } from "#src/planning/fallbacks/with-fallbacks.ts";
import { withApprovals } from "#src/planning/request/approvals.ts";
import { stepsBefore } from "#src/planning/request/asking.ts";
import { earlierExpression } from "#src/planning/request/earlier-results.ts";
import type { Asked, LeftRequest, PlanningGrounds } from "#src/planning/request/planned.ts";
import { checkedRest, type CheckedRest } from "#src/planning/request/plan-rest.ts";
import { withAnswerStep } from "#src/planning/responding/answer-step.ts";
import { responseFor } from "#src/planning/responding/response-for.ts";
import { withNotDone } from "#src/planning/responding/not-done.ts";
import { planSource } from "#src/planning/writing/plan-source.ts";

// Calls as the rest of their request's plan: written, with fallbacks, with approvals before what nothing takes back, with a response,
// and checked as a whole.
//
// W1. Fallbacks, the response, and a model that puts it into words are additions: where one of them is what does not pass, the plan is
//     written without it.

interface Writing extends Pick<Analysis, "intents"> {
  /** As it stands, with what was said before. */
  readonly request: string;
  readonly notDone: readonly LeftRequest[];
  readonly planner: Planner;
  readonly grounds: PlanningGrounds;
  readonly asked: Asked;
}

export function writtenRest(
  calls: readonly Call[],
  { request, intents, notDone, planner, grounds, asked }: Writing,
): CheckedRest {
  const { entries } = planner;
  const { tools, granted, now, answering } = grounds;
  const around = { tools, granted, done: stepsBefore(asked.number) };
  const earlier = (source: EarlierSource): string | undefined => earlierExpression(source, asked.earlier);
  const source = planSource({ name: REQUEST_PLAN, taken: Object.keys(around.done), earlier }, calls, entries);
  const { outputs } = source;
  const ids = Object.keys(source.steps);
  const respond = withNotDone(responseFor({ analysis: { intents }, calls, ids, entries }), notDone);
  const capabilities = capabilitiesOf(entries, planner.relevance.index.described);
  const { forbidden = [] } = granted;
  const fallen = withFallbacks(source, capabilities, { forbidden, now }).source["steps"];
  const rich = isJsonObject(fallen) ? fallen : source.steps;
  const approved = (steps: JsonObject): JsonObject => withApprovals(steps, tools);
  const whole = { steps: approved(rich), outputs, respond };
  const taken = Object.keys(around.done);
  const inWords = answering && withAnswerStep(whole, { request, taken, answering });
  const tries = [
    ...(inWords === undefined ? [] : [inWords]),
    whole,
    { steps: approved(source.steps), outputs, respond },
    { steps: approved(source.steps), outputs },
  ];
  const checked = tries.map((rest) => () => checkedRest(rest, around));
  let last: CheckedRest = { ok: false, findings: [] };
  for (const check of checked) {
    last = check();
    if (last.ok) return last;
  }
  return last;
}
