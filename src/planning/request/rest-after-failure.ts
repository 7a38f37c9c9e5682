import { z } from "zod";
import type { RestOfPlan } from "#events/definition.ts";
import { isJsonObject, type Json, type JsonObject } from "#events/json.ts";
import { analysed } from "#src/planning/analysis/analyse.ts";
import { failureFrom, type Failure } from "#src/planning/replanning/failure.ts";
import { replanned } from "#src/planning/replanning/replanned.ts";
import type { PlanningGrounds, PlanningRefusal } from "#src/planning/request/planned.ts";
import { plannable } from "#src/planning/request/planning.ts";
import { narrowed } from "#src/planning/request/request-grants.ts";
import { withApprovals } from "#src/planning/request/approvals.ts";
import { checkedRest } from "#src/planning/request/plan-rest.ts";

// What a request's plan does instead where a step of it failed for good: the rest that replanning finds, checked as every rest is, or why
// there is none. A question that only a person can answer ends the plan with that question.

interface Failed {
  readonly request: string;
  /** As the engine tells it. */
  readonly failure: unknown;
}

type RestAfter =
  | {
      readonly kind: "plan";
      readonly rest: RestOfPlan;
      /** What is done instead, and why. */
      readonly explanation: string;
      /** Line by line. */
      readonly changes: readonly string[];
    }
  | PlanningRefusal;

export function restAfter({ request, failure }: Failed, given: PlanningGrounds): RestAfter {
  const told = failureFrom(failure);
  const grounds = told === undefined ? given : keeping(told, given);
  const analysis = analysed(request, { now: grounds.now });
  if (told === undefined || analysis.kind === "unreadable") {
    return refusal("validation", "failure-malformed", "nothing was told of the failure");
  }
  const { granted, now } = grounds;
  const entries = plannable(grounds);
  const { forbidden = [] } = granted;
  const answer = replanned({ ...told, analysis: analysis.analysis, entries, forbidden, asked: [], now });
  if (answer.kind === "give-up") return refusal("not-found", "nothing-else", answer.reason);
  if (answer.kind === "ask") return refusal("not-found", "person-wanted", `${answer.step}: ${answer.question}`);
  const checked = restOf(answer, told, grounds);
  if (checked.ok) {
    return { kind: "plan", rest: checked.rest, explanation: answer.explanation, changes: answer.changes };
  }
  const why = checked.findings[0]?.message ?? "";
  return refusal("validation", "plan-not-valid", `what would be done instead cannot run: ${why}`);
}

/** What was kept of the request is kept of what is done instead. */
function keeping({ outcomes }: Failure, grounds: PlanningGrounds): PlanningGrounds {
  const forbidden = Object.values(outcomes).flatMap(({ output }) => {
    const { data } = keptConstraints.safeParse(output);
    return data?.constraints.flatMap((one) => one.forbidden) ?? [];
  });
  return { ...grounds, granted: narrowed(grounds.granted, forbidden) };
}

/** As the planning step has written it down. */
const keptConstraints = z.object({ constraints: z.array(z.object({ forbidden: z.array(z.string()) })) });

function refusal(category: PlanningRefusal["category"], code: string, message: string): PlanningRefusal {
  return { kind: "refusal", category, code, message };
}

/** With outputs and response as they were where they still can be. */
function restOf(
  { source, steps: written }: Extract<ReturnType<typeof replanned>, { kind: "rest" }>,
  told: Failure,
  { tools, granted }: PlanningGrounds,
) {
  const steps = withApprovals(written, tools);
  const { outputs, returns, respond } = source;
  const around = { tools, granted, done: doneIn(told) };
  const whole = checkedRest({ steps, outputs: objectOf(outputs), returns: objectOf(returns), respond }, around);
  return whole.ok ? whole : checkedRest({ steps }, around);
}

function objectOf(value: Json | undefined): JsonObject | undefined {
  return value !== undefined && isJsonObject(value) ? value : undefined;
}

function doneIn({ outcomes }: Failure): JsonObject {
  return Object.fromEntries(
    Object.entries(outcomes).flatMap(([id, { output }]): readonly [string, Json][] =>
      output === undefined ? [] : [[id, output]],
    ),
  );
}
