import type { Action } from "#src/implementation/changes/action.ts";
import type { Misfit } from "./misfit.ts";

/** What a language model has proposed for a gap, or why there is nothing. */
export type Proposal =
  | {
      /** As the configuration names it. */
      readonly model: string;
      readonly title?: string;
      readonly actions: readonly Action[];
    }
  | Misfit;

export const NO_PROPOSAL: Proposal = {
  code: "remedy-without-model",
  reason: "it asks a language model, and none is in use",
};
