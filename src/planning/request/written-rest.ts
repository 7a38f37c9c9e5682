import { isJsonObject, type JsonObject } from "#events/json.ts";
import { REQUEST_PLAN } from "#projections/requests-view.ts";
import type { Analysis } from "#src/planning/analysis/analyse.ts";
import type { Call, EarlierSource } from "#src/planning/binding/source.ts";
import type { Planner } from "#src/planning/drafting/planner.ts";
import { capabilitiesOf } from "#src/planning/fallbacks/capabilities.ts";
import type { Past } from "#src/planning/fallbacks/given-answers.ts";
import { withFallbacks, type WithFallbacks } from "#src/planning/fallbacks/with-fallbacks.ts";
import { withApprovals } from "#src/planning/request/approvals.ts";
import { stepsBefore } from "#src/planning/request/asking.ts";
import { earlierExpression } from "#src/planning/request/earlier-results.ts";
import type { Asked, LeftRequest, PlanningGrounds } from "#src/planning/request/planned.ts";
import { checkedRest, type CheckedRest } from "#src/planning/request/plan-rest.ts";
import { withAnswerStep } from "#src/planning/responding/answer-step.ts";
import type { CachedAnswer } from "#src/planning/responding/cached-mark.ts";
import { responseFor } from "#src/planning/responding/response-for.ts";
import { withNotDone } from "#src/planning/responding/not-done.ts";
import { combinationsOf } from "#src/planning/writing/combined-outputs.ts";
import { combinedOutputs, returnsOf } from "#src/planning/writing/returned-outputs.ts";
import { isAmong } from "#src/planning/validation/grounds.ts";
import { planSource } from "#src/planning/writing/plan-source.ts";

// Calls as the rest of their request's plan: written, with fallbacks, with approvals before what nothing takes back, with a response,
// and checked as a whole.
//
// W1. Fallbacks, what is combined, what is returned, the response, and a model that puts it into words are additions: where one of them is what
//     does not pass, the plan is written without it.
// W2. Where a call may be answered by what it gave before, the response says so, with how old that is.

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
  const taken = Object.keys(around.done);
  const source = planSource({ name: REQUEST_PLAN, taken, earlier }, calls, entries);
  const ids = Object.keys(source.steps);
  const capabilities = capabilitiesOf(entries, planner.relevance.index.described);
  const { forbidden = [] } = granted;
  const prepared = withFallbacks(source, capabilities, { forbidden, now, past: pastOf(grounds) });
  const fallen = prepared.source["steps"];
  const cached = cachedIn(prepared, source.steps);
  const combined = combinationsOf({ calls, ids, entries, taken });
  const gathering = Object.fromEntries(combined.map(({ id, gathered }) => [id, { value: gathered }]));
  const answered = { analysis: { intents }, calls, ids, entries, cached };
  const apart = { outputs: source.outputs, respond: withNotDone(responseFor(answered), notDone) };
  const together = {
    outputs: combinedOutputs(source.outputs, combined, ids),
    respond: withNotDone(responseFor({ ...answered, combined }), notDone),
  };
  const returns = returnsOf(together.outputs, { calls, ids, entries, combined });
  const rich = isJsonObject(fallen) ? fallen : source.steps;
  const approved = (steps: JsonObject): JsonObject => withApprovals(steps, tools);
  const whole = { steps: approved({ ...rich, ...gathering }), ...together };
  const inWords = answering && withAnswerStep(whole, { request, taken, answering });
  const tries = [
    ...(inWords === undefined ? [] : [{ ...inWords, returns }, inWords]),
    { ...whole, returns },
    whole,
    { steps: approved(rich), ...apart },
    { steps: approved(source.steps), ...apart },
    { steps: approved(source.steps), outputs: source.outputs },
  ];
  const checked = tries.map((rest) => () => checkedRest(rest, around));
  let last: CheckedRest = { ok: false, findings: [] };
  for (const check of checked) {
    last = check();
    if (last.ok) return last;
  }
  return last;
}

/** What is on this machine is there or is not: what it was once is no answer. */
function pastOf({ answers = [] }: PlanningGrounds): Past {
  const known = new Map(answers.map((answer) => [`${answer.tool} ${answer.hash}`, answer]));
  return (tool, hash) => (isAmong(tool, LOCAL) ? undefined : known.get(`${tool} ${hash}`));
}

const LOCAL = ["fs.*", "text.*", "json.*", "csv.*", "git.*"];

/** W2. */
function cachedIn({ chosen }: WithFallbacks, steps: JsonObject): readonly CachedAnswer[] {
  return chosen.flatMap(({ step, before }): readonly CachedAnswer[] => {
    const [, id = ""] = step.split(".");
    const written = steps[id];
    const tool = written !== undefined && isJsonObject(written) ? written["tool"] : undefined;
    return before === undefined || typeof tool !== "string" ? [] : [{ id, tool, ...before }];
  });
}
