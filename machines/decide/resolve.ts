import { fact } from "#events/catalog.ts";
import type { CommandOf } from "#events/commands.ts";
import { errorOf } from "#events/errors.ts";
import { accepted, rejected, type Decider, type Rejection } from "#machines/decide/decision.ts";
import { isRevising } from "#machines/revision.ts";
import { definitionAt, isEnded, planStateOf, type PlanState } from "#machines/state.ts";
import { findStep } from "#machines/step-path.ts";

/** A person answers for an attempt whose outcome is unknown: done with this output, run it again, or failed. */
export const resolveOutcome: Decider<CommandOf<"ResolveOutcome">> = ({ step, resolution }, state, { now }) => {
  const found = findStep(state, step);
  if (found === undefined) return rejected("unknown-step", `plan ${state.planId} has no step ${step}`);
  const refusal = refusalOf({ step, resolution, ...found }, state);
  if (refusal !== undefined) return refusal;
  const { attempt } = found.record.chart.context;
  switch (resolution.kind) {
    case "done":
      return accepted(fact("StepOutcomeResolved", { step, attempt, resolution }));
    case "retry":
      return accepted(fact("StepOutcomeResolved", { step, attempt, resolution: { kind: "retry", dueAt: now } }));
    case "fail": {
      const error = errorOf("unknown", "resolved-as-failed", resolution.note ?? "answered by a person: failed");
      return accepted(fact("StepOutcomeResolved", { step, attempt, resolution: { kind: "fail", error } }));
    }
  }
};

type Answer = Pick<CommandOf<"ResolveOutcome">, "step" | "resolution"> & NonNullable<ReturnType<typeof findStep>>;

function refusalOf({ step, resolution, record, index }: Answer, state: PlanState): Rejection | undefined {
  if (isEnded(state)) return rejected("plan-ended", `plan ${state.planId} has already ${planStateOf(state)}`);
  if (record.chart.value !== "unknown") {
    return rejected("outcome-known", `the outcome of ${step} is not unknown: the step is ${record.chart.value}`);
  }
  if (resolution.kind !== "done" || !isRevising(definitionAt(state, index))) return undefined;
  return rejected("rest-wanted", `the output of ${step} is how the plan goes on: let it run again`);
}
