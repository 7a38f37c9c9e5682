import { contentHash } from "#events/canonical.ts";
import type { StepDefinition } from "#events/definition.ts";
import type { Json } from "#events/json.ts";
import type { Block } from "#machines/block.ts";
import type { Blobs } from "#machines/blobs.ts";
import { essenceOf } from "#machines/essence.ts";
import { evaluate, type Evaluated } from "#machines/evaluate.ts";
import { definitionAt, draftedOf, recordAt, type PlanState } from "#machines/state.ts";

// What exactly is approved of a step: its definition with the versions of its tools, also of those inside it, and its
// arguments, resolved where they can be, else as they are written. A change of any of that is another hash.

export interface StepHashes {
  /** Of the step as it is written. */
  readonly written: string;
  /** With its arguments resolved; undefined where they cannot be yet. */
  readonly resolved: string | undefined;
}

export function approvalHashes(state: PlanState, index: number, blobs: Blobs): Evaluated<StepHashes> {
  const step = definitionAt(state, index);
  const written = essenceOf(step, draftedOf(state).definition);
  const template = argumentsOf(step);
  const { scope } = recordAt(state, index);
  const args =
    template === undefined
      ? { kind: "value" as const, value: null }
      : evaluate(state, { scope, key: `${step.id}/approval`, source: template }, blobs);
  if (args.kind === "needs-blobs") return args;
  const resolved = args.kind === "value" ? contentHash({ ...written, arguments: args.value }) : undefined;
  return { kind: "value", value: { written: contentHash(written), resolved } };
}

/** The arguments that the step starts with, as a template; undefined for a step without any. */
export function argumentsOf(step: StepDefinition): Json | undefined {
  if (step.kind === "tool") return step.call.with;
  if (step.kind === "call") return step.with;
  if (step.kind === "each") return step.items;
  return step.kind === "value" ? step.value : undefined;
}

/** Whether the step, or one inside it, has effects that nothing takes back. */
export function isIrreversible(state: PlanState, index: number): boolean {
  const { scope } = recordAt(state, index);
  return isIrreversibleIn(scope.block, index - scope.base);
}

function isIrreversibleIn({ steps, inner }: Block, local: number): boolean {
  const step = steps[local];
  if (step?.kind === "tool") return step.irreversible === true;
  const block = inner[local];
  return block?.steps.some((_, within) => isIrreversibleIn(block, within)) ?? false;
}
