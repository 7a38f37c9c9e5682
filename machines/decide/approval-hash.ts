import { contentHash } from "#events/canonical.ts";
import type { StepDefinition } from "#events/definition.ts";
import type { Json } from "#events/json.ts";
import type { Block } from "#machines/block.ts";
import type { Blobs } from "#machines/blobs.ts";
import { essenceOf } from "#machines/essence.ts";
import { evaluate, type Evaluated } from "#machines/evaluate.ts";
import { definitionAt, draftedOf, recordAt, type PlanState, type PlanView } from "#machines/state.ts";

// What exactly is approved of a step: its definition with the versions of its tools, also of those inside it, and its
// arguments, resolved where they can be, else as they are written. A change of any of that is another hash.

export interface StepHashes {
  /** Of the step as it is written. */
  readonly written: string;
  /** With its arguments as they are now; undefined where they cannot be resolved yet. */
  readonly resolved: { readonly hash: string; readonly args: Json } | undefined;
}

export type MissingBlobs = Extract<Evaluated, { kind: "needs-blobs" }>;

export function approvalHashes(state: PlanState, index: number, blobs: Blobs): StepHashes | MissingBlobs {
  const step = definitionAt(state, index);
  const written = essenceOf(step, draftedOf(state).definition);
  const { scope } = recordAt(state, index);
  const args = evaluate(state, { scope, key: `${step.id}/approval`, source: argumentsOf(step) ?? null }, blobs);
  if (args.kind === "needs-blobs") return args;
  const hash = contentHash(written);
  if (args.kind === "error") return { written: hash, resolved: undefined };
  return { written: hash, resolved: { hash: contentHash({ ...written, arguments: args.value }), args: args.value } };
}

/** The arguments that the step starts with, as a template; undefined for a step without any. */
function argumentsOf(step: StepDefinition): Json | undefined {
  if (step.kind === "tool") return step.call.with;
  if (step.kind === "call") return step.with;
  if (step.kind === "each") return step.items;
  return step.kind === "value" ? step.value : undefined;
}

/** Whether the step, or one inside it, has effects that nothing takes back. */
export function isIrreversible(state: PlanView, index: number): boolean {
  const scope = state.steps[index]?.scope;
  return scope !== undefined && isIrreversibleIn(scope.block, index - scope.base);
}

function isIrreversibleIn({ steps, inner }: Block, local: number): boolean {
  const step = steps[local];
  if (step?.kind === "tool") return step.irreversible === true;
  const block = inner[local];
  return block?.steps.some((_, within) => isIrreversibleIn(block, within)) ?? false;
}
