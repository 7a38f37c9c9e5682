import { contentHash } from "#events/canonical.ts";
import { fact } from "#events/catalog.ts";
import type { CommandOf } from "#events/commands.ts";
import type { PlanDefinition, StepDefinition } from "#events/definition.ts";
import { Fault } from "#events/fault.ts";
import type { Json } from "#events/json.ts";
import { inline } from "#events/payload.ts";
import { accepted, rejected, type Decider, type Rejection } from "#machines/decide/decision.ts";
import { planBlock } from "#machines/block.ts";
import { stepGraph, topologicalOrder } from "#machines/graph.ts";
import { planStateOf } from "#machines/state.ts";
import { CURRENT_MACHINE } from "#machines/versions.ts";

// How a plan begins. Doors have checked the definition against its schema; what a schema cannot say of it (ids that are
// there once, needs that exist, no cycle) is refused here, so that the fold and every later decision take it for granted.

/** A plan given as data starts with its definition at once. One that was only drafted so far starts if it is the same. */
export const startPlan: Decider<CommandOf<"StartPlan">> = ({ definition, inputs }, state, { now, epoch, blobs }) => {
  const source = definition as Json;
  const definitionHash = blobs?.prepared?.hashOf(source) ?? contentHash(source);
  const started = fact("PlanStarted", {
    epoch,
    inputs: inline(inputs),
    ...(definition.deadlineMs === undefined ? {} : { deadlineAt: now + definition.deadlineMs }),
  });
  const isDrafted = planStateOf(state) === "drafted" && state.drafted?.definitionHash === definitionHash;
  if (isDrafted) return accepted(started);
  if (planStateOf(state) !== "undrafted") return { kind: "duplicate" };
  const flaw = flawOf(definition);
  if (flaw !== undefined) return flaw;
  return accepted(
    fact("PlanDrafted", {
      name: definition.name,
      edition: 1,
      machine: CURRENT_MACHINE,
      definition: inline(source),
      definitionHash,
      steps: definition.steps.length,
    }),
    started,
  );
};

/** What a schema cannot say of a definition, and every later decision takes for granted. */
export function flawOf(definition: PlanDefinition): Rejection | undefined {
  const plans = [definition, ...Object.values(definition.calls ?? {})];
  for (const { steps } of plans) {
    const flaw = flawIn(steps);
    if (flaw !== undefined) return flaw;
  }
  return flawOfCalls(definition);
}

/** Calls that lead nowhere, in a circle, or too deep. */
function flawOfCalls(definition: PlanDefinition): Rejection | undefined {
  if (!definition.steps.some(({ kind }) => kind === "each" || kind === "repeat" || kind === "call")) return undefined;
  try {
    planBlock(definition);
    return undefined;
  } catch (error) {
    if (Fault.is(error, "recursive-call") || Fault.is(error, "unknown-plan") || Fault.is(error, "too-deep")) {
      return rejected(error.code, error.message);
    }
    throw error;
  }
}

function flawIn(steps: readonly StepDefinition[]): Rejection | undefined {
  const own = flawOfSteps(steps);
  if (own !== undefined) return own;
  for (const step of steps) {
    if (step.kind !== "each" && step.kind !== "repeat") continue;
    const inner = flawIn(step.body.steps);
    if (inner !== undefined) return inner;
  }
  return undefined;
}

function flawOfSteps(steps: readonly StepDefinition[]): Rejection | undefined {
  const ids = new Set<string>();
  for (const { id } of steps) {
    if (ids.has(id)) return rejected("duplicate-step", `two steps are called ${id}`);
    ids.add(id);
  }
  for (const { id, needs } of steps) {
    const missing = needs.find((need) => !ids.has(need));
    if (missing !== undefined) return rejected("unknown-need", `step ${id} needs ${missing}, which is not in the plan`);
  }
  const sorted = topologicalOrder(stepGraph({ steps }));
  if (!("cycle" in sorted)) return undefined;
  const names = sorted.cycle.map((index) => steps[index]?.id ?? "?");
  return rejected("cyclic-plan", `steps need each other: ${[...names, names[0] ?? "?"].join(" → ")}`);
}
