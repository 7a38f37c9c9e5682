import type { EachStep } from "#events/definition.ts";

/** Steps that a window of items brings into memory, at least as many items as run at once. */
const STEPS_PER_WINDOW = 1_000;

/** One after the last item of the window that begins with this one. */
export function windowEnd({ concurrency, body }: EachStep, from: number, total: number): number {
  return Math.min(total, from + Math.max(concurrency, Math.floor(STEPS_PER_WINDOW / body.steps.length)));
}
