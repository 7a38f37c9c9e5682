import type { PlanId } from "#events/ids.ts";
import type { Workshop } from "#src/executor/attempt.ts";

/**
 * What each plan may touch and use, remembered beyond the process that started it. It comes from the person who started
 * the plan, never from the plan.
 */
export interface Admissions {
  /** Remembers, before a plan's first fact, that it gets what this process gives to all. */
  begin(plan: PlanId): Promise<void>;
  /**
   * What a plan gets that goes on here; undefined for what this process gives to all. Faults: those of loading tools,
   * e.g. `tool-module-missing`, and `root-unusable`.
   */
  recall(plan: PlanId): Promise<Workshop | undefined>;
}

/** All plans get what the engine was given, and nothing is remembered. */
export const ALIKE: Admissions = { begin: async () => undefined, recall: async () => undefined };
