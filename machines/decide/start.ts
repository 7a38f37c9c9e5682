import { contentHash } from "#events/canonical.ts";
import { fact } from "#events/catalog.ts";
import type { CommandOf } from "#events/commands.ts";
import type { Json } from "#events/json.ts";
import { inline } from "#events/payload.ts";
import { accepted, rejected, type Decider } from "#machines/decide/decision.ts";
import { stepGraph, topologicalOrder } from "#machines/graph.ts";
import { planStateOf } from "#machines/state.ts";
import { CURRENT_MACHINE } from "#machines/versions.ts";

/** A plan given as data starts with its definition at once. */
export const startPlan: Decider<CommandOf<"StartPlan">> = ({ definition, inputs }, state, { now, epoch }) => {
  if (planStateOf(state) !== "undrafted") return { kind: "duplicate" };
  const sorted = topologicalOrder(stepGraph(definition));
  if ("cycle" in sorted) {
    const names = sorted.cycle.map((index) => definition.steps[index]?.id ?? "?");
    return rejected("cyclic-plan", `steps need each other: ${[...names, names[0] ?? "?"].join(" → ")}`);
  }
  const source = definition as Json;
  return accepted(
    fact("PlanDrafted", {
      name: definition.name,
      edition: 1,
      machine: CURRENT_MACHINE,
      definition: inline(source),
      definitionHash: contentHash(source),
      steps: definition.steps.length,
    }),
    fact("PlanStarted", {
      epoch,
      inputs: inline(inputs),
      ...(definition.deadlineMs === undefined ? {} : { deadlineAt: now + definition.deadlineMs }),
    }),
  );
};
