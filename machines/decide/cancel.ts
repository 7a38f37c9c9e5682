import { fact } from "#events/catalog.ts";
import type { CommandOf } from "#events/commands.ts";
import { accepted, rejected, type Decider } from "#machines/decide/decision.ts";
import { planStateOf } from "#machines/state.ts";

/** Nothing new starts; the plan is cancelled when every running attempt has answered or expired. */
export const cancelPlan: Decider<CommandOf<"CancelPlan">> = ({ note }, state, { epoch }) => {
  const said = note === undefined ? {} : { note };
  switch (planStateOf(state)) {
    case "undrafted":
      return rejected("plan-unknown", `there is no plan ${state.planId}`);
    case "drafted":
      return accepted(fact("PlanCancelled", { epoch, ...said }));
    case "running":
      return accepted(fact("PlanCancelRequested", { epoch, cause: "requested", ...said }));
    case "cancelling":
    case "cancelled":
      return { kind: "duplicate" };
    case "succeeded":
    case "failed":
      return rejected("plan-ended", `plan ${state.planId} has already ${planStateOf(state)}`);
  }
};
