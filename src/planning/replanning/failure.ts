import { z } from "zod";
import { planDefinition, restOfPlan, type PlanDefinition, type StepDefinition } from "#events/definition.ts";
import { errorInfo } from "#events/errors.ts";
import { json, type JsonObject } from "#events/json.ts";
import { STEP_STATES } from "#machines/step-chart.ts";
import type { Cause, Replanning, StepOutcome } from "#src/planning/replanning/situation.ts";

// What the engine tells a step that replans (its argument `failure`), as replanning wants it.
//
// F1. What failed before an earlier replanning is told by the planning step that was added then: it is still in the plan.

const outcome = z.object({
  state: z.enum(STEP_STATES),
  error: errorInfo.optional(),
  argsHash: z.string().optional(),
});
const outcomes = z.record(z.string(), outcome);

const failure = z.object({
  /** Which replanning of the plan it is, from 1. */
  number: z.int().min(1),
  plan: restOfPlan,
  outcomes,
  /** Outputs by step. */
  done: z.record(z.string(), json),
});

export type Failure = Pick<Replanning, "definition" | "outcomes" | "tried" | "replannings" | "cause">;

/** Undefined where it is none, or says of no step that it failed. */
export function failureFrom(given: unknown): Failure | undefined {
  const read = failure.safeParse(given);
  const parsed = read.success ? planDefinition.safeParse({ name: "rest", ...read.data.plan }) : undefined;
  if (!read.success || parsed?.success !== true) return undefined;
  const { number, done } = read.data;
  const { data: definition } = parsed;
  const known = Object.entries(read.data.outcomes).map(([id, one]): [string, StepOutcome] => {
    const output = Object.hasOwn(done, id) ? done[id] : undefined;
    return [id, { ...outcomeOf(one), ...(output === undefined ? {} : { output }) }];
  });
  const ended = Object.fromEntries(known);
  const cause = causeIn(definition, ended);
  const tried = [...hashesIn(read.data.outcomes), ...definition.steps.flatMap(toldBefore)];
  return cause === undefined ? undefined : { definition, outcomes: ended, tried, replannings: number - 1, cause };
}

function outcomeOf({ state, error, argsHash }: z.infer<typeof outcome>): StepOutcome {
  if (error === undefined) return { state };
  const isUnread = state === "failed" && argsHash === undefined && error.category === "validation";
  return { state, error, ...(isUnread ? { isUnread } : {}) };
}

/** The first that failed although all it needed was there. */
function causeIn({ steps }: PlanDefinition, ended: Replanning["outcomes"]): Cause | undefined {
  const failed = steps.filter(({ id }) => ended[id]?.state === "failed");
  const first = failed.find(({ needs }) => needs.every((need) => ended[need]?.state === "succeeded")) ?? failed[0];
  return first === undefined ? undefined : { kind: "failed", step: first.id };
}

/** F1. */
function toldBefore(step: StepDefinition): readonly string[] {
  if (step.kind !== "tool" || step.revises !== true) return [];
  const told: JsonObject = step.call.with ?? {};
  const read = z.object({ outcomes }).safeParse(told["failure"]);
  return read.success ? hashesIn(read.data.outcomes) : [];
}

function hashesIn(ended: z.infer<typeof outcomes>): readonly string[] {
  return Object.values(ended).flatMap(({ state, argsHash }) =>
    state === "failed" && argsHash !== undefined ? [argsHash] : [],
  );
}
