import { fact } from "#events/catalog.ts";
import type { CommandOf } from "#events/commands.ts";
import { accepted, rejected, unstarted, type Decider, type Rejection } from "#machines/decide/decision.ts";
import { draftedOf, isEnded, planStateOf, type PlanView } from "#machines/state.ts";

/** Nothing starts until the plan is resumed; what runs may end, and deadlines go on unless the plan says otherwise. */
export const pausePlan: Decider<CommandOf<"PausePlan">> = ({ note }, state, { epoch }) => {
  const value = planStateOf(state);
  if (value === "paused") return { kind: "duplicate" };
  const said = note === undefined ? {} : { note };
  return value === "running" ? accepted(fact("PlanPaused", { epoch, ...said })) : refusalOf(state, "paused");
};

export const resumePlan: Decider<CommandOf<"ResumePlan">> = ({ note }, state, { epoch, now }) => {
  const value = planStateOf(state);
  if (value === "running") return { kind: "duplicate" };
  if (value !== "paused") return refusalOf(state, "resumed");
  const stoodStill = draftedOf(state).definition.pauseStopsClock === true;
  return accepted(
    fact("PlanResumed", {
      epoch,
      ...(note === undefined ? {} : { note }),
      ...(stoodStill ? { shiftMs: Math.max(0, now - state.header.context.pausedAt) } : {}),
    }),
  );
};

function refusalOf(state: PlanView, wanted: string): Rejection {
  const value = planStateOf(state);
  const ended = rejected("plan-ended", `plan ${state.planId} has already ${value}; it cannot be ${wanted}`);
  const ending = rejected("plan-ending", `plan ${state.planId} is ${value}; it cannot be ${wanted} any more`);
  return unstarted(state) ?? (isEnded(state) ? ended : ending);
}
