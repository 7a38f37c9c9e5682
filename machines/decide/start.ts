import { contentHash } from "#events/canonical.ts";
import { fact } from "#events/catalog.ts";
import type { CommandOf } from "#events/commands.ts";
import type { PlanDefinition } from "#events/definition.ts";
import type { Json } from "#events/json.ts";
import { inline } from "#events/payload.ts";
import { accepted, rejected, type Decider, type Rejection } from "#machines/decide/decision.ts";
import { stepGraph, topologicalOrder } from "#machines/graph.ts";
import { planStateOf } from "#machines/state.ts";
import { CURRENT_MACHINE } from "#machines/versions.ts";

// How a plan begins. Doors have checked the definition against its schema; what a schema cannot say of it (ids that are
// there once, needs that exist, no cycle) is refused here, so that the fold and every later decision take it for granted.

/** A plan given as data starts with its definition at once. */
export const startPlan: Decider<CommandOf<"StartPlan">> = ({ definition, inputs }, state, { now, epoch }) => {
  if (planStateOf(state) !== "undrafted") return { kind: "duplicate" };
  const flaw = flawOf(definition);
  if (flaw !== undefined) return flaw;
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

/** What a schema cannot say of a definition, and every later decision takes for granted. */
function flawOf(definition: PlanDefinition): Rejection | undefined {
  const ids = new Set<string>();
  for (const { id } of definition.steps) {
    if (ids.has(id)) return rejected("duplicate-step", `two steps are called ${id}`);
    ids.add(id);
  }
  for (const { id, needs } of definition.steps) {
    const missing = needs.find((need) => !ids.has(need));
    if (missing !== undefined) return rejected("unknown-need", `step ${id} needs ${missing}, which is not in the plan`);
  }
  const sorted = topologicalOrder(stepGraph(definition));
  if (!("cycle" in sorted)) return undefined;
  const names = sorted.cycle.map((index) => definition.steps[index]?.id ?? "?");
  return rejected("cyclic-plan", `steps need each other: ${[...names, names[0] ?? "?"].join(" → ")}`);
}
