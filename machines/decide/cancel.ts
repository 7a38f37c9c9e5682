import { fact } from "#events/catalog.ts";
import type { CommandOf } from "#events/commands.ts";
import { accepted, rejected, type Decider } from "#machines/decide/decision.ts";
import { planStateOf } from "#machines/state.ts";

/** Nothing new starts; the plan is cancelled when every running attempt has answered or expired. */
export const cancelPlan: Decider<CommandOf<"CancelPlan">> = ({ note }, state, { epoch }) => {
  const said = note === undefined ? {} : { note };
  const value = planStateOf(state);
  if (value === "undrafted") return rejected("plan-unknown", `there is no plan ${state.planId}`);
  if (value === "drafted") return accepted(fact("PlanCancelled", { epoch, ...said }));
  if (value === "running" || value === "paused")
    return accepted(fact("PlanCancelRequested", { epoch, cause: "requested", ...said }));
  if (value === "cancelling" || value === "cancelled") return { kind: "duplicate" };
  if (value !== "rolling-back") return rejected("plan-ended", `plan ${state.planId} has already ${value}`);
  return rejected("plan-ending", `plan ${state.planId} is being rolled back, which is not cancelled halfway`);
};
