// The state that facts lead to, all recorded at one moment, and what a refusal by the fold looks like.
import { expect } from "vitest";
import type { Fact } from "#events/catalog.ts";
import { fold } from "#machines/fold.ts";
import { emptyState, recordAt, type PlanState } from "#machines/state.ts";
import { stepIndex } from "#machines/step-path.ts";
import { GIVEN_AT, PLAN } from "./plans.ts";

export function after(...facts: readonly (Fact | readonly Fact[])[]): PlanState {
  return further(emptyState(PLAN), ...facts);
}

/** The same state, with more facts in it. */
export function further(state: PlanState, ...facts: readonly (Fact | readonly Fact[])[]): PlanState {
  for (const each of facts.flat()) fold(state, { fact: each, at: GIVEN_AT });
  return state;
}

export const recordOf = (state: PlanState, path: string) => recordAt(state, stepIndex(state, path));

export const refused = (code: string): unknown => expect.objectContaining({ code });
