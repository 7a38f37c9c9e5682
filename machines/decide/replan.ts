import type { Fact } from "#events/catalog.ts";
import type { PlanDefinition, Replan, StepDefinition } from "#events/definition.ts";
import { isJsonObject, type Json, type JsonObject } from "#events/json.ts";
import type { Moment } from "#machines/decide/decision.ts";
import { failedSteps, failureIn } from "#machines/decide/failures.ts";
import { keptSteps } from "#machines/decide/rest.ts";
import { revision } from "#machines/decide/revise.ts";
import { isRevising } from "#machines/revision.ts";
import { draftedOf, planStateOf, type PlanState } from "#machines/state.ts";
import type { StepRecord } from "#machines/step-record.ts";

// Steps failed for good, and the plan says who replans: instead of the end a step is added whose output says how the plan goes on.
//
// A1. Bounded by the plan, and what a planning step could not do is not replanned: it has said why.
// A2. What was done stays. The added step is given all that the plan is, what failed and why, and what was done, as data: nothing
//     that stands in there is evaluated again.

/** Plans of more steps fail as others do: what the added step is given has a bound. */
const MAX_STEPS = 500;
const REPLAN = "replan_";

/** The fact with which the plan goes on instead of failing; undefined where it is to fail. */
export function replanning(state: PlanState, moment: Moment): Fact | undefined {
  const { definition } = draftedOf(state);
  const { replan, steps } = definition;
  const { root } = state;
  if (replan === undefined || root === undefined || planStateOf(state) !== "running") return undefined;
  const number = steps.filter((step) => isRevising(step) && step.id.startsWith(REPLAN)).length + 1;
  if (number > replan.max || steps.length > MAX_STEPS) return undefined;
  const kept = keptSteps(state);
  const failed = steps.filter((_, local) => recordOf(state, local)?.chart.value === "failed");
  // A failed step that begun ones need stays, and so does the failure.
  if (failed.some((step) => isRevising(step) || kept.includes(step))) return undefined;
  const added = addedStep(state, { replan, number, kept });
  const names = failedSteps(state, root);
  return revision(
    {
      definition: { ...definition, steps: [...kept, added] },
      cause: { kind: "failure", failed: names, error: failureIn(state, root) },
    },
    state,
    moment,
  );
}

interface Adding {
  readonly replan: Replan;
  readonly number: number;
  readonly kept: readonly StepDefinition[];
}

function addedStep(state: PlanState, { replan: { call, retry }, number, kept }: Adding): StepDefinition {
  const { definition } = draftedOf(state);
  const readable = kept.filter((step) => isReadable(step, recordNamed(state, step.id))).map(({ id }) => id);
  return {
    kind: "tool",
    id: `${REPLAN}${number}`,
    needs: readable,
    join: "all",
    fallback: [],
    call: {
      ...call,
      with: {
        ...call.with,
        failure: {
          number,
          plan: literal(planOf(definition)),
          outcomes: literal(outcomesOf(state, definition)),
          done: Object.fromEntries(readable.map((id) => [id, `\${steps.${id}.output}`])),
        },
      },
    },
    retry,
    unknown: "ask",
    revises: true,
  };
}

/** What needs an approval is covered by it, and asks for it: planning is not what was agreed to. What planned before has written no data. */
function isReadable(step: StepDefinition, record: Readonly<StepRecord> | undefined): boolean {
  if (step.kind === "approve" || isRevising(step) || record?.chart.value !== "succeeded") return false;
  return record.output !== undefined && "inline" in record.output;
}

/** What of the definition is to go on. */
function planOf({ steps, outputs, returns, respond, calls }: PlanDefinition): JsonObject {
  return {
    steps: steps.map(withoutOlderPlan) as unknown as Json,
    ...(outputs === undefined ? {} : { outputs }),
    ...(returns === undefined ? {} : { returns }),
    ...(respond === undefined ? {} : { respond }),
    ...(calls === undefined ? {} : { calls: calls as unknown as Json }),
  };
}

/** What a step that replanned before was told of the plan by then: told again each time, it would double. */
function withoutOlderPlan(step: StepDefinition): StepDefinition {
  if (step.kind !== "tool" || !isRevising(step)) return step;
  const { failure, ...given } = step.call.with ?? {};
  if (!isJsonObject(failure)) return step;
  const { plan: _, ...told } = failure;
  return { ...step, call: { ...step.call, with: { ...given, failure: told } } };
}

function outcomesOf(state: PlanState, { steps }: PlanDefinition): JsonObject {
  return Object.fromEntries(
    steps.map(({ id }, local): [string, JsonObject] => {
      const record = recordOf(state, local);
      const { error } = record ?? {};
      const last = record?.attempts.at(-1);
      return [
        id,
        {
          state: record?.chart.value ?? "pending",
          ...(error === undefined ? {} : { error: { ...error } as JsonObject }),
          ...(last === undefined ? {} : { tool: last.tool, argsHash: last.argsHash }),
        },
      ];
    }),
  );
}

/** A2. Names of members are no templates. */
function literal(value: Json): Json {
  if (typeof value === "string") return value.replaceAll("${", "$$${");
  if (Array.isArray(value)) return value.map(literal);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, literal(inner)]));
}

function recordNamed(state: PlanState, id: string): Readonly<StepRecord> | undefined {
  return recordOf(state, draftedOf(state).graph.indexOf.get(id) ?? -1);
}

function recordOf({ steps, root }: PlanState, local: number): Readonly<StepRecord> | undefined {
  return steps[(root?.base ?? 0) + local];
}
