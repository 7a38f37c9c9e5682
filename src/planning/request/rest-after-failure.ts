import { z } from "zod";
import type { RestOfPlan } from "#events/definition.ts";
import { isJsonObject, jsonObject, type Json, type JsonObject } from "#events/json.ts";
import { analysed } from "#src/planning/analysis/analyse.ts";
import { failureFrom, type Failure } from "#src/planning/replanning/failure.ts";
import { partialWithout } from "#src/planning/replanning/leaving-out.ts";
import { replanned, type Replanned } from "#src/planning/replanning/replanned.ts";
import type { Answered } from "#src/planning/replanning/situation.ts";
import { askingInstead, isAskingInstead, type AskedInstead } from "#src/planning/request/asking-instead.ts";
import type { PlanningGrounds, PlanningRefusal } from "#src/planning/request/planned.ts";
import { plannable } from "#src/planning/request/planning.ts";
import { narrowed } from "#src/planning/request/request-grants.ts";
import { withApprovals } from "#src/planning/request/approvals.ts";
import { checkedRest } from "#src/planning/request/plan-rest.ts";

// What a request's plan does instead where a step of it failed for good: the rest that replanning finds, checked as every rest is; where
// there is none, a question; or why there is neither. What was answered comes back here, with the same failure.

interface Failed {
  readonly request: string;
  /** As the engine tells it. */
  readonly failure: unknown;
  /** What was said to the questions about it so far. */
  readonly answers: readonly Answered[];
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
  | AskedInstead
  | PlanningRefusal;

export function restAfter({ request, failure, answers }: Failed, given: PlanningGrounds): RestAfter {
  const told = failureFrom(failure);
  const grounds = told === undefined ? given : keeping(told, given);
  const analysis = analysed(request, { now: grounds.now });
  if (told === undefined || analysis.kind === "unreadable") {
    return refusal("validation", "failure-malformed", "nothing was told of the failure");
  }
  const silence = unanswered(told);
  if (silence !== undefined) return refusal("timeout", "nobody-answered", `nobody has answered: ${silence}`);
  const { granted, now } = grounds;
  const entries = plannable(grounds);
  const { forbidden = [] } = granted;
  const answer = replanned({ ...told, analysis: analysis.analysis, entries, forbidden, answers, now });
  switch (answer.kind) {
    case "rest":
      return restOf(answer, told, grounds);
    case "ask":
      return questionOf(answer, { failure, answers, told }, grounds);
    case "stopped":
      return refusal("cancelled", "person-stopped", answer.reason);
    case "give-up":
      return refusal("not-found", "nothing-else", answer.reason);
  }
}

/** The question that nobody has answered in its time. */
function unanswered({ definition: { steps }, outcomes }: Failure): string | undefined {
  const asked = steps.find(({ id }) => isAskingInstead(id) && outcomes[id]?.state === "failed");
  return asked === undefined ? undefined : (asked.description ?? asked.id);
}

function questionOf(
  asking: Extract<Replanned, { kind: "ask" }>,
  { failure, answers, told }: Pick<Failed, "failure" | "answers"> & { readonly told: Failure },
  grounds: PlanningGrounds,
): RestAfter {
  const done = doneIn(told);
  const { steps, respond: before } = told.definition;
  const open = steps.map(({ id }) => id).filter((id) => !Object.hasOwn(done, id));
  const respond = partialWithout(before, open);
  const asked = askingInstead({ asking, failure: jsonObject.parse(failure), answers, respond }, { ...grounds, done });
  return asked ?? refusal("not-found", "nothing-else", `${asking.question} Nobody could say what else to do.`);
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
  { source, steps: written, explanation, changes }: Extract<Replanned, { kind: "rest" }>,
  told: Failure,
  { tools, granted }: PlanningGrounds,
): RestAfter {
  const agreed = agreedIn(told);
  const steps = withApprovals(written, tools, agreed);
  const outputs = objectOf(source.outputs);
  const { respond } = source;
  const around = { tools, granted, done: doneIn(told), agreed };
  const tries = [
    { steps, outputs, returns: returnedOf(source, outputs), respond },
    { steps, outputs, respond },
  ];
  const whole = tries.map((rest) => checkedRest(rest, around)).find(({ ok }) => ok);
  const checked = whole ?? checkedRest({ steps }, around);
  if (checked.ok) return { kind: "plan", rest: checked.rest, explanation, changes };
  const why = checked.findings[0]?.message ?? "";
  return refusal("validation", "plan-not-valid", `what would be done instead cannot run: ${why}`);
}

/** What was left out is no longer promised. */
function returnedOf({ returns }: JsonObject, outputs: JsonObject = {}): JsonObject | undefined {
  const promised = Object.entries(objectOf(returns) ?? {}).filter(([name]) => Object.hasOwn(outputs, name));
  return promised.length === 0 ? undefined : Object.fromEntries(promised);
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

/** What nothing takes back was agreed to there. */
function agreedIn({ definition: { steps }, outcomes }: Failure): readonly string[] {
  return steps.flatMap(({ kind, id }) => (kind === "approve" && outcomes[id]?.state === "succeeded" ? [id] : []));
}
