import { fact } from "#events/catalog.ts";
import type { CommandOf } from "#events/commands.ts";
import { accepted, rejected, unstarted, type Decider, type Rejection } from "#machines/decide/decision.ts";
import { draftedOf, planStateOf, type PlanView } from "#machines/state.ts";
import { irreversibleIn, stepsOfPart } from "#machines/undoing.ts";

// Somebody wants back what a plan has done. Irreversible steps are named before anything runs: without a word that they
// were seen, nothing starts.

type RollbackPlan = CommandOf<"RollbackPlan">;

/** Steps named in one refusal or fact. */
const MAX_NAMED = 100;

export const rollbackPlan: Decider<RollbackPlan> = (command, state, { epoch }) => {
  const { from, to, note } = command;
  const refusal = rollbackRefusal(command, state);
  if (refusal !== undefined) return refusal;
  if (planStateOf(state) === "rolling-back") return { kind: "duplicate" };
  const irreversible = irreversibleOf(state, command);
  if (irreversible.length > 0 && command.acceptIrreversible !== true) {
    const named = irreversible.join(", ");
    return rejected("irreversible-steps", `nothing takes back ${named}; say that they may stay as they are`);
  }
  return accepted(
    fact("PlanRollbackStarted", {
      epoch,
      cause: "requested",
      number: state.rollbacks.length + 1,
      irreversible,
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      ...(note === undefined ? {} : { note }),
    }),
  );
};

/** Of a part of a plan, the steps that have happened for good. */
export function irreversibleOf(state: PlanView, part: Pick<RollbackPlan, "from" | "to">): string[] {
  if (state.root === undefined) return [];
  return irreversibleIn(state, state.root, stepsOfPart(draftedOf(state), part)).slice(0, MAX_NAMED);
}

/** Why a plan cannot be rolled back now, or not so; undefined where it can. */
export function rollbackRefusal({ from, to }: RollbackPlan, state: PlanView): Rejection | undefined {
  const value = planStateOf(state);
  const refusal = unstarted(state);
  if (refusal !== undefined) return refusal;
  if (value === "cancelling") {
    return rejected("plan-ending", `plan ${state.planId} is being cancelled; roll it back when that is done`);
  }
  const unknown = [from, to].find((id) => id !== undefined && !draftedOf(state).graph.indexOf.has(id));
  if (unknown === undefined) return undefined;
  return rejected("unknown-step", `plan ${state.planId} has no step ${unknown} of its own to roll back from or to`);
}
